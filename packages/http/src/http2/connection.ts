/*
 * A connection on which HTTP/2 is spoken, with the platform's session as its codec.
 *
 * | state    | meaning                                                          | leaves to      |
 * | opening  | the first SETTINGS have not come, or they allow no request       | open, gone     |
 * | open     | takes requests, as many at once as its capacity says             | draining, gone |
 * | draining | the server takes no more requests (GOAWAY); those here may end   | gone           |
 * | gone     | the socket is closed or about to be                              | -              |
 */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type OutgoingHttpHeaders,
} from 'node:http2';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Operation } from '@coloop/core';
import type { OpenCall } from '../call/call.ts';
import { bare } from '../checks.ts';
import type { Link, Route } from '../connect/route.ts';
import { explainTls, isTlsFailure } from '../connect/tls-advice.ts';
import { ClientConnectorError, ClientError, ClientSslError, messageOf, ServerDisconnectedError } from '../errors.ts';
import type { ConnectionOwner, WireConnection } from '../exchange/wire-connection.ts';
import type { Request } from '../request/request.ts';
import { CallbackWait, ignore, type SchedulerView } from '../waits.ts';
import { Http2Exchange, type Http2Line } from './exchange.ts';
import { Pulse, SILENCE } from './pulse.ts';

/** What a connection is opened with. */
export interface Http2Settings {
  /** How many requests it may serve in all. */
  readonly maxRequests: number;
  readonly scheduler: SchedulerView;
}

/** No connection carries more requests at once, whatever its server allows. */
const MOST_STREAMS = 100;
/** How much may come that nobody has read: with the platform's 64 KiB a download waits for its peer most of the time. */
const STREAM_WINDOW = 6 * 2 ** 20;
const SESSION_WINDOW = 16 * 2 ** 20;
/** Lines of one head: a line may take one byte on the wire and 4 KiB here. */
const MOST_LINES = 1_000;

/**
 * Speaks HTTP/2 on a link, up to where the server takes the first request.
 *
 * Cancellation: destroys the link at once.
 *
 * @throws ClientConnectorError if the server does not speak HTTP/2, and ClientSslError
 */
export function openHttp2(
  link: Link,
  route: Route,
  owner: ConnectionOwner,
  settings: Http2Settings,
): Operation<Http2Connection> {
  return new CallbackWait<Http2Connection>(`http2(${route.authority})`, (settle) => {
    const connection = new Http2Connection(link, route, owner, settings);
    connection.opening = {
      ready: () => {
        if (!settle.wake(connection)) connection.destroy();
      },
      failed: (error) => settle.fail(error),
    };
    return () => connection.destroy();
  });
}

/** Who waits for a connection to be open. */
interface OpenAwaiter {
  ready(): void;
  failed(error: ClientError): void;
}

/** A connection that serves many requests at once. */
export class Http2Connection implements WireConnection, Http2Line {
  requests = 0;
  idleSince = 0;
  /** Why it broke, where it did. */
  broken: Error | undefined;
  /** Set until it is open. */
  opening: OpenAwaiter | undefined;
  readonly #session: ClientHttp2Session;
  readonly #socket: Duplex;
  readonly #base: Socket;
  readonly #route: Route;
  readonly #owner: ConnectionOwner;
  readonly #maxRequests: number;
  readonly #pulse: Pulse;
  readonly #exchanges = new Set<Http2Exchange>();
  /** What the server allows. */
  #allowed = 0;
  /** The last stream that the server has looked at, once it has said so. */
  #lastStream: number | undefined;
  #gone = false;

  constructor({ socket, base }: Link, route: Route, owner: ConnectionOwner, settings: Http2Settings) {
    this.#socket = socket;
    this.#base = base;
    this.#route = route;
    this.#owner = owner;
    this.#maxRequests = settings.maxRequests;
    this.#pulse = new Pulse(
      { received: () => base.bytesRead, ask: () => this.#ping(), dead: () => this.#dead() },
      settings.scheduler,
    );
    base.once('close', () => this.#closed());
    // A session that TLS fails under, as where the client's certificate is refused, neither says so nor closes its socket.
    socket.once('error', (error) => {
      this.broken ??= error;
      this.destroy();
    });
    this.#session = connect(
      // It names no server: each request names its own.
      'https://codec.invalid',
      bare({
        createConnection: () => socket,
        settings: bare({ enablePush: false, initialWindowSize: STREAM_WINDOW }),
        maxHeaderListPairs: MOST_LINES,
        peerMaxConcurrentStreams: MOST_STREAMS,
      }),
    );
    this.#listen(this.#session);
  }

