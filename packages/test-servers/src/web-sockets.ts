/** A WebSocket server of the package `ws`. */
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import { SERVER_CERT, SERVER_KEY } from './certificates.ts';
import { type RunningServer, startServer } from './server.ts';

export interface RunningWebSockets extends RunningServer {
  /** The server of `ws`, with its clients. */
  readonly sockets: WebSocketServer;
}

/** What `ws` takes, except where it listens. */
export interface WebSocketsOptions extends Omit<ServerOptions, 'server' | 'port' | 'host' | 'noServer'> {
  /** Whether the server speaks TLS. */
  readonly secure?: boolean;
}

/** Talks to each client as `onConnection` says. */
export async function startWebSockets(
  onConnection: (socket: WebSocket, request: IncomingMessage) => void,
  { secure = false, ...options }: WebSocketsOptions = {},
): Promise<RunningWebSockets> {
  const server = secure ? createSecureServer({ cert: SERVER_CERT, key: SERVER_KEY }) : createServer();
  const sockets = new WebSocketServer({ ...options, server });
  sockets.on('connection', onConnection);
  return Object.assign(await startServer(server), { sockets });
}
