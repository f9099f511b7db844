/** A server of Node on a free port of the loopback interface, as a resource. */
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import type { Resource } from '@coloop/core';
import { Sockets } from '../site-checker/world/sockets.ts';
import { closing } from './closing.ts';

export interface LocalServer {
  readonly port: number;
  /** Connections that are open at the moment. */
  readonly open: number;
  /** Connections so far. */
  readonly seen: number;
  close(): Promise<void>;
}

async function listen(server: Server, port: number): Promise<LocalServer> {
  const sockets = new Sockets();
  server.on('connection', sockets.add);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get open() {
      return sockets.open;
    },
    get seen() {
      return sockets.seen;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      await sockets.destroy();
      await closed;
    },
  };
}

/**
 * Starts `server` when it is acquired, and ends it with all its connections at the end of the scope.
 *
 * @param server made by `createServer` of `node:http`, `node:https` or `node:net`
 * @param port 0 for any that is free
 */
export function localServer(server: Server, port = 0): Resource<LocalServer> {
  return closing(() => listen(server, port));
}