  #listen(session: ClientHttp2Session): void {
    const widen = (): void => session.setLocalWindowSize(SESSION_WINDOW);
    if (session.connecting) session.once('connect', widen);
    else widen();
    session.on('remoteSettings', ({ maxConcurrentStreams }) => this.#allow(maxConcurrentStreams ?? MOST_STREAMS));
    session.on('goaway', (_code, last) => this.#drain(last));
    session.on('error', (error) => {
      this.broken ??= error;
    });
    session.on('close', () => this.#closed());
    // A push was ruled out by our settings.
    session.on('stream', (stream) => stream.on('error', ignore).close(constants.NGHTTP2_REFUSED_STREAM));
  }

  // ---- what the pool asks ----

  get usable(): boolean {
    return this.takes && this.capacity > 0;
  }

  get streams(): number {
    return this.#exchanges.size;
  }

  get capacity(): number {
    if (!this.takes) return 0;
    const left = this.#maxRequests - this.requests;
    return Math.min(this.#allowed, MOST_STREAMS, this.#exchanges.size + left);
  }

  destroy(): void {
    this.#session.destroy();
    this.#socket.destroy();
    this.#base.destroy();
    this.#closed();
  }

  // ---- what the transport and an exchange ask ----

  exchange(request: Request, call: OpenCall): Http2Exchange {
    const exchange = new Http2Exchange(this, request, call);
    if (this.#exchanges.size === 0) this.#pulse.start();
    this.#exchanges.add(exchange);
    return exchange;
  }

  /** Whether it takes requests. */
  get takes(): boolean {
    const { closed, destroyed } = this.#session;
    return !this.#gone && !this.leaving && !closed && !destroyed;
  }

  get leaving(): boolean {
    return this.#lastStream !== undefined;
  }

  /** Whether it is over for its streams, too. */
  get lost(): boolean {
    return this.#gone || this.#session.destroyed || this.#socket.destroyed;
  }

  /** Whether the server has said that it does not look at a stream. */
  isAbove(stream: number): boolean {
    return this.#lastStream !== undefined && stream > this.#lastStream;
  }

  send(fields: OutgoingHttpHeaders, endStream: boolean): ClientHttp2Stream {
    this.requests += 1;
    return this.#session.request(fields, bare({ endStream }));
  }

  /** An exchange is over, in whatever way. */
  ended(exchange: Http2Exchange): void {
    if (!this.#exchanges.delete(exchange) || this.#gone) return;
    const isIdle = this.#exchanges.size === 0;
    if (isIdle) this.#pulse.stop();
    if (isIdle && !this.takes) {
      this.destroy();
      return;
    }
    this.#owner.connectionFree(this);
    if (this.#maxRequests !== Number.POSITIVE_INFINITY) this.#owner.connectionResized(this);
  }

  // ---- what the session says ----

  #allow(streams: number): void {
    this.#allowed = streams;
    const { opening } = this;
    if (opening === undefined) {
      this.#owner.connectionResized(this);
    } else if (this.capacity > 0) {
      this.opening = undefined;
      opening.ready();
    }
  }

  #drain(last: number): void {
    this.#lastStream = Math.min(last, this.#lastStream ?? last);
    if (this.opening === undefined && this.#exchanges.size === 0) this.destroy();
    else this.#owner.connectionResized(this);
  }

  #ping(): void {
    if (!this.lost) this.#session.ping(ignore);
  }

  #dead(): void {
    const { host } = this.#route;
    this.broken ??= new ServerDisconnectedError(
      `The connection to ${host} is dead: nothing came for ${SILENCE} ms, and no reply to a ping for as long; ask again, or set retry.`,
      { code: 'PING_TIMEOUT' },
    );
    this.destroy();
  }

  #closed(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#pulse.stop();
    this.broken ??= this.#base.errored ?? this.#socket.errored ?? undefined;
    const { opening } = this;
    this.opening = undefined;
    opening?.failed(this.#openError());
    for (const exchange of this.#exchanges) exchange.over();
    this.#exchanges.clear();
    this.#owner.connectionGone(this);
    // The session ends by itself, after what has come whole and is not read yet.
    this.#socket.destroy();
    this.#base.destroy();
  }

  #openError(): ClientError {
    const { broken } = this;
    const { authority } = this.#route;
    if (broken instanceof ClientError) return broken;
    if (isTlsFailure(broken)) {
      const { code } = broken;
      return new ClientSslError(`TLS with ${authority} failed: ${explainTls(broken, 'origin')}`, {
        code,
        phase: 'tls',
        cause: broken,
      });
    }
    const why = broken === undefined ? 'it closed the connection' : messageOf(broken);
    return new ClientConnectorError(
      `${authority} was asked to speak HTTP/2 and did not (${why}): open the session without http2: 'only'.`,
      { code: 'HTTP2', phase: 'connect', cause: broken },
    );
  }
}
