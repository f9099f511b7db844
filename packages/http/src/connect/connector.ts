/* Opens one connection: name lookup, TCP, the proxy and TLS, in the order in which a route needs them. */
import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Operation } from '@coloop/core';
import {
  AddressNotAllowedError,
  ClientConnectorError,
  ClientProxyConnectionError,
  ServerDisconnectedError,
} from '../errors.ts';
import { CallbackWait, ignore } from '../waits.ts';
import { type AddressPlace, type AddressRule, notAllowed } from './address-rule.ts';
import type { LateFamily } from './lookup.ts';
import type { Address, Network } from './network.ts';
import type { ProxyServer } from './proxy.ts';
import type { FoundAddresses } from './resolver.ts';
import type { ConnectContext, ConnectObserver, Link, NameLookup, Route } from './route.ts';
import { openSocks } from './socks.ts';
import { connectTcp } from './tcp.ts';
import { secure, type TlsTarget } from './tls.ts';
import { openTunnel } from './tunnel.ts';
import { connectUnix } from './unix.ts';

/**
 * Opens a connection along a route, up to where HTTP can be spoken with the target (or, without a tunnel, with its proxy).
 *
 * Cancellation: destroys everything that was opened, at once.
 *
 * @throws DnsError, AddressNotAllowedError, ClientConnectorError, ClientProxyConnectionError, ProxyResponseError, ClientSslError
 */
export function* openRoute(route: Route, observer: ConnectObserver, context: ConnectContext): Operation<Link> {
  checkVersion(route, context);
  if (route.rule !== null && route.proxy !== null)
    yield* checkTarget(route, route.rule, route.proxy, observer, context);
  const first = yield* reach(route, observer, context);
  try {
    if (route.proxy !== null) yield* askProxy(route, route.proxy, first.socket, observer, context);
    // Without TLS nothing is negotiated: HTTP/2 is spoken where it is known beforehand.
    const link = route.secure
      ? yield* encryptTarget(first, route, observer, context)
      : { ...first, http2: route.http2 === 'only' };
    checkAlive(link, route);
    return link;
  } catch (error) {
    first.base.destroy();
    throw error;
  }
}

/** Connects to the target, or to its proxy. */
function* reach(route: Route, observer: ConnectObserver, context: ConnectContext): Operation<Link> {
  const { proxy, socketPath } = route;
  if (proxy !== null) return yield* reachProxy(route, proxy, observer, context);
  const base = yield* socketPath === null
    ? connectBase(route, targetOf(route), observer, context)
    : reachSocket(socketPath, observer, context);
  return { socket: base, base, http2: false };
}

function checkVersion({ http2 }: Route, { network }: ConnectContext): void {
  if (http2 !== 'only' || network === null) return;
  throw new ClientConnectorError("The simulated network speaks HTTP/1.1 alone: leave out http2: 'only'.", {
    code: 'HTTP2',
    phase: 'connect',
  });
}

function reachSocket(path: string, observer: ConnectObserver, { network }: ConnectContext): Operation<Socket> {
  if (network !== null) {
    throw new ClientConnectorError(`The simulated network has no socket ${path}: serve a host, or use testServer.`, {
      phase: 'connect',
    });
  }
  observer.enter('connect');
  return connectUnix(path, observer.track);
}

/** What a connection is opened to: the target, or its proxy. */
interface Destination {
  readonly hostname: string;
  readonly port: number;
  /** For errors. */
  readonly display: string;
  readonly rule: AddressRule | null;
  readonly place: AddressPlace;
}

function targetOf({ hostname, port, authority, rule, secure: isSecure, host }: Route): Destination {
  const url = `${isSecure ? 'https' : 'http'}://${host}`;
  return { hostname, port, display: authority, rule, place: { role: 'origin', host: hostname, port, url } };
}

function proxyDestination(route: Route, { hostname, port, display }: ProxyServer): Destination {
  const place: AddressPlace = { role: 'proxy', host: hostname, port, url: display };
  return { hostname, port, display: `the proxy ${display}`, rule: route.proxyRule, place };
}

/**
 * Asks the rule about a target that the proxy connects to: about an address as about any other; about a name that the proxy
 * looks up by what is found here, and one address that is refused is enough, since nobody here chooses among them.
 */
