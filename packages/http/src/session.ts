import { currentTask, defer, type Operation } from '@coloop/core';
import { defaultScheduler, type Scope } from '@coloop/core/lowlevel';
import type TypedEmitter from 'typed-emitter';
import { NetrcAuth } from './auth/netrc.ts';
import { Call, Calls } from './call.ts';
import { ConnectionPool, Pool, type PooledConnection, type PoolOptions, type PoolStats } from './connect/pool.ts';
import { CookieJar } from './cookies.ts';
import { type DownloadOptions, type DownloadResult, download } from './download/download.ts';
import { InvalidOptionError, SessionClosedError } from './errors.ts';
import { RequestHeaders } from './headers.ts';
import { authenticate } from './middleware/auth.ts';
import { cookiesOf } from './middleware/cookies.ts';
import { raiseForStatus } from './middleware/raise-for-status.ts';
import { followRedirects } from './middleware/redirects.ts';
import { retries } from './middleware/retries.ts';
import { checkNames, NO_OPTIONS, REQUEST_OPTIONS, type RequestOptions } from './options.ts';
import { own, ownEntries } from './own.ts';
import { compose, perform } from './pipeline.ts';
import { type Defaults, prepare, readDefaults } from './prepare.ts';
import type { Middleware, Next, Request } from './request.ts';
import type { Response } from './response.ts';
import { type EventsOptions, EventsSource } from './sse/events.ts';
import { DEFAULT_TIMEOUTS, mergeTimeouts, type Timeouts } from './timeouts.ts';
import { type TraceEvents, Tracer } from './trace.ts';
import type { Connection } from './transport/connection.ts';
import { Http1Transport } from './transport/http1.ts';
import { NodePlatform } from './transport/platform.ts';
import { type Host, HostOfTask } from './wait.ts';
import { openWebSocket, type WebSocketParts } from './websocket/open.ts';
import { WEBSOCKET_OPTIONS, type WebSocketOptions, webSocketSettings } from './websocket/options.ts';
import type { WebSocket } from './websocket/websocket.ts';

/** What a session is opened with: defaults for its requests, and what they share. */
export interface SessionOptions extends RequestOptions {
  /** What relative URLs are resolved against, as the URL standard does it. */
  readonly baseUrl?: string | URL | undefined;
  /**
   * Whether absolute and `//host` URLs may leave the base's origin; they then lose the session's auth, cookies and
   * headers save those of `forwardHeaders`. Default true; false makes them an error.
   */
  readonly allowOtherOrigins?: boolean | undefined;
  /** Default a new jar; false for none. */
  readonly cookieJar?: CookieJar | false | undefined;
  /** Whether HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY are read. Default false. */
  readonly trustEnv?: boolean | undefined;
  /** Takes credentials from a netrc file: true for the usual one, or its path. */
  readonly netrc?: boolean | string | undefined;
  /** A pool that is shared, or settings for the session's own. */
  readonly pool?: ConnectionPool | PoolOptions | undefined;
  readonly middleware?: readonly Middleware[] | undefined;
}

/** What a WebSocket may be given: the options of its handshake, and its own. */
export type WebSocketRequestOptions = RequestOptions & WebSocketOptions;

/** What a stream of events may be given: the options of its requests, and its own. */
export type EventsRequestOptions = RequestOptions & EventsOptions;

/** What a download may be given: the options of its requests, and its own. */
export type DownloadRequestOptions = Omit<RequestOptions, 'onProgress'> & DownloadOptions;

const SESSION_OPTIONS = {
  ...REQUEST_OPTIONS,
  baseUrl: 'any',
  allowOtherOrigins: 'any',
  cookieJar: 'any',
  trustEnv: 'any',
  netrc: 'any',
  pool: 'any',
  middleware: 'any',
} as const;

