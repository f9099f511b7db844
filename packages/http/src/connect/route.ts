import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Phase } from '../timing.ts';
import type { Network } from './network.ts';
import type { ProxyServer } from './proxy.ts';
import type { Resolver } from './resolver.ts';
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
  readonly resolver: Resolver;
  readonly localAddress: string | undefined;
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
}

/** What all connections of a pool have in common. */
export interface ConnectContext {
  /** Null: the platform's. */
  readonly network: Network | null;
  readonly sessions: TlsSessions;
  /** For https proxies that have no settings of their own. */
  readonly platform: () => SslContext;
}
