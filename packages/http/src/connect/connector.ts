import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Operation } from '@coloop/core';
import { ClientConnectorError, ClientProxyConnectionError } from '../errors.ts';
import type { Phase } from '../timing.ts';
import type { ProxyServer } from './proxy.ts';
import type { Address, Resolver } from './resolver.ts';
import { openSocks } from './socks.ts';
import type { SslContext } from './ssl.ts';
import { connectTcp } from './tcp.ts';
import { secure, type TlsSessions } from './tls.ts';
import { openTunnel } from './tunnel.ts';

/** A way to a server: everything that makes one connection different from another. */
export interface Route {
  /** Equal for equal ways. */
  readonly key: string;
  readonly secure: boolean;
  /** IPv6 without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** host:port, IPv6 in brackets. */
  readonly authority: string;
  readonly proxy: ProxyServer | null;
  /** Whether an HTTP proxy is asked for a tunnel: always for TLS. */
  readonly tunnel: boolean;
  readonly ssl: SslContext;
  readonly resolver: Resolver;
  readonly localAddress: string | undefined;
}

/** What watches a connection come about. */
export interface ConnectObserver {
  enter(phase: Phase): void;
  track(socket: Duplex): void;
}

/** TLS settings and sessions of a pool. */
export interface TlsState {
  readonly sessions: TlsSessions;
  /** For https proxies that have no settings of their own. */
  readonly platform: () => SslContext;
}

/**
 * Opens a connection along a route, up to where HTTP can be spoken with the target (or, without a tunnel, with its proxy).
 *
 * Cancellation: destroys whatever was opened, at once.
 *
 * @throws DnsError, ClientConnectorError, ClientProxyConnectionError, ProxyResponseError, ClientSslError
 */
export function* openRoute(route: Route, observer: ConnectObserver, tls: TlsState): Operation<Duplex> {
  const first =
    route.proxy === null ? yield* direct(route, observer) : yield* viaProxy(route, route.proxy, observer, tls);
  if (!route.secure) return first;
  try {
    observer.enter('tls');
    return yield* encrypt(first, route.hostname, route.port, route.ssl, observer, tls);
  } catch (error) {
    first.destroy();
    throw error;
  }
}

function* direct(route: Route, observer: ConnectObserver): Operation<Socket> {
  const addresses = yield* addressesOf(route.hostname, route.resolver, observer);
  observer.enter('connect');
  const { port, localAddress, authority: display } = route;
  return yield* connectTcp({ display, addresses, port, localAddress }, observer.track);
}

function* viaProxy(route: Route, proxy: ProxyServer, observer: ConnectObserver, tls: TlsState): Operation<Duplex> {
  const socket = yield* reachProxy(route, proxy, observer, tls);
  try {
    if (proxy.protocol.startsWith('socks')) {
      const host = yield* socksHost(route, proxy, observer);
      observer.enter('proxy');
      yield* openSocks(socket, { host, port: route.port }, proxy);
    } else if (route.tunnel) {
      observer.enter('proxy');
      yield* openTunnel(socket, route.authority, proxy);
    }
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function* reachProxy(route: Route, proxy: ProxyServer, observer: ConnectObserver, tls: TlsState): Operation<Duplex> {
  let socket: Socket | undefined;
  try {
    const addresses = yield* addressesOf(proxy.hostname, route.resolver, observer);
    observer.enter('connect');
    const display = `the proxy ${proxy.display}`;
    socket = yield* connectTcp(
      { display, addresses, port: proxy.port, localAddress: route.localAddress },
      observer.track,
    );
    if (proxy.protocol !== 'https:') return socket;
    observer.enter('proxy');
    return yield* encrypt(socket, proxy.hostname, proxy.port, proxy.ssl ?? tls.platform(), observer, tls);
  } catch (error) {
    socket?.destroy();
    if (!(error instanceof ClientConnectorError)) throw error;
    throw new ClientProxyConnectionError(`The proxy ${proxy.display} cannot be used. ${error.message}`, {
      code: error.code,
      phase: error.phase === 'tls' ? 'proxy' : error.phase,
      cause: error,
    });
  }
}

function* encrypt(
  socket: Duplex,
  hostname: string,
  port: number,
  context: SslContext,
  observer: ConnectObserver,
  tls: TlsState,
): Operation<TLSSocket> {
  const encrypted = yield* secure(socket, { hostname, port, context }, tls.sessions);
  observer.track(encrypted);
  return encrypted;
}

/** What the SOCKS proxy is told: socks5h and socks4a resolve names themselves. */
function* socksHost(route: Route, proxy: ProxyServer, observer: ConnectObserver): Operation<string> {
  const { hostname } = route;
  if (isIP(hostname) !== 0 || proxy.protocol === 'socks5h:' || proxy.protocol === 'socks4a:') return hostname;
  const addresses = yield* addressesOf(hostname, route.resolver, observer);
  const usable = proxy.protocol === 'socks4:' ? addresses.filter(({ family }) => family === 4) : addresses;
  const [chosen] = usable;
  if (chosen !== undefined) return chosen.address;
  throw new ClientProxyConnectionError(`${hostname} has no IPv4 address, and SOCKS4 carries no other: use socks5://.`, {
    phase: 'proxy',
  });
}

function* addressesOf(hostname: string, resolver: Resolver, observer: ConnectObserver): Operation<readonly Address[]> {
  const family = isIP(hostname);
  if (family === 4 || family === 6) return [{ address: hostname, family }];
  observer.enter('dns');
  return yield* resolver.lookup(hostname);
}
