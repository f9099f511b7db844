import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Operation } from '@coloop/core';
import { ClientConnectorError, ClientProxyConnectionError, ServerDisconnectedError } from '../errors.ts';
import type { Phase } from '../timing.ts';
import type { Network } from './network.ts';
import type { ProxyServer } from './proxy.ts';
import type { Address, Resolver } from './resolver.ts';
import { openSocks } from './socks.ts';
import type { SslContext } from './ssl.ts';
import { connectTcp } from './tcp.ts';
import { secure, type TlsSessions, type TlsTarget } from './tls.ts';
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
  /** The value of the header Host: without the port where it is the scheme's own. */
  readonly host: string;
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
  /** Told of every TCP socket. */
  track(socket: Socket): void;
}

/** An open connection: what is spoken on, and the TCP socket below all its layers. */
export interface Link {
  readonly socket: Duplex;
  readonly base: Socket;
}

/** What the connections of a pool have in common. */
export interface Ground {
  /** Null: the platform's. */
  readonly network: Network | null;
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
export function* openRoute(route: Route, observer: ConnectObserver, ground: Ground): Operation<Link> {
  const first = yield* reach(route, observer, ground);
  try {
    if (route.proxy !== null) yield* askProxy(route, route.proxy, first.socket, observer, ground);
    const link = route.secure ? yield* encryptTarget(first, route, observer, ground) : first;
    checkAlive(link, route);
    return link;
  } catch (error) {
    first.base.destroy();
    throw error;
  }
}

/** Connects to the target, or to its proxy. */
function* reach(route: Route, observer: ConnectObserver, ground: Ground): Operation<Link> {
  const { proxy } = route;
  if (proxy !== null) return yield* reachProxy(route, proxy, observer, ground);
  const base = yield* connectBase(route, route.hostname, route.port, route.authority, observer, ground);
  return { socket: base, base };
}

function* reachProxy(route: Route, proxy: ProxyServer, observer: ConnectObserver, ground: Ground): Operation<Link> {
  let base: Socket | undefined;
  try {
    base = yield* connectBase(route, proxy.hostname, proxy.port, `the proxy ${proxy.display}`, observer, ground);
    if (proxy.protocol !== 'https:') return { socket: base, base };
    observer.enter('proxy');
    const context = proxy.ssl ?? ground.platform();
    return yield* encrypt({ socket: base, base }, { hostname: proxy.hostname, port: proxy.port, context }, ground);
  } catch (error) {
    base?.destroy();
    if (!(error instanceof ClientConnectorError)) throw error;
    throw new ClientProxyConnectionError(`The proxy ${proxy.display} cannot be used. ${error.message}`, {
      code: error.code,
      phase: error.phase === 'tls' ? 'proxy' : error.phase,
      cause: error,
    });
  }
}

function* connectBase(
  route: Route,
  hostname: string,
  port: number,
  display: string,
  observer: ConnectObserver,
  { network }: Ground,
): Operation<Socket> {
  const addresses = yield* addressesOf(hostname, route.resolver, observer, network);
  observer.enter('connect');
  return yield* connectTcp({ display, addresses, port, localAddress: route.localAddress, network }, observer.track);
}

/** Has the proxy connect to the target, where it does not take whole requests. */
function* askProxy(
  route: Route,
  proxy: ProxyServer,
  socket: Duplex,
  observer: ConnectObserver,
  { network }: Ground,
): Operation<void> {
  if (proxy.protocol.startsWith('socks')) {
    const host = yield* socksHost(route, proxy, observer, network);
    observer.enter('proxy');
    yield* openSocks(socket, { host, port: route.port }, proxy);
  } else if (route.tunnel) {
    observer.enter('proxy');
    yield* openTunnel(socket, route.authority, proxy);
  }
}

function encryptTarget(first: Link, route: Route, observer: ConnectObserver, ground: Ground): Operation<Link> {
  observer.enter('tls');
  return encrypt(first, { hostname: route.hostname, port: route.port, context: route.ssl }, ground);
}

// It may have broken while the task waited for its turn: whoever has it next would wait in vain for its end.
function checkAlive({ socket, base }: Link, { authority }: Route): void {
  if (!socket.destroyed && !base.destroyed) return;
  const cause = socket.errored ?? base.errored ?? undefined;
  throw new ServerDisconnectedError(`${authority} closed the connection as soon as it was open.`, {
    code: (cause as NodeJS.ErrnoException | undefined)?.code,
    cause,
  });
}

/** Puts TLS on top; its layers live and die together. */
function* encrypt(link: Link, target: TlsTarget, ground: Ground): Operation<Link> {
  const { network, sessions } = ground;
  const socket = yield* network === null ? secure(link.socket, target, sessions) : network.secure(link.socket, target);
  // TLS inside TLS does not notice by itself that what it stands on is gone, nor the other way round.
  socket.on('error', ignore).once('close', () => link.base.destroy());
  link.base.once('close', () => socket.destroy());
  return { socket, base: link.base };
}

function ignore(): void {}

/** What the SOCKS proxy is told: socks5h and socks4a resolve names themselves. */
function* socksHost(
  route: Route,
  proxy: ProxyServer,
  observer: ConnectObserver,
  network: Network | null,
): Operation<string> {
  const { hostname } = route;
  if (isIP(hostname) !== 0 || proxy.protocol === 'socks5h:' || proxy.protocol === 'socks4a:') return hostname;
  const addresses = yield* addressesOf(hostname, route.resolver, observer, network);
  const usable = proxy.protocol === 'socks4:' ? addresses.filter(({ family }) => family === 4) : addresses;
  const [chosen] = usable;
  if (chosen !== undefined) return chosen.address;
  throw new ClientProxyConnectionError(`${hostname} has no IPv4 address, and SOCKS4 carries no other: use socks5://.`, {
    phase: 'proxy',
  });
}

function* addressesOf(
  hostname: string,
  resolver: Resolver,
  observer: ConnectObserver,
  network: Network | null,
): Operation<readonly Address[]> {
  const family = isIP(hostname);
  if (family === 4 || family === 6) return [{ address: hostname, family }];
  observer.enter('dns');
  return yield* resolver.lookupIn(network, hostname);
}
