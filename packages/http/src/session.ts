import { currentTask, defer, type Operation } from '@coloop/core';
import type TypedEmitter from 'typed-emitter';
import { NetrcAuth } from './auth/netrc.ts';
import { Call, Calls } from './call.ts';
import { ConnectionPool, Pool, type PooledConnection, type PoolOptions, type PoolStats } from './connect/pool.ts';
import { CookieJar } from './cookies.ts';
import { InvalidOptionError, SessionClosedError } from './errors.ts';
import { authenticate } from './middleware/auth.ts';
import { cookiesOf } from './middleware/cookies.ts';
import { raiseForStatus } from './middleware/raise-for-status.ts';
import { followRedirects } from './middleware/redirects.ts';
import { retries } from './middleware/retries.ts';
import { checkNames, REQUEST_OPTIONS, type RequestOptions } from './options.ts';
import { own } from './own.ts';
import { compose, perform } from './pipeline.ts';
import { type Defaults, prepare, readDefaults } from './prepare.ts';
import type { Middleware, Next } from './request.ts';
import type { Response } from './response.ts';
import { mergeTimeouts } from './timeouts.ts';
import { type TraceEvents, Tracer } from './trace.ts';
import type { Connection } from './transport/connection.ts';
import { Http1Transport } from './transport/http1.ts';
import { NodePlatform } from './transport/platform.ts';
import { type Host, HostOfTask } from './wait.ts';

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
  #tracer: Tracer | null = null;
  #closed = false;

  /** @internal Use {@link Session.open}. */
  constructor(options: SessionOptions, host: Host) {
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
    const transport = new Http1Transport(this.#pool as unknown as Pool<Connection>, currentTask().innermostOwner);
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
  request(method: string, url: string | URL, options: RequestOptions = {}): Operation<Response> {
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
   * Ends every request and response of this session, and returns when every socket is closed.
   *
   * No delay is needed afterwards. A second call waits for the same end.
   */
  close(): Operation<void> {
    return close(this);
  }

  /** @internal */
  begin(method: string, url: string | URL, options: RequestOptions): Operation<Response> {
    if (this.#closed) {
      throw new SessionClosedError(
        'The session is closed: make the request before the end of its scope, or open another.',
      );
    }
    const defaults = this.#defaults;
    const { total } = mergeTimeouts(defaults.options.timeouts, own(options, 'timeout'));
    const call = new Call(this.#calls, this.#host, total, this.#tracer, undefined);
    return perform(
      call,
      total,
      own(options, 'signal') ?? own(defaults.body, 'signal'),
      () => {
        const made = prepare(defaults, method, url, options, call);
        call.request = made;
        return made;
      },
      this.#chain,
    );
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

interface Entropy {
  entropy(bytes: Uint8Array): Uint8Array;
}

function* open(options: SessionOptions): Operation<Session> {
  const session = new Session(options, yield* new HostOfTask());
  defer(() => session.close());
  return session;
}

function* request(session: Session, method: string, url: string | URL, options: RequestOptions): Operation<Response> {
  return yield* session.begin(method, url, options);
}

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
