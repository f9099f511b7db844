/* Opens one connection: name lookup, TCP, the proxy and TLS, in the order in which a route needs them. */
import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Operation } from '@coloop/core';
import { ClientConnectorError, ClientProxyConnectionError, ServerDisconnectedError } from '../errors.ts';
import { CallbackWait, ignore } from '../waits.ts';
import type { LateFamily } from './lookup.ts';
import type { Address, Network } from './network.ts';
import type { ProxyServer } from './proxy.ts';
import type { FoundAddresses, Resolver } from './resolver.ts';
import type { ConnectContext, ConnectObserver, Link, Route } from './route.ts';
import { openSocks } from './socks.ts';
import { connectTcp } from './tcp.ts';
import { secure, type TlsTarget } from './tls.ts';
import { openTunnel } from './tunnel.ts';

/**
 * Opens a connection along a route, up to where HTTP can be spoken with the target (or, without a tunnel, with its proxy).
 *
 * Cancellation: destroys everything that was opened, at once.
 *
 * @throws DnsError, ClientConnectorError, ClientProxyConnectionError, ProxyResponseError, ClientSslError
 */
export function* openRoute(route: Route, observer: ConnectObserver, context: ConnectContext): Operation<Link> {
  const first = yield* reach(route, observer, context);
  try {
    if (route.proxy !== null) yield* askProxy(route, route.proxy, first.socket, observer, context);
    const link = route.secure ? yield* encryptTarget(first, route, observer, context) : first;
    checkAlive(link, route);
    return link;
  } catch (error) {
    first.base.destroy();
    throw error;
  }
}

/** Connects to the target, or to its proxy. */
function* reach(route: Route, observer: ConnectObserver, context: ConnectContext): Operation<Link> {
  const { proxy } = route;
  if (proxy !== null) return yield* reachProxy(route, proxy, observer, context);
  const base = yield* connectBase(route, route.hostname, route.port, route.authority, observer, context);
  return { socket: base, base };
}

function* reachProxy(
  route: Route,
  proxy: ProxyServer,
  observer: ConnectObserver,
  context: ConnectContext,
): Operation<Link> {
  let base: Socket | undefined;
  try {
    base = yield* connectBase(route, proxy.hostname, proxy.port, `the proxy ${proxy.display}`, observer, context);
    if (proxy.protocol !== 'https:') return { socket: base, base };
    observer.enter('proxy');
    const ssl = proxy.ssl ?? context.platform();
    return yield* encrypt(
      { socket: base, base },
      { role: 'proxy', hostname: proxy.hostname, port: proxy.port, context: ssl },
      context,
    );
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
  { network }: ConnectContext,
): Operation<Socket> {
  const found = yield* addressesOf(hostname, route.resolver, observer, network);
  try {
    observer.enter('connect');
    return yield* connectTcp({ display, ...found, port, localAddress: route.localAddress, network }, observer.track);
  } finally {
    found.late?.release();
  }
}

/** Asks the proxy to connect to the target, unless it takes whole requests. */
function* askProxy(
  route: Route,
  proxy: ProxyServer,
  socket: Duplex,
  observer: ConnectObserver,
  { network }: ConnectContext,
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

function encryptTarget(first: Link, route: Route, observer: ConnectObserver, context: ConnectContext): Operation<Link> {
  observer.enter('tls');
  return encrypt(first, { role: 'origin', hostname: route.hostname, port: route.port, context: route.ssl }, context);
}

// The socket may have broken before the task had its turn: no event tells of that a second time.
function checkAlive({ socket, base }: Link, { authority }: Route): void {
  if (!socket.destroyed && !base.destroyed) return;
  const cause = socket.errored ?? base.errored ?? undefined;
  throw new ServerDisconnectedError(`${authority} closed the connection as soon as it was open.`, {
    code: (cause as NodeJS.ErrnoException | undefined)?.code,
    cause,
  });
}

/** Puts TLS on a connection; when one of the two layers closes, so does the other. */
function* encrypt(link: Link, target: TlsTarget, context: ConnectContext): Operation<Link> {
  const { network, sessions } = context;
  const socket = yield* network === null ? secure(link.socket, target, sessions) : network.secure(link.socket, target);
  // TLS inside TLS does not notice by itself that the layer below it has closed, and that layer does not notice TLS.
  socket.on('error', ignore).once('close', () => link.base.destroy());
  link.base.once('close', () => socket.destroy());
  return { socket, base: link.base };
}

/** The host that the SOCKS proxy is given: a name for socks5h and socks4a, which resolve names, and else an address. */
function* socksHost(
  route: Route,
  proxy: ProxyServer,
  observer: ConnectObserver,
  network: Network | null,
): Operation<string> {
  const { hostname } = route;
  if (isIP(hostname) !== 0 || proxy.protocol === 'socks5h:' || proxy.protocol === 'socks4a:') return hostname;
  const { addresses, late } = yield* addressesOf(hostname, route.resolver, observer, network);
  try {
    const usable = ({ family }: Address): boolean => proxy.protocol !== 'socks4:' || family === 4;
    const chosen = addresses.find(usable) ?? (late === undefined ? undefined : (yield* allOf(late)).find(usable));
    if (chosen !== undefined) return chosen.address;
  } finally {
    late?.release();
  }
  throw new ClientProxyConnectionError(`${hostname} has no IPv4 address, and SOCKS4 carries no other: use socks5://.`, {
    phase: 'proxy',
  });
}

function* addressesOf(
  hostname: string,
  resolver: Resolver,
  observer: ConnectObserver,
  network: Network | null,
): Operation<FoundAddresses> {
  const family = isIP(hostname);
  if (family === 4 || family === 6) return { addresses: [{ address: hostname, family }], late: undefined };
  observer.enter('dns');
  return yield* resolver.lookupIn(network, hostname, observer.limit);
}

/** Waits for what comes late. */
function allOf(late: LateFamily): Operation<readonly Address[]> {
  return new CallbackWait<readonly Address[]>('the late answer to a name', (settle) => {
    late.whenCome((addresses) => settle.wake(addresses));
    return ignore;
  });
}
