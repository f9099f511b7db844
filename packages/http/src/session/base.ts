import type { Operation } from '@coloop/core';
import { defaultScheduler } from '@coloop/core/lowlevel';
import type TypedEmitter from 'typed-emitter';
import { OpenCall, OpenCalls } from '../call/call.ts';
import { compose, perform } from '../call/pipeline.ts';
import { type TraceEvents, Tracer } from '../call/trace.ts';
import { checkNames, invalid, invalidOption, own, ownEntries } from '../checks.ts';
import { InvalidOptionError, SessionClosedError } from '../errors.ts';
import { authenticate } from '../middleware/auth.ts';
import { raiseForStatus } from '../middleware/raise-for-status.ts';
import { retries } from '../middleware/retries.ts';
import { RequestHeaders } from '../request/headers.ts';
import { checkSignal } from '../request/option-values.ts';
import { NO_OPTIONS, type OptionPlatform, REQUEST_OPTIONS, type RequestOptions } from '../request/options.ts';
import type { Auth, Middleware, Next, Request } from '../request/request.ts';
import { DEFAULT_TIMEOUTS, mergeTimeouts, type Timeouts } from '../request/timeouts.ts';
import type { Response } from '../response/response.ts';
import { EVENTS_OPTIONS, type EventsOptions, EventsSource } from '../sse/events.ts';
import type { SchedulerView } from '../waits.ts';
import { type Defaults, prepare, readDefaults } from './build-request.ts';

/** What every session is opened with, whatever its platform. */
export interface BaseSessionOptions extends RequestOptions {
  /** What relative URLs are resolved against, as the URL standard does it. */
  readonly baseUrl?: string | URL | undefined;
  /**
   * Whether absolute and `//host` URLs may leave the base's origin; they then lose the session's auth, cookies and
   * headers save those of `forwardHeaders`. Default true; false makes them an error.
   */
  readonly allowOtherOrigins?: boolean | undefined;
  readonly middleware?: readonly Middleware[] | undefined;
}

/** The names of {@link BaseSessionOptions}. */
export const BASE_SESSION_OPTIONS: readonly (keyof BaseSessionOptions)[] = [
  ...REQUEST_OPTIONS,
  'baseUrl',
  'allowOtherOrigins',
  'middleware',
];

/** What a stream of events may be given: the options of its requests, and its own. */
export type EventsRequestOptions = RequestOptions & EventsOptions;

/** What of a session depends on its platform. */
export interface SessionParts {
  readonly scheduler: SchedulerView;
  readonly platform: OptionPlatform;
  /** The names of the options that this platform's sessions take. */
  readonly names: readonly string[];
  /** Whether the environment is asked for proxies. */
  readonly trustEnv: boolean;
  /** The credentials where none are given. */
  readonly fallback: Auth | null;
  /** The steps between retries and authentication. */
  readonly redirects: readonly Middleware[];
  /** Sends one hop, with its cookies. */
  readonly last: Next;
  /** Closes what the session alone has used, after its last request. */
  readonly closed: () => Operation<void> | undefined;
}

/** The session of every platform: defaults, the pipeline over a transport, and its end. */
export abstract class BaseSession {
  readonly #defaults: Defaults;
  readonly #chain: Next;
  readonly #parts: SessionParts;
  readonly #calls = new OpenCalls();
  #tracer: Tracer | null = null;
  #closed = false;

  constructor(options: BaseSessionOptions, parts: SessionParts) {
    const { scheduler, platform, names, trustEnv, fallback, redirects, last } = parts;
    checkNames('Session.open', options, names);
    refuseBodies(options);
    this.#parts = parts;
    const entropy = (bytes: Uint8Array): Uint8Array => scheduler.entropy(bytes);
    this.#defaults = readDefaults(options, platform, trustEnv, fallback, entropy);
    const given = checkMiddleware(own(options, 'middleware') ?? []);
    this.#chain = compose([raiseForStatus, ...given, retries, ...redirects, authenticate], last);
  }

