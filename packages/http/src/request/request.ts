/* The request as middleware sees it, and what it is made of. */
import type { Operation } from '@coloop/core';
import type { HistoryEntry, RequestSummary } from '../errors.ts';
import type { RequestHeaders } from '../headers.ts';
import { showAs, shownHeaders } from '../inspect.ts';
import type { Limits } from '../limits.ts';
import type { Response } from '../response/response.ts';
import type { Phase, Timeline } from '../timing.ts';
import type { RequestBody } from './body/body.ts';
import type { AllowAddress, NameResolver, ProxyTarget, TlsSettings } from './connection-options.ts';
import type { Timeouts } from './timeouts.ts';

export type { RequestBody } from './body/body.ts';

/** The rest of the way: the next middleware, and after the last one the connection. */
export type Next = (request: Request) => Operation<Response>;

/**
 * A step on the way of every request of a session: it may change the request, ask several times, or answer by itself.
 *
 * A response that is not handed on has to be released (`yield* response.release()`, or `using`).
 *
 * @example
 * ```ts
 * import { type Middleware, Session } from '@coloop/http';
 *
 * const withVersion: Middleware = (request, next) => next(request.with({ headers: request.headers.set('X-Version', '2') }));
 * const opening = Session.open({ middleware: [withVersion] });
 * ```
 */
export type Middleware = (request: Request, next: Next) => Operation<Response>;

/** Proves who asks: an object whose `apply` is a middleware around a single hop. */
export interface Auth {
  /**
   * Sends the request with credentials, and again if the server's challenge asks for it.
   *
   * Never called for a request that must not carry credentials (a cross-origin hop, another origin than the base's).
   */
  apply(request: Request, next: Next): Operation<Response>;
  /** The value of the Authorization header if it is known without asking: saves `apply`, and serves proxies. */
  readonly authorization?: string | undefined;
}

/** What the session needs of a cookie jar; `CookieJar` implements it. */
export interface CookieSource {
  /** True while there is nothing to look up. */
  readonly isEmpty: boolean;
  /** The value of the Cookie header for this URL, or an empty string. */
  header(url: URL): string;
  /** Takes in the Set-Cookie headers of a response from `url`; bad ones are ignored, as browsers do. */
  receive(setCookies: readonly string[], url: URL): void;
}

/**
 * What belongs to one call of the user, over all its hops and attempts.
 *
 * Middleware sees it as `request.call`; the same object serves every request made by `request.with()`.
 */
export interface Call {
  readonly timeline: Timeline;
  /** How often a request was put on a connection. */
  attempts: number;
  /** The redirects followed so far. */
  readonly history: HistoryEntry[];
  /** Begins a phase on the timeline, e.g. `'retry'` before waiting for the next attempt. */
  enter(phase: Phase): void;
  /** Milliseconds until the total limit passes; Infinity without one. */
  remaining(): number;
  /** Who asks whom, for errors; without credentials. */
  summary(request: Request): RequestSummary;
}

/** When and how failed requests are tried again; every field filled in. */
export interface RetryPolicy {
  /** Calls in all, the first one counted. */
  readonly attempts: number;
  /** Milliseconds before the second call, before jitter. */
  readonly delay: number;
  readonly factor: number;
  /** The longest wait between two calls, in milliseconds. */
  readonly maxDelay: number;
  readonly jitter: boolean;
  readonly statuses: ReadonlySet<number>;
  /** Upper-case methods that may be repeated. */
  readonly methods: ReadonlySet<string>;
}

/** What is known while a body travels. */
export interface Progress {
  readonly direction: 'upload' | 'download';
  /** Bytes so far, as they are on the wire (still compressed). */
  readonly bytes: number;
  /** Bytes in all, if the length is known. */
  readonly total: number | undefined;
}

/** The options of one call: session defaults and its own, merged, checked, with every default filled in. */
export interface ResolvedOptions {
  readonly timeouts: Timeouts;
  readonly ssl: TlsSettings;
  /** null: connect directly. */
  readonly proxy: ProxyTarget | null;
  /** Asks the environment per hop if no proxy was given and `trustEnv` is on. */
  readonly proxyFor: ((url: URL) => ProxyTarget | null) | null;
  /** null: the system's. */
  readonly resolver: NameResolver | null;
  /** null: anywhere. */
  readonly allowAddress: AllowAddress | null;
  /** null: the host of the URL. */
  readonly socketPath: string | null;
  readonly redirect: 'follow' | 'manual' | 'error';
  readonly maxRedirects: number;
  /** Lower-case names of headers that survive a cross-origin hop. */
  readonly forwardHeaders: ReadonlySet<string>;
  readonly retry: RetryPolicy | null;
  readonly expect100: boolean;
  readonly decompress: boolean;
  readonly raiseForStatus: boolean;
  readonly limits: Limits;
  readonly onProgress: ((progress: Progress) => void) | null;
}

/** What {@link Request.with} may change. */
export interface RequestChanges {
  readonly method?: string;
  readonly url?: URL;
  readonly headers?: RequestHeaders;
  readonly body?: RequestBody | null;
  readonly options?: ResolvedOptions;
  readonly auth?: Auth | null;
  readonly cookies?: Readonly<Record<string, string>> | null;
}

/** One request as the middleware sees it: complete, checked and immutable. */
export class Request {
  readonly method: string;
  /** Without userinfo (it became `auth`) and, when it is sent, without its fragment. */
  readonly url: URL;
  readonly headers: RequestHeaders;
  readonly body: RequestBody | null;
  /** Session defaults and the call's own options, merged and checked. */
  readonly options: ResolvedOptions;
  /** The credentials for this hop; null if none may be sent. */
  readonly auth: Auth | null;
  /** Cookies of this call alone (`cookies: { name: value }`), beside those of the jar; null if none may be sent. */
  readonly cookies: Readonly<Record<string, string>> | null;
  readonly call: Call;

  constructor(
    method: string,
    url: URL,
    headers: RequestHeaders,
    body: RequestBody | null,
    options: ResolvedOptions,
    auth: Auth | null,
    cookies: Readonly<Record<string, string>> | null,
    call: Call,
  ) {
    this.method = method;
    this.url = url;
    this.headers = headers;
    this.body = body;
    this.options = options;
    this.auth = auth;
    this.cookies = cookies;
    this.call = call;
  }

  /** The same request with some parts replaced. */
  with(changes: RequestChanges): Request {
    return new Request(
      changes.method ?? this.method,
      changes.url ?? this.url,
      changes.headers ?? this.headers,
      changes.body === undefined ? this.body : changes.body,
      changes.options ?? this.options,
      changes.auth === undefined ? this.auth : changes.auth,
      changes.cookies === undefined ? this.cookies : changes.cookies,
      this.call,
    );
  }
}

showAs(Request, 'Request', ({ method, url, call, headers, body }) => ({
  method,
  url: url.href,
  phase: call.timeline.phase,
  attempts: call.attempts,
  headers: shownHeaders(headers),
  body: body === null ? null : `${body.length ?? 'an unknown number of'} bytes`,
}));
