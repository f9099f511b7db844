/** The proxy in front of the embedded site: it wants a name and a password, and asks our DNS server for the site. */

import type { LookupAddress, LookupOptions } from 'node:dns';
import { Resolver } from 'node:dns';
import { Server } from 'proxy-chain';
import { Sockets } from './sockets.ts';

export interface Proxy {
  readonly port: number;
  /** Tunnels asked for, those that were refused included. */
  readonly tunnels: number;
  close(): Promise<void>;
}

export interface ProxyOptions {
  readonly username: string;
  readonly password: string;
  /** The DNS server, as `host:port`. */
  readonly nameserver: string;
}

type LookupCallback = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

/** Starts the proxy on a free port of the loopback interface. */
export async function startProxy({ username, password, nameserver }: ProxyOptions): Promise<Proxy> {
  const resolver = new Resolver();
  resolver.setServers([nameserver]);

  const lookup = (name: string, options: LookupOptions, callback: LookupCallback): void => {
    resolver.resolve4(name, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error !== null) callback(error, []);
      else if (first === undefined) callback(new Error(`${name} has no address`), []);
      else if (options.all)
        callback(
          null,
          addresses.map((address) => ({ address, family: 4 })),
        );
      else callback(null, first, 4);
    });
  };

  const server = new Server({
    host: '127.0.0.1',
    port: 0,
    authRealm: 'library',
    prepareRequestFunction: (request) => ({
      requestAuthentication: request.username !== username || request.password !== password,
      failMsg: 'This proxy wants a name and a password.',
      dnsLookup: lookup as NonNullable<typeof import('node:dns')['lookup']>,
    }),
  });
  const sockets = new Sockets();
  server.server.on('connection', sockets.add);
  await server.listen();
  return {
    get port() {
      return server.port;
    },
    get tunnels() {
      return server.stats.connectRequestCount;
    },
    async close() {
      resolver.cancel();
      const closed = server.close();
      await sockets.destroy();
      await closed;
    },
  };
}
