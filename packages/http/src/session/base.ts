/* The session that every platform shares: its options, its calls, and its end. */
import { attempt, defer, type Operation, spawn, type Task, timeout } from '@coloop/core';
import { atCaller, defaultScheduler, type Scope } from '@coloop/core/lowlevel';
import type TypedEmitter from 'typed-emitter';
import { OpenCall, OpenCalls } from '../call/call.ts';
import { compose, errorOf, streamOf } from '../call/pipeline.ts';
import { type TraceEvents, Tracer } from '../call/trace.ts';
import { checkNames, invalid, invalidOption, own, ownEntries } from '../checks.ts';
import { InvalidOptionError, SessionClosedError } from '../errors.ts';
import { RequestHeaders } from '../headers.ts';
import { showAs } from '../inspect.ts';
import { authenticate } from '../middleware/auth.ts';
import { raiseForStatus } from '../middleware/raise-for-status.ts';
import { retries } from '../middleware/retries.ts';
import { type HandedIn, handedIn, passOn } from '../request/body/handed-in.ts';
import { isInnermost } from '../request/innermost.ts';
import { checkSignal } from '../request/option-values.ts';
import { NO_OPTIONS, type OptionPlatform, REQUEST_OPTIONS, type RequestOptions } from '../request/options.ts';
import type { Auth, Middleware, Next, Request } from '../request/request.ts';
import { DEFAULT_TIMEOUTS, mergeTimeouts, type Timeouts } from '../request/timeouts.ts';
import type { Response } from '../response/response.ts';
import { EVENTS_OPTIONS, type EventsOptions, EventsSource, type OpenEvents } from '../sse/events.ts';
import { CurrentScheduler, type SchedulerView } from '../waits.ts';
import type { BaseWebSocket } from '../websocket/base.ts';
import { WEBSOCKET_OPTIONS, type WebSocketOptions, type WebSocketSettings } from '../websocket/options.ts';
import { ReconnectingWebSocket, reconnectSettings, type WebSocketReconnectOptions } from '../websocket/reconnecting.ts';
import { buildRequest, type Defaults, extendDefaults, readDefaults } from './build-request.ts';
import { makesRequests, type RequestOperation } from './request-operation.ts';

/** What every session is opened with, whatever its platform. */
export interface BaseSessionOptions extends RequestOptions {
  /** What relative URLs are resolved against, as the URL standard does it. */
  readonly baseUrl?: string | URL | undefined;
  /**
   * Whether absolute and `//host` URLs may leave the base's origin; they then lose the session's auth, cookies and
   * headers save those of `forwardHeaders`. Default true; false makes them an error.
   */
  readonly allowOtherOrigins?: boolean | undefined;
  /** Steps on the way of every request; see {@link Middleware}. */
  readonly middleware?: readonly Middleware[] | undefined;
}

/** The names of {@link BaseSessionOptions}. */
export const BASE_SESSION_OPTIONS: readonly (keyof BaseSessionOptions)[] = [
  ...REQUEST_OPTIONS,
  'baseUrl',
  'allowOtherOrigins',
];

/** What a stream of events may be given: the options of its requests, and its own. */
export type EventsRequestOptions = RequestOptions & EventsOptions;

/** What a WebSocket may be given: the options of its handshake, and its own. */
export type WebSocketRequestOptions = Omit<RequestOptions, 'compress' | 'middleware'> & WebSocketOptions;

/** What a WebSocket that reconnects may be given. */
export type ReconnectingRequestOptions = WebSocketRequestOptions & {
  /** Opens it again when its connection is lost; true for the usual pauses. */
  readonly reconnect: true | WebSocketReconnectOptions;
};

/** How a platform opens WebSockets; `S` is what it makes. */
export interface WebSocketOpener<S> {
  /** Fills in the options of a WebSocket, and refuses what the platform cannot do. */
  settings(options: WebSocketOptions): WebSocketSettings;
  open(request: Request, settings: WebSocketSettings, call: OpenCall): Operation<S>;
}