  get closed(): boolean {
    return this.#closed;
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
    return perform(this, method, url, options, false, this.#chain);
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
   * The server-sent events of a URL, across lost connections; nothing is sent before the first `next()`.
   *
   * @throws ClientResponseError, ContentTypeError (from `next`), and the errors of a request.
   */
  events(url: string | URL, options: EventsRequestOptions = {}): EventsSource {
    const [mine, request] = split<EventsOptions, RequestOptions>('session.events', options, EVENTS_OPTIONS);
    const given = RequestHeaders.from(own(request, 'headers'));
    const open = (headers: Readonly<Record<string, string>>): Operation<Response> =>
      endlessRequest(this, url, { ...request, headers: RequestHeaders.from(headers).merge(given) });
    return new EventsSource(open, mine);
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
  newCall(options: RequestOptions, endless: boolean): OpenCall {
    if (this.#closed) {
      throw new SessionClosedError(
        'The session is closed: make the request before the end of its scope, or open another.',
      );
    }
    if ((defaultScheduler() as unknown) !== this.#parts.scheduler) {
      throw new InvalidOptionError('The session belongs to another scheduler: open one for each, or run both on one.');
    }
    if (options === null) throw invalid('The argument options', options, 'leave it out');
    const defaults = this.#defaults;
    const limit = own(options, 'timeout');
    const { total } = mergeTimeouts(defaults.options.timeouts, limit);
    const bodyTotal = endless ? mergeTimeouts(ENDLESS, limit).total : total;
    const signal = checkSignal(own(options, 'signal')) ?? own(defaults.body, 'signal');
    const place = this.#parts.scheduler.debug ? new Error('the request was made').stack : undefined;
    return new OpenCall(this.#calls, this.#parts.scheduler, total, bodyTotal, signal, this.#tracer, place);
  }

  /** @internal */
  prepare(method: string, url: string | URL, options: RequestOptions, call: OpenCall): Request {
    const made = prepare(this.#defaults, method, url, options, call);
    call.request = made;
    return made;
  }

  /** @internal */
  endless(url: string | URL, options: RequestOptions): Operation<Response> {
    return perform(this, 'GET', url, options, true, this.#chain);
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
  closeParts(): Operation<void> | undefined {
    return this.#parts.closed();
  }
}

/** A session that was made with `new` would belong to nobody, and would never be closed. */
export function checkOpened(scheduler: unknown): void {
  if (scheduler !== undefined) return;
  throw new TypeError(
    'A session is opened, not constructed: write `const session = yield* Session.open(options)` inside of a task.',
  );
}

/** A request whose response has no end by itself. */
export function endlessRequest(session: BaseSession, url: string | URL, options: RequestOptions): Operation<Response> {
  return session.endless(url, options);
}

/** ws: and wss: in the form that the pipeline knows. */
export function httpUrl(url: string | URL): string {
  return String(url).replace(/^ws(s?):/i, 'http$1:');
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

/** What server-sent events, WebSockets and downloads begin with: no end but a given one. */
const ENDLESS: Timeouts = { ...DEFAULT_TIMEOUTS, total: Number.POSITIVE_INFINITY };

function* close(session: BaseSession): Operation<void> {
  yield* session.beginClose();
  const parts = session.closeParts();
  if (parts !== undefined) yield* parts;
}

function checkMiddleware(given: readonly Middleware[]): readonly Middleware[] {
  if (Array.isArray(given) && given.every((step) => typeof step === 'function')) return given;
  throw invalidOption('middleware', given, 'give a list of functions: (request, next) => next(request)');
}

function refuseBodies(options: BaseSessionOptions): void {
  for (const name of ['json', 'form', 'multipart', 'body'] as const) {
    if (own(options, name) !== undefined) {
      throw new InvalidOptionError(`Session.open has no option '${name}': give it to the request that it belongs to.`);
    }
  }
}