/**
 * Requests that share defaults, cookies and connections.
 *
 * It belongs to the scope that opened it and is closed with it; any task of the same scheduler may use it.
 *
 * @example
 * ```ts no-run
 * const session = yield* Session.open({ baseUrl: 'https://api.example/', timeout: 10_000 });
 * using response = yield* session.get('/users', { params: { page: 2 } });
 * const users = yield* response.json();
 * ```
 *
 * Source of the semantics: aiohttp's ClientSession.
 */
export class Session {
  readonly #defaults: Defaults;
  readonly #chain: Next;
  readonly #host: Host;
  readonly #calls = new Calls();
  readonly #pool: Pool<PooledConnection>;
  readonly #ownsPool: boolean;
  readonly #cookieJar: CookieJar | null;
  readonly #transport: Http1Transport;
  readonly #debug: boolean;
  #tracer: Tracer | null = null;
  #closed = false;

  /** @internal Use {@link Session.open}. */
  constructor(options: SessionOptions, host: Host, owner: Scope = currentTask().innermostOwner) {
    checkNames('Session.open', options, SESSION_OPTIONS);
    refuseBodies(options);
    this.#host = host;
    const entropy = (bytes: Uint8Array): Uint8Array => (host as Host & Entropy).entropy(bytes);
    const trustEnv = own(options, 'trustEnv') === true;
    this.#defaults = readDefaults(options, new NodePlatform(), trustEnv, netrcOf(own(options, 'netrc')), entropy);
    const pool = own(options, 'pool');
    this.#ownsPool = !(pool instanceof ConnectionPool);
    this.#pool = pool instanceof ConnectionPool ? pool.inner : new Pool<PooledConnection>(pool ?? {}, host);
    this.#cookieJar = jarOf(own(options, 'cookieJar'));
    this.#debug = (host as Host & Entropy).debug;
    const transport = new Http1Transport(this.#pool as unknown as Pool<Connection>, owner);
    this.#transport = transport;
    const last: Next = (request) => transport.send(request, request.exchange as Call);
    const steps: Middleware[] = [
      raiseForStatus,
      ...(own(options, 'middleware') ?? []),
      retries,
      followRedirects,
      authenticate,
    ];
    this.#chain = compose([...steps, cookiesOf(this.#cookieJar)], last);
  }

  /**
   * Opens a session that belongs to the current scope.
   *
   * @throws InvalidOptionError, InvalidUrlError
   */
  static open(options: SessionOptions = {}): Operation<Session> {
    return open(options);
  }

  /** The jar; undefined where the session keeps no cookies. */
  get cookieJar(): CookieJar | undefined {
    return this.#cookieJar ?? undefined;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** The connections at the moment. */
  get pool(): { readonly stats: PoolStats } {
    return this.#pool;
  }

  /** Events of every phase of every request. */
  get trace(): TypedEmitter<TraceEvents> {
    this.#tracer ??= new Tracer();
    return this.#tracer.emitter;
  }

  /**
   * Sends a request and waits for the head of its response.
   *
   * Cancellation: destroys the connection if the request is on one, at once.
   *
   * @throws InvalidUrlError, InvalidOptionError before anything is sent; SessionClosedError; ClientConnectionError and
   * ServerTimeoutError where no answer comes; ClientResponseError with `raiseForStatus`.
   */
  request(method: string, url: string | URL, options: RequestOptions = NO_OPTIONS): Operation<Response> {
    return request(this, method, url, options);
  }

  get(url: string | URL, options?: RequestOptions): Operation<Response> {
    return this.request('GET', url, options);
  }

  post(url: string | URL, options?: RequestOptions): Operation<Response> {
    return this.request('POST', url, options);
  }

  put(url: string | URL, options?: RequestOptions): Operation<Response> {
    return this.request('PUT', url, options);
  }

  patch(url: string | URL, options?: RequestOptions): Operation<Response> {
    return this.request('PATCH', url, options);
  }

  delete(url: string | URL, options?: RequestOptions): Operation<Response> {
    return this.request('DELETE', url, options);
  }

  head(url: string | URL, options?: RequestOptions): Operation<Response> {
    return this.request('HEAD', url, options);
  }

  options(url: string | URL, options?: RequestOptions): Operation<Response> {
    return this.request('OPTIONS', url, options);
  }

  /**
   * Opens a WebSocket; `ws:`, `wss:`, `http:` and `https:` URLs are taken, and relative ones with a base.
   *
   * Cancellation: destroys the connection at once.
   *
   * @throws WebSocketHandshakeError where the server refuses, and the errors of connecting.
   */
  ws(url: string | URL, options: WebSocketRequestOptions = {}): Operation<WebSocket> {
    return webSocket(this, url, options);
  }

  /**
   * The server-sent events of a URL, across lost connections; nothing is sent before the first `next()`.
   *
   * @throws ClientResponseError, ContentTypeError (from `next`), and the errors of a request.
   */
  events(url: string | URL, options: EventsRequestOptions = {}): EventsSource {
    const [mine, request] = split<EventsOptions, RequestOptions>(options, EVENTS_OPTIONS);
    const given = RequestHeaders.from(own(request, 'headers'));
    const open = (headers: Readonly<Record<string, string>>): Operation<Response> =>
      endlessRequest(this, url, { ...request, headers: RequestHeaders.from(headers).merge(given) });
    return new EventsSource(open, mine);
  }

  /**
   * Brings a file to the disk; a broken connection, and a later call for the same URL and file, go on where it ended.
   *
   * Cancellation: keeps what came in `file.part`.
   *
   * @throws ClientResponseError for an answer that brings no file, ClientError where the disk fails, and the errors of a request.
   */
  download(url: string | URL, file: string, options: DownloadRequestOptions = {}): Operation<DownloadResult> {
    const [mine, request] = split<DownloadOptions, RequestOptions>(options, DOWNLOAD_OPTIONS);
    const given = RequestHeaders.from(own(request, 'headers'));
    // The ranges are those of the bytes on the disk, so no coding may be taken off on the way.
    const open = (headers: Readonly<Record<string, string>>): Operation<Response> =>
      endlessRequest(this, url, {
        ...request,
        headers: given.merge(RequestHeaders.from(headers)),
        decompress: false,
      });
    return download(open, String(url), file, mine);
  }

  /**
   * Ends every request and response of this session, and returns when every socket is closed.
   *
   * No delay is needed afterwards. A second call waits for the same end.
   */
  close(): Operation<void> {
    return close(this);
  }

  /** @internal One call, for a method of this class: `chain` is what becomes of its request. */
  begin<T>(
    method: string,
    url: string | URL,
    options: RequestOptions,
    endless: boolean,
    chain: (request: Request, call: Call) => Operation<T>,
  ): Operation<T> {
    if (this.#closed) {
      throw new SessionClosedError(
        'The session is closed: make the request before the end of its scope, or open another.',
      );
    }
    if ((defaultScheduler() as unknown) !== this.#host) {
      throw new InvalidOptionError('The session belongs to another scheduler: open one for each, or run both on one.');
    }
    const defaults = this.#defaults;
    const limit = own(options, 'timeout');
    const { total } = mergeTimeouts(defaults.options.timeouts, limit);
    const bodyTotal = endless ? mergeTimeouts(ENDLESS, limit).total : total;
    const place = this.#debug ? new Error('the request was made').stack : undefined;
    const call = new Call(this.#calls, this.#host, total, bodyTotal, this.#tracer, place);
    return perform(
      call,
      total,
      own(options, 'signal') ?? own(defaults.body, 'signal'),
      () => {
        const made = prepare(defaults, method, url, options, call);
        call.request = made;
        return made;
      },
      (made) => chain(made, call),
    );
  }

  /** @internal */
  readonly toResponse = (request: Request): Operation<Response> => this.#chain(request);

  /** @internal What opening a WebSocket needs. */
  webSocketParts(call: Call): WebSocketParts {
    return {
      connect: (request) => this.#transport.connect(request, call),
      cookieJar: this.#cookieJar,
      details: () => call.details(),
    };
  }

  /** @internal */
  beginClose(): Operation<void> {
    this.#closed = true;
    if (this.#tracer !== null) {
      for (const call of this.#calls) if (call.state === 'body') this.#tracer.leak(call);
    }
    this.#calls.failAll('The session was closed while the request was under way.');
    return this.#calls.drained();
  }

  /** @internal */
  closePool(): Operation<void> | undefined {
    return this.#ownsPool ? this.#pool.close() : undefined;
  }
}

/** What of the scheduler a session uses beside time. */
interface Entropy {
  readonly debug: boolean;
  entropy(bytes: Uint8Array): Uint8Array;
}

function* open(options: SessionOptions): Operation<Session> {
  const session = new Session(options, yield* new HostOfTask());
  defer(() => session.close());
  return session;
}

function* request(session: Session, method: string, url: string | URL, options: RequestOptions): Operation<Response> {
  return yield* session.begin(method, url, options, false, session.toResponse);
}

function* endlessRequest(session: Session, url: string | URL, options: RequestOptions): Operation<Response> {
  return yield* session.begin('GET', url, options, true, session.toResponse);
}

function* webSocket(session: Session, url: string | URL, options: WebSocketRequestOptions): Operation<WebSocket> {
  const [mine, request] = split<WebSocketOptions, RequestOptions>(options, WEBSOCKET_OPTIONS);
  const settings = webSocketSettings(mine);
  return yield* session.begin('GET', httpUrl(url), request, true, (made, call) =>
    openWebSocket(made, settings, session.webSocketParts(call)),
  );
}

/** ws: and wss: in the form that the pipeline knows. */
function httpUrl(url: string | URL): string {
  return String(url).replace(/^ws(s?):/i, 'http$1:');
}

/** Takes the options of one word apart from those of its request. */
function split<O extends object, R extends object>(options: O & R, names: Readonly<Record<string, unknown>>): [O, R] {
  const mine: Record<string, unknown> = {};
  const rest: Record<string, unknown> = {};
  for (const [name, value] of ownEntries(options as Record<string, unknown>)) {
    if (Object.hasOwn(names, name)) mine[name] = value;
    else rest[name] = value;
  }
  return [mine as O, rest as R];
}

const DOWNLOAD_OPTIONS = { onProgress: 'any', attempts: 'any' } as const;
const EVENTS_OPTIONS = { reconnect: 'any', lastEventId: 'any', maxEventSize: 'any' } as const;

/** What server-sent events, WebSockets and downloads begin with: no end but a given one. */
const ENDLESS: Timeouts = { ...DEFAULT_TIMEOUTS, total: Number.POSITIVE_INFINITY };

function* close(session: Session): Operation<void> {
  yield* session.beginClose();
  const pool = session.closePool();
  if (pool !== undefined) yield* pool;
}

function jarOf(option: CookieJar | false | undefined): CookieJar | null {
  if (option === false) return null;
  if (option === undefined) return new CookieJar();
  if (option instanceof CookieJar) return option;
  throw new InvalidOptionError('cookieJar is none: give new CookieJar(), or false for a session without cookies.');
}

function netrcOf(option: boolean | string | undefined): NetrcAuth | null {
  if (option === undefined || option === false) return null;
  return new NetrcAuth(option === true ? undefined : option);
}

function refuseBodies(options: SessionOptions): void {
  for (const name of ['json', 'form', 'multipart', 'body'] as const) {
    if (own(options, name) !== undefined) {
      throw new InvalidOptionError(`A session has no ${name}: give it to the request that it belongs to.`);
    }
  }
}