/** What of a session depends on its platform. */
export interface SessionParts<S> {
  readonly scheduler: SchedulerView;
  /** Where work runs that is no task's; null if there is none. */
  readonly owner: Scope | null;
  readonly platform: OptionPlatform;
  /** The names of the options that this platform's sessions take. */
  readonly names: readonly string[];
  /** Whether the environment is asked for proxies. */
  readonly trustEnv: boolean;
  /** The credentials if none are given. */
  readonly fallback: Auth | null;
  /** The steps between retries and authentication. */
  readonly redirects: readonly Middleware[];
  /** The request of a hop with its cookies, as it goes out. */
  readonly signed: (request: Request) => Request;
  /** Sends one hop, with its cookies. */
  readonly last: Next;
  readonly webSocket: WebSocketOpener<S>;
  /** Closes what the session alone has used, after its last request. */
  readonly closed: () => Operation<void> | undefined;
}

/** The session of every platform: defaults, the pipeline over a transport, and its end; `S` is its WebSocket. */
export abstract class BaseSession<S extends BaseWebSocket = BaseWebSocket> {
  readonly #defaults: Defaults;
  readonly #middleware: readonly Middleware[];
  readonly #chain: Next;
  readonly #parts: SessionParts<S>;
  /** The session that this one extends. */
  readonly #parent: BaseSession<S> | null;
  readonly #calls: OpenCalls;
  #tracer: Tracer | null = null;
  #closed = false;

  constructor(options: BaseSessionOptions, parts: SessionParts<S>, parent: BaseSession<S> | null = null) {
    const { scheduler, platform, names, trustEnv, fallback } = parts;
    const what = parent === null ? 'Session.open' : 'session.extend';
    checkNames(what, options, parent === null ? names : BASE_SESSION_OPTIONS);
    refuseBodies(what, options);
    this.#parts = parts;
    this.#parent = parent;
    this.#calls = new OpenCalls(parent === null ? null : parent.#calls);
    this.#calls.background = (work, lasts) => this.#background(work, lasts);
    const entropy = (bytes: Uint8Array): Uint8Array => scheduler.entropy(bytes);
    this.#defaults =
      parent === null
        ? readDefaults(options, platform, trustEnv, fallback, entropy)
        : extendDefaults(parent.#defaults, options);
    const given = checkMiddleware(own(options, 'middleware'));
    this.#middleware = parent === null ? given : [...parent.#middleware, ...given];
    this.#chain = this.#chainOf(this.#middleware);
  }

  get closed(): boolean {
    return this.#closed || this.#parent?.closed === true;
  }

  /** Events of every phase of every request. */
  get trace(): TypedEmitter<TraceEvents> {
    if (this.#parent !== null) return this.#parent.trace;
    this.#tracer ??= new Tracer();
    return this.#tracer.emitter;
  }

  get #tracing(): Tracer | null {
    return this.#parent === null ? this.#tracer : this.#parent.#tracing;
  }

  #chainOf(middleware: readonly Middleware[]): Next {
    const { redirects, signed, last } = this.#parts;
    const inner = middleware.filter(isInnermost);
    const outer = inner.length === 0 ? middleware : middleware.filter((step) => !isInnermost(step));
    const sent = compose(inner, last);
    const end: Next = inner.length === 0 ? last : (request) => sent(signed(request));
    return compose([raiseForStatus, ...outer, retries, ...redirects, authenticate], end);
  }

  #background(work: (call: OpenCall) => Operation<unknown>, lasts: boolean): boolean {
    const { scheduler, owner } = this.#parts;
    if (this.closed || owner === null) return false;
    const { total } = this.#defaults.options.timeouts;
    const tracer = lasts ? null : this.#tracing;
    const call = new OpenCall(this.#calls, scheduler, total, total, undefined, tracer, undefined);
    call.lasts = lasts;
    if (lasts) {
      // No task's end cuts it short.
      void scheduler.run(() => working(call, work));
      return true;
    }
    // One that is cancelled before it begins does nothing, and is over all the same.
    backgroundIn(owner, working(call, work)).whenSettled(() => call.finish());
    return true;
  }

