/* What a request may be given, by name, and what a platform makes of it. */

import type { HeadersInit } from '../headers.ts';
import type { Limits } from '../limits.ts';
import type { RequestBody, UploadCoding } from './body/body.ts';
import type { Form } from './body/form.ts';
import type { BodyOptions, BodyValue } from './body/make.ts';
import type { Multipart } from './body/multipart.ts';
import type { NameResolver, ProxyTarget, SslOptions, TlsSettings } from './connection-options.ts';
import type { Auth, Progress } from './request.ts';
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
  readonly body?: BodyValue | (() => BodyValue) | null | undefined;
  /** Milliseconds for the whole request, or limits by phase; null, false and 0 for none. Default 300,000. */
  readonly timeout?: number | null | false | TimeoutOptions | undefined;
  readonly ssl?: SslOption | undefined;
  /** `verifySsl: false` is `ssl: false`. */
  readonly verifySsl?: boolean | undefined;
  readonly proxy?: ProxyOption | undefined;
  readonly proxyAuth?: { readonly authorization?: string | undefined } | null | undefined;
  readonly resolver?: NameResolver | undefined;
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
];
