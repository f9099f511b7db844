/** Ports of 127.0.0.1. */
import { connect } from 'node:net';
import { startTcp } from './http.ts';

/** A port that nothing listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = await startTcp(() => {});
  await server.close();
  return server.port;
}

/** Whether a connection to the port is accepted. */
export function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