  /** The way of a call: that of the session, unless it was given steps of its own. */
  #chainFor(options: RequestOptions): Next {
    const given = options === NO_OPTIONS ? undefined : own(options, 'middleware');
    return given === undefined ? this.#chain : this.#chainOf([...this.#middleware, ...checkMiddleware(given)]);
  }

  /**
   * Sends a request and waits for the head of its response.
   *
   * Cancellation: destroys the connection if the request is on one, at once.
   *
   * @throws InvalidUrlError, InvalidOptionError before anything is sent; SessionClosedError; ClientConnectionError and
   * ServerTimeoutError if no response comes; ClientResponseError with `raiseForStatus`.
   */
  request(method: string, url: string | URL, options: RequestOptions = NO_OPTIONS): RequestOperation {
    return BaseSession.#perform<Response>(this, method, url, options, false, null) as RequestOperation;
  }

  get(url: string | URL, options?: RequestOptions): RequestOperation {
    return this.request('GET', url, options);
  }

  post(url: string | URL, options?: RequestOptions): RequestOperation {
    return this.request('POST', url, options);
  }

  put(url: string | URL, options?: RequestOptions): RequestOperation {
    return this.request('PUT', url, options);
  }

  patch(url: string | URL, options?: RequestOptions): RequestOperation {
    return this.request('PATCH', url, options);
  }

  delete(url: string | URL, options?: RequestOptions): RequestOperation {
    return this.request('DELETE', url, options);
  }

  head(url: string | URL, options?: RequestOptions): RequestOperation {
    return this.request('HEAD', url, options);
  }

  options(url: string | URL, options?: RequestOptions): RequestOperation {
    return this.request('OPTIONS', url, options);
  }

  /**
   * The server-sent events of a URL, across lost connections; nothing is sent before the first `next()`.
   *
   * @throws ClientResponseError, ContentTypeError (from `next`), and the errors of a request.
   */
  events(url: string | URL, options: EventsRequestOptions = {}): EventsSource {
    const handed = handedIn(options);
    try {
      const [mine, request] = split<EventsOptions, RequestOptions>('session.events', options, EVENTS_OPTIONS);
      const given = RequestHeaders.from(own(request, 'headers'));
      const open = (headers: Readonly<Record<string, string>>): Operation<Response> => {
        const all = RequestHeaders.from(headers).merge(given);
        return this.requestEndless(url, passOn(handed, { ...request, headers: all }));
      };
      return handed === null ? new EventsSource(open, mine) : new HandedEvents(open, mine, handed);
    } catch (error) {
      handed?.closeNowait();
      throw error;
    }
  }

  /**
   * Opens a WebSocket; `ws:`, `wss:`, `http:` and `https:` URLs are taken, and relative ones with a base.
   *
   * With `reconnect` it is opened again whenever its connection is lost; see {@link ReconnectingWebSocket}.
   *
   * Cancellation: destroys the connection at once.
   *
   * @throws WebSocketHandshakeError if the server refuses, the errors of connecting, and InvalidOptionError for options
   * that the platform's WebSocket does not have (in browsers headers, auth and heartbeat)
   */
  ws(url: string | URL, options: ReconnectingRequestOptions): Operation<ReconnectingWebSocket>;
  ws(url: string | URL, options?: WebSocketRequestOptions): Operation<S>;
  ws(
    url: string | URL,
    options: WebSocketRequestOptions & { readonly reconnect?: unknown } = {},
  ): Operation<S | ReconnectingWebSocket> {
    const { reconnect, ...rest } = options ?? {};
    if (reconnect === undefined || reconnect === false) {
      return BaseSession.#openSocket(this, url, reconnect === undefined ? options : rest);
    }
    return BaseSession.#openAgain(this, url, rest, reconnect as true);
  }

  static *#openAgain<S extends BaseWebSocket>(
    session: BaseSession<S>,
    url: string | URL,
    options: WebSocketRequestOptions,
    reconnect: true | WebSocketReconnectOptions,
  ): Operation<ReconnectingWebSocket> {
    const settings = reconnectSettings(reconnect);
    const { closeTimeout = 10_000 } = options;
    const open = (): Operation<S> => BaseSession.#openSocket(session, url, options);
    const first = yield* open();
    const { owner } = session.#parts;
    const run = (body: Operation<void>): Task<void> =>
      owner === null ? spawn(body, { daemon: true }) : backgroundIn(owner, body);
    return new ReconnectingWebSocket(first, settings, { open, run, closeTimeout });
  }

  static *#openSocket<S extends BaseWebSocket>(
    session: BaseSession<S>,
    url: string | URL,
    options: WebSocketRequestOptions,
    handed: HandedIn | null = handedIn(options),
  ): Operation<S> {
    try {
      const [mine, request] = split<WebSocketOptions, Omit<RequestOptions, 'compress' | 'middleware'>>(
        'session.ws',
        options,
        WEBSOCKET_OPTIONS,
      );
      if (own(request as RequestOptions, 'middleware') !== undefined) {
        throw new InvalidOptionError(
          "session.ws has no option 'middleware': a handshake has no response that a step could hand on; leave it out.",
        );
      }
      const { webSocket } = session.#parts;
      const settings = webSocket.settings(mine);
      const open = (made: Request, call: OpenCall): Operation<S> => webSocket.open(withoutBody(made), settings, call);
      return yield* BaseSession.#perform(session, 'GET', httpUrl(url), passOn(handed, request), true, open);
    } finally {
      if (handed !== null) yield* handed.close();
    }
  }

  /**
   * Ends every request and response of this session, and returns when every socket is closed.
   *
   * No delay is needed afterwards. A second call waits for the same end.
   */
  *close(): Operation<void> {
    this.#closed = true;
    const tracer = this.#tracing;
    if (tracer !== null) {
      for (const call of this.#calls) if (call.state === 'body') tracer.leak(call);
    }
    this.#calls.failAll('The session was closed while the request was under way.');
    yield* this.#calls.drained();
    if (this.#parent !== null) return;
    const closing = this.#parts.closed();
    if (closing !== undefined) yield* closing;
  }

  /** A GET whose response has no end by itself, and so no total limit unless `options` has one. */
  protected requestEndless(url: string | URL, options: RequestOptions): Operation<Response> {
    return BaseSession.#perform<Response>(this, 'GET', url, options, true, null);
  }

  /**
   * Takes one call of the user through the pipeline, under its total limit, and releases all that it opened.
   *
   * It is the call's only frame around the chain: what a call that waits holds is copied by the collector, and counts.
   *
   * Cancellation: destroys what was opened, at once; the middleware's own cleanup runs first.
   *
   * @param endless - whether the response has no end by itself
   * @param chain - what becomes of the request; null: what becomes of any
   * @param handed - the streams among the options
   */
  static *#perform<T>(
    session: BaseSession,
    method: string,
    url: string | URL,
    options: RequestOptions,
    endless: boolean,
    chain: ((request: Request, call: OpenCall) => Operation<T>) | null,
    // Before the first step, at the call: a stream may fail while nothing awaits its request yet.
    handed: HandedIn | null = options === NO_OPTIONS ? null : handedIn(options),
  ): Operation<T> {
    let opened: OpenCall | undefined;
    try {
      const call = session.#newCall(options, endless);
      opened = call;
      if (handed !== null) handed.watch((error) => call.fail(error));
      const request = buildRequest(session.#defaults, method, url, options, handed, call);
      call.request = request;
      const through: (request: Request, call: OpenCall) => Operation<unknown> = chain ?? session.#chainFor(options);
      const result = yield* timeout(call.total, (deadline) => {
        call.begin(deadline);
        return through(request, call);
      });
      call.handOver(streamOf(result));
      return result as T;
    } catch (error) {
      if (opened === undefined) throw error;
      const seen = errorOf(error, opened);
      opened.failed(seen);
      throw atCaller(seen);
    } finally {
      if (handed !== null) yield* handed.ended();
    }
  }

  static {
    makesRequests(BaseSession.#perform);
    showAs(BaseSession, 'Session', (session) => session.#view());
  }

  #view(): object {
    const { base } = this.#defaults;
    const requests: string[] = [];
    for (const call of this.#calls) {
      const { method, url } = call.currentSummary() ?? { method: 'a request', url: '' };
      if (requests.length < MOST_SHOWN) requests.push(`${method} ${url} (${call.timeline.phase})`);
    }
    const { size } = this.#calls;
    if (size > requests.length) requests.push(`and ${size - requests.length} more`);
    return { ...(base === undefined ? {} : { baseUrl: base.href }), closed: this.closed, requests };
  }

  #newCall(options: RequestOptions, endless: boolean): OpenCall {
    const { scheduler } = this.#parts;
    if (this.closed) {
      throw new SessionClosedError(
        'The session is closed: make the request before the end of its scope, or open another.',
      );
    }
    if ((defaultScheduler() as unknown) !== scheduler) {
      throw new InvalidOptionError('The session belongs to another scheduler: open one for each, or run both on one.');
    }
    if (options === null) throw invalid('The argument options', options, 'leave it out');
    const defaults = this.#defaults;
    const limit = own(options, 'timeout');
    const { total } = mergeTimeouts(defaults.options.timeouts, limit);
    const bodyTotal = endless ? mergeTimeouts(ENDLESS, limit).total : total;
    const signal = checkSignal(own(options, 'signal')) ?? own(defaults.body, 'signal');
    const place = scheduler.debug ? new Error('the request was made').stack : undefined;
    return new OpenCall(this.#calls, scheduler, total, bodyTotal, signal, this.#tracing, place);
  }
}

/** Events whose request was handed streams: they are closed with the events, whether one was sent or not. */
class HandedEvents extends EventsSource {
  readonly #handed: HandedIn;

  constructor(open: OpenEvents, options: EventsOptions, handed: HandedIn) {
    super(open, options);
    this.#handed = handed;
  }

  override *close(): Operation<void> {
    try {
      yield* super.close();
    } finally {
      yield* this.#handed.close();
    }
  }
}

interface BackgroundRunner {
  spawnInto(
    owner: Scope,
    body: Operation<void>,
    options: { readonly daemon: boolean; readonly name: string },
  ): Task<void> & { whenSettled(listener: () => void): void };
}

/** A task that ends with a scope. */
function backgroundIn(owner: Scope, body: Operation<void>): ReturnType<BackgroundRunner['spawnInto']> {
  return (owner.runner as unknown as BackgroundRunner).spawnInto(owner, body, { daemon: true, name: 'background' });
}

/** Work for the session, under the limits of a call. */
function* working(call: OpenCall, work: (call: OpenCall) => Operation<unknown>): Operation<void> {
  const tried = yield* attempt(
    timeout(call.total, (deadline) => {
      call.begin(deadline);
      return work(call);
    }),
  );
  if (tried.ok) call.finish();
  else call.failed(errorOf(tried.error, call));
}

/** Opens a session that belongs to the current scope. */
export function* openSession<S extends BaseSession>(make: (scheduler: SchedulerView) => S): Operation<S> {
  const session = make(yield* new CurrentScheduler());
  defer(() => session.close());
  return session;
}

/** A session that was made with `new` would belong to nobody, and would never be closed. */
export function checkOpened(scheduler: unknown): void {
  if (scheduler !== undefined) return;
  throw new TypeError(
    'A session is opened, not constructed: write `const session = yield* Session.open(options)` inside of a task.',
  );
}

/** ws: and wss: in the form that the pipeline knows. */
function httpUrl(url: string | URL): string {
  return String(url).replace(/^ws(s?):/i, 'http$1:');
}

/** @throws InvalidOptionError for a handshake with a body, which a server would take for the first message */
function withoutBody(request: Request): Request {
  if (request.body === null) return request;
  throw new InvalidOptionError(
    "The handshake of a WebSocket has no body: leave 'json', 'form', 'multipart' and 'body' out of session.ws, and send a first message.",
  );
}

/**
 * Takes the options of one word apart from those of its request.
 *
 * @throws InvalidOptionError for a name that neither has
 */
export function split<O extends object, R extends object>(
  what: string,
  options: O & R,
  names: readonly string[],
): [O, R] {
  checkNames(what, options, [...REQUEST_OPTIONS, ...names]);
  const mine: Record<string, unknown> = {};
  const rest: Record<string, unknown> = {};
  for (const [name, value] of ownEntries(options as Record<string, unknown>)) {
    if (names.includes(name)) mine[name] = value;
    else rest[name] = value;
  }
  return [mine as O, rest as R];
}

/** How many requests of a session are shown. */
const MOST_SHOWN = 10;

/** What server-sent events, WebSockets and downloads begin with: no end but a given one. */
const ENDLESS: Timeouts = { ...DEFAULT_TIMEOUTS, total: Number.POSITIVE_INFINITY };

function checkMiddleware(given: readonly Middleware[] | undefined): readonly Middleware[] {
  if (given === undefined) return [];
  if (Array.isArray(given) && given.every((step) => typeof step === 'function')) return given;
  throw invalidOption('middleware', given, 'give a list of functions: (request, next) => next(request)');
}

function refuseBodies(what: string, options: BaseSessionOptions): void {
  handedIn(options)?.closeNowait();
  for (const name of ['json', 'form', 'multipart', 'body'] as const) {
    if (own(options, name) !== undefined) {
      throw new InvalidOptionError(`${what} has no option '${name}': give it to the request that it belongs to.`);
    }
  }
}
