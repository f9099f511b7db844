/** HTTP servers, and servers that look like one to a client that does not look closely. */
import { createServer as createHttp, type RequestListener } from 'node:http';
import {
  createServer as createHttp2,
  createSecureServer as createHttp2Tls,
  type Http2SecureServer,
  type Http2Server,
  type ServerOptions as Http2ServerOptions,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type SecureServerOptions,
  type ServerHttp2Stream,
} from 'node:http2';
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

/** Answers a request over HTTP/2; with `allowHTTP1` one over HTTP/1.1, which has no stream, as well. */
export type Http2Listener = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

/** A server of HTTP/2 without TLS, for clients that know it beforehand. */
export function startHttp2(handler: Http2Listener, options: Http2ServerOptions = {}): Promise<RunningServer> {
  return startServer(quiet(createHttp2(options, handler)));
}

/** A server of HTTP/2 with `SERVER_CERT`. */
export function startHttp2Tls(handler: Http2Listener, options: SecureServerOptions = {}): Promise<RunningServer> {
  return startServer(quiet(createHttp2Tls({ cert: SERVER_CERT, key: SERVER_KEY, ...options }, handler)));
}

// A client may vanish or cancel at any time.
function quiet<S extends Http2Server | Http2SecureServer>(server: S): S {
  server.on('sessionError', () => {});
  server.on('stream', (stream: ServerHttp2Stream) => stream.on('error', () => {}));
  return server;
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
