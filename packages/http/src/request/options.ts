/* What a request may be given, by name, and what a platform makes of it. */

import type { HeadersInit } from '../headers.ts';
import type { Limits } from '../limits.ts';
import type { RequestBody, UploadCoding } from './body/body.ts';
import type { Form } from './body/form.ts';
import type { BodyOptions, BodyValue } from './body/make.ts';
import type { Multipart } from './body/multipart.ts';
import type { AllowAddress, NameResolver, ProxyTarget, SslOptions, TlsSettings } from './connection-options.ts';
import type { Auth, Middleware, Progress } from './request.ts';
import type { TimeoutOptions } from './timeouts.ts';
import type { Params } from './url.ts';

/** A proxy with everything that belongs to it. */
export interface ProxyOptions {
  readonly url: string | URL;
  /** Goes before the credentials in the URL. */
  readonly auth?: { readonly authorization?: string | undefined } | undefined;
  /** Sent to the proxy alone. */
  readonly headers?: HeadersInit | undefined;
  /** TLS settings towards an https proxy. */
  readonly ssl?: SslOption | undefined;
}

/** Where a request goes through; null and false: directly. */
export type ProxyOption = string | URL | ProxyOptions | null | false;

/** TLS settings; false turns verification off. */
export type SslOption = boolean | SslOptions | TlsSettings;

/** When and how failed requests are tried again. */
export interface RetryOptions {
  /** Calls in all, the first one counted. */
  readonly attempts: number;
  /** Milliseconds before the second call. Default 100. */
  readonly delay?: number | undefined;
  /** Default 2. */
  readonly factor?: number | undefined;
  /** Default 30,000. */
  readonly maxDelay?: number | undefined;
  /** Whether a wait is drawn between 0 and its length. Default true. */
  readonly jitter?: boolean | undefined;
  /** Default 408, 429, 500, 502, 503, 504. */
  readonly statuses?: Iterable<number> | undefined;
  /** Default the idempotent ones. */
  readonly methods?: Iterable<string> | undefined;
}

/** What one request may be given; a session takes the same as defaults. */
export interface RequestOptions extends BodyOptions {
  readonly headers?: HeadersInit | undefined;
  readonly params?: Params | undefined;
  /** null: none, although the session has one. */
  readonly auth?: Auth | null | undefined;
  /** For this request alone, beside those of the jar. */
  readonly cookies?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly json?: unknown;
  readonly form?: Form | undefined;
  readonly multipart?: FormData | Multipart | undefined;
  /** A stream belongs to the request from the call on, and can be sent once; a function that makes it is for more than once. */
  readonly body?: BodyValue | (() => BodyValue) | null | undefined;
  /** Milliseconds for the whole request, or limits by phase; null, false and 0 for none. Default 300,000. */
  readonly timeout?: number | null | false | TimeoutOptions | undefined;
  readonly ssl?: SslOption | undefined;
  /** `verifySsl: false` is `ssl: false`. */
  readonly verifySsl?: boolean | undefined;
  readonly proxy?: ProxyOption | undefined;
  readonly proxyAuth?: { readonly authorization?: string | undefined } | null | undefined;
  /** What looks names up. */
  readonly resolver?: NameResolver | undefined;
  /**
   * Where the request may go, its redirects included: every address is asked about after its name was looked up, and the one
   * that was asked about is the one that is connected to.
   *
   * `'public'` refuses what IANA's special-purpose registries hold (loopback, private, link local and so on), also inside of
   * IPv6 addresses that carry an IPv4 address. A proxy that is given in options passes it, one of the environment does not. A
   * function decides by itself, about proxies too; what throws, and what is not `true`, refuses. A name that the proxy looks
   * up is looked up here first, and refused if one of its addresses is; the proxy may still see another address.
   */
  readonly allowAddress?: AllowAddress | undefined;
  /**
   * The path of a unix socket that requests go to in place of the host of the URL, which still names the server; null: none,
   * although the session has one. With a `baseUrl`, that of a session serves its origin alone; a redirect to another origin
   * leaves it.
   */
  readonly socketPath?: string | null | undefined;
  /** Default 'follow'. */
  readonly redirect?: 'follow' | 'manual' | 'error' | undefined;
  /** Hops that are followed. Default 10. */
  readonly maxRedirects?: number | undefined;
  /** Names of headers that survive a redirect to another origin. */
  readonly forwardHeaders?: readonly string[] | undefined;
  /** Default false. */
  readonly retry?: false | RetryOptions | undefined;
  /** Waits for `100 Continue` (one second at most) before the body is sent. */
  readonly expect100?: boolean | undefined;
  /** Compresses the body of the request. */
  readonly compress?: UploadCoding | undefined;
  /** Whether content codings are decoded. Default true. */
  readonly decompress?: boolean | undefined;
  /** Whether a status of 400 and above is thrown as an error. Default false. */
  readonly raiseForStatus?: boolean | undefined;
  readonly limits?: Partial<Limits> | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Steps on the way of this request, behind those of its session; see {@link Middleware}. */
  readonly middleware?: readonly Middleware[] | undefined;
}

/** What an option is checked and made ready with; the platform's part of it. */
export interface OptionPlatform {
  readonly acceptEncoding: string | null;
  readonly userAgent: string | null;
  /** Refuses what this platform cannot do; before anything else looks at the options of a session or a call. */
  check(what: string, options: RequestOptions): void;
  ssl(option: SslOption | undefined): TlsSettings;
  proxy(option: Exclude<ProxyOption, null | false>, auth: string | undefined): ProxyTarget;
  resolver(option: NameResolver | undefined): NameResolver | null;
  /** Null if the environment is not asked. */
  environment(): (url: URL) => ProxyTarget | null;
  /** The same body with a content coding. */
  compressed(body: RequestBody, coding: UploadCoding): RequestBody;
}

/** What a request has that was given no options; one object, so that nothing needs to be looked up in it. */
export const NO_OPTIONS: RequestOptions = Object.freeze({});

/** The options of a request, by name. */
export const REQUEST_OPTIONS: readonly (keyof RequestOptions)[] = [
  'headers',
  'params',
  'auth',
  'cookies',
  'signal',
  'json',
  'form',
  'multipart',
  'body',
  'timeout',
  'ssl',
  'verifySsl',
  'proxy',
  'proxyAuth',
  'resolver',
  'allowAddress',
  'socketPath',
  'redirect',
  'maxRedirects',
  'forwardHeaders',
  'retry',
  'expect100',
  'compress',
  'decompress',
  'raiseForStatus',
  'limits',
  'onProgress',
  'middleware',
];