function* checkTarget(
  route: Route,
  rule: AddressRule,
  proxy: ProxyServer,
  observer: ConnectObserver,
  { network }: ConnectContext,
): Operation<void> {
  if (isIP(route.hostname) === 0 && resolvesHere(proxy)) return;
  const { addresses, late } = yield* addressesOf(route.hostname, route.resolver, observer, network);
  try {
    const all = late === undefined ? addresses : [...addresses, ...(yield* allOf(late))];
    const { display, place } = targetOf(route);
    const refusals = rule.refusals(all, place);
    if (refusals.length > 0) throw notAllowed(display, refusals);
  } finally {
    late?.release();
  }
}

/** Whether the proxy is given addresses: those of socks5h and socks4a, and HTTP proxies, look names up themselves. */
function resolvesHere({ protocol }: ProxyServer): boolean {
  return protocol === 'socks5:' || protocol === 'socks4:';
}

function* reachProxy(
  route: Route,
  proxy: ProxyServer,
  observer: ConnectObserver,
  context: ConnectContext,
): Operation<Link> {
  let base: Socket | undefined;
  try {
    base = yield* connectBase(route, proxyDestination(route, proxy), observer, context);
    if (proxy.protocol !== 'https:') return { socket: base, base, http2: false };
    observer.enter('proxy');
    const ssl = proxy.ssl ?? context.platform();
    return yield* encrypt(
      { socket: base, base, http2: false },
      { role: 'proxy', hostname: proxy.hostname, port: proxy.port, context: ssl, http2: false },
      context,
    );
  } catch (error) {
    base?.destroy();
    if (!(error instanceof ClientConnectorError) || error instanceof AddressNotAllowedError) throw error;
    throw new ClientProxyConnectionError(`The proxy ${proxy.display} cannot be used. ${error.message}`, {
      code: error.code,
      phase: error.phase === 'tls' ? 'proxy' : error.phase,
      cause: error,
    });
  }
}

function* connectBase(
  { resolver, localAddress }: Route,
  { hostname, port, display, rule, place }: Destination,
  observer: ConnectObserver,
  { network }: ConnectContext,
): Operation<Socket> {
  const found = yield* addressesOf(hostname, resolver, observer, network);
  try {
    observer.enter('connect');
    const check = rule === null ? null : (address: Address): void => rule.check(address, place);
    return yield* connectTcp({ display, ...found, port, localAddress, network, check }, observer.track);
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
    yield* openTunnel(socket, route.authority, proxy, !route.secure && route.http2 === 'only');
  }
}

function encryptTarget(first: Link, route: Route, observer: ConnectObserver, context: ConnectContext): Operation<Link> {
  observer.enter('tls');
  const { hostname, port, ssl, http2 } = route;
  return encrypt(first, { role: 'origin', hostname, port, context: ssl, http2 }, context);
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
  link.base.once('close', () => socket.destroy(link.base.errored ?? undefined));
  const http2 = target.http2 !== false && 'alpnProtocol' in socket && socket.alpnProtocol === 'h2';
  return { socket, base: link.base, http2 };
}

/** The host that the SOCKS proxy is given: a name for socks5h and socks4a, which resolve names, and else an address. */
function* socksHost(
  route: Route,
  proxy: ProxyServer,
  observer: ConnectObserver,
  network: Network | null,
): Operation<string> {
  const { hostname } = route;
  if (isIP(hostname) !== 0 || !resolvesHere(proxy)) return hostname;
  const { addresses, late } = yield* addressesOf(hostname, route.resolver, observer, network);
  try {
    const isUsable = ({ family }: Address): boolean => proxy.protocol !== 'socks4:' || family === 4;
    const first = addresses.filter(isUsable);
    const chosen =
      first.find((address) => isAllowed(route, address)) ??
      firstAllowed(route, late === undefined ? first : [...first, ...(yield* allOf(late)).filter(isUsable)]);
    if (chosen !== undefined) return chosen.address;
  } finally {
    late?.release();
  }
  throw new ClientProxyConnectionError(`${hostname} has no IPv4 address, and SOCKS4 carries no other: use socks5://.`, {
    phase: 'proxy',
  });
}

function isAllowed(route: Route, address: Address): boolean {
  return route.rule === null || route.rule.refusals([address], targetOf(route).place).length === 0;
}

/** The first address that the rule allows; undefined if there is none at all. */
function firstAllowed(route: Route, addresses: readonly Address[]): Address | undefined {
  const allowed = addresses.find((address) => isAllowed(route, address));
  if (allowed !== undefined || route.rule === null || addresses.length === 0) return allowed;
  const { display, place } = targetOf(route);
  throw notAllowed(display, route.rule.refusals(addresses, place));
}

function* addressesOf(
  hostname: string,
  resolver: NameLookup,
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
