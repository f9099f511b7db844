/** A server of Node on loopback that keeps count of its connections, and ends them with itself. */
import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import type { Closable } from './closable.ts';

/** A server that runs. */
export interface RunningServer extends Closable {
  readonly port: number;
  /** `http://127.0.0.1:port`, or the same with `https:`. */
  readonly url: string;
  /** The connections that are open now, as the server sees them. */
  readonly open: ReadonlySet<Socket>;
  /** How many connections it has ever accepted. */
  readonly accepted: number;
}

/**
 * Starts a server on 127.0.0.1. It has no time limits of its own, so that its clients decide how long a connection lives.
 *
 * @param server made by `createServer` of `node:http`, `node:https` or `node:net`
 * @param port 0 for any port that is free
 */
export async function startServer(server: Server, port = 0): Promise<RunningServer> {
  const open = new Set<Socket>();
  let accepted = 0;
  server.on('connection', (socket: Socket) => {
    accepted += 1;
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    // A client may vanish at any time.
    socket.on('error', () => {});
  });
  if ('keepAliveTimeout' in server)
    Object.assign(server, { keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 });
  const closed = new Promise<void>((resolve) => server.once('close', resolve));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const bound = (server.address() as AddressInfo).port;
  return {
    port: bound,
    url: `${server instanceof TlsServer ? 'https' : 'http'}://127.0.0.1:${bound}`,
    open,
    get accepted() {
      return accepted;
    },
    async close() {
      server.close();
      await Promise.all([...open].map((socket) => new Promise((resolve) => socket.once('close', resolve).destroy())));
      await closed;
    },
  };
}
