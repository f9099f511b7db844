/** HTTP servers, and servers that look like one to a client that does not look closely. */
import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer as createHttps, type ServerOptions } from 'node:https';
import { createServer as createTcp, type Socket } from 'node:net';
import { SERVER_CERT, SERVER_KEY } from './certificates.ts';
import { type RunningServer, startServer } from './server.ts';

export function startHttp(handler: RequestListener): Promise<RunningServer> {
  return startServer(createHttp(handler));
}

/** An HTTPS server with `SERVER_CERT`. */
export function startHttps(handler: RequestListener, options: ServerOptions = {}): Promise<RunningServer> {
  return startServer(createHttps({ cert: SERVER_CERT, key: SERVER_KEY, ...options }, handler));
}

/** Gives every connection to `handler` as it is, with its number from 0 on. */
export function startTcp(handler: (socket: Socket, index: number) => void): Promise<RunningServer> {
  let index = 0;
  return startServer(createTcp({ allowHalfOpen: true }, (socket) => handler(socket, index++)));
}

/** A server that sends what it was given, whatever it is asked. */
export interface CannedServer extends RunningServer {
  /** The heads of the requests, with their blank lines. */
  readonly heads: readonly string[];
}

/** Sends the next of `answers`, byte for byte, as soon as the head of a request has come; the last one again and again. */
export async function startCanned(...answers: readonly (string | Uint8Array)[]): Promise<CannedServer> {
  const heads: string[] = [];
  const server = await startTcp((socket) => {
    let head = '';
    socket.on('data', (chunk) => {
      head += chunk.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      socket.write(answers[Math.min(heads.length, answers.length - 1)] ?? '');
      heads.push(head);
      head = '';
    });
    socket.on('end', () => socket.end());
  });
  return Object.assign(server, { heads });
}
