import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Operation } from '@coloop/core';
import type { Http2Choice } from '../request/connection-options.ts';
import type { Phase } from '../timing.ts';
import type { AddressRule } from './address-rule.ts';
import type { Network } from './network.ts';
import type { ProxyServer } from './proxy.ts';
import type { FoundAddresses } from './resolver.ts';
import type { SslContext } from './ssl.ts';
import type { TlsSessions } from './tls.ts';

/** How a server is reached: everything that makes one connection different from another. */
export interface Route {
  /** Equal for equal routes. */
  readonly key: string;
  readonly secure: boolean;
  /** IPv6 without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** host:port, IPv6 in brackets. */
  readonly authority: string;
  /** The value of the header Host: it has no port if that is the scheme's own. */
  readonly host: string;
  readonly proxy: ProxyServer | null;
  /** Whether an HTTP proxy is asked for a tunnel: always for TLS. */
  readonly tunnel: boolean;
  readonly ssl: SslContext;
  readonly resolver: NameLookup;
  readonly localAddress: string | undefined;
  /** Null: every address may be connected to. */
  readonly rule: AddressRule | null;
  /** The same for the addresses of the proxy. */
  readonly proxyRule: AddressRule | null;
  /** The unix socket that is connected to in place of `hostname`. */
  readonly socketPath: string | null;
  /** Whether HTTP/2 is spoken: never, if the server takes it, or always. */
  readonly http2: Http2Choice;
  /** Whether a connection of this route may turn out to serve several requests at once. */
  readonly gathers: boolean;
}

/** What a route looks names up with. */
export interface NameLookup {
  /** Equal for those that answer alike. */
  readonly key: string;
  /** The addresses of a name, at least one. */
  lookupIn(network: Network | null, hostname: string, limit: number): Operation<FoundAddresses>;
}

/** Is told how the opening of a connection proceeds. */
export interface ConnectObserver {
  /** How long it may take, in milliseconds. */
  readonly limit: number;
  enter(phase: Phase): void;
  /** Is called with every TCP socket that is made. */
  track(socket: Socket): void;
}

/** An open connection: the stream that HTTP is spoken on, and the TCP socket below all its layers. */
export interface Link {
  readonly socket: Duplex;
  readonly base: Socket;
  /** Whether HTTP/2 is spoken on it. */
  readonly http2: boolean;
}

/** What all connections of a pool have in common. */
export interface ConnectContext {
  /** Null: the platform's. */
  readonly network: Network | null;
  readonly sessions: TlsSessions;
  /** For https proxies that have no settings of their own. */
  readonly platform: () => SslContext;
}
