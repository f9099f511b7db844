import { readOptions, show } from '@coloop/core/lowlevel';
import { InvalidOptionError } from '../errors.ts';
import { checkForeignNames } from '../known.ts';
import { DEFAULT_LIMITS, type Limits } from '../limits.ts';
import { own, ownEntries } from '../own.ts';
import type { RequestBody, UploadCoding } from './body/body.ts';
import type { Form } from './body/form.ts';
import type { BodyOptions, BodyValue } from './body/make.ts';
import type { Multipart } from './body/multipart.ts';
import type { NameResolver, ProxyTarget, SslOptions, TlsSettings } from './connection-options.ts';
import { checkHeader, type HeadersInit, TOKEN } from './headers.ts';
import type { Auth, Progress, ResolvedOptions, RetryPolicy } from './request.ts';
import { DEFAULT_TIMEOUTS, mergeTimeouts, type TimeoutOptions } from './timeouts.ts';
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
  /** Whether content codings are taken off. Default true. */
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
  /** Null where the environment is not asked. */
  environment(): (url: URL) => ProxyTarget | null;
  /** The same body with a content coding. */
  compressed(body: RequestBody, coding: UploadCoding): RequestBody;
}

/** What a request has that was given no options; one object, so that nothing needs to be looked up in it. */
export const NO_OPTIONS: RequestOptions = Object.freeze({});

const ANY = 'any';
/** The options of a request, by name. */
export const REQUEST_OPTIONS = {
  headers: ANY,
  params: ANY,
  auth: ANY,
  cookies: ANY,
  signal: ANY,
  json: ANY,
  form: ANY,
  multipart: ANY,
  body: ANY,
  timeout: ANY,
  ssl: ANY,
  verifySsl: ANY,
  proxy: ANY,
  proxyAuth: ANY,
  resolver: ANY,
  redirect: ANY,
  maxRedirects: ANY,
  forwardHeaders: ANY,
  retry: ANY,
  expect100: ANY,
  compress: ANY,
  decompress: ANY,
  raiseForStatus: ANY,
  limits: ANY,
  onProgress: ANY,
} as const;

/**
 * Refuses options that are not known, naming the nearest that is.
 *
 * @throws InvalidOptionError
 */
export function checkNames(what: string, options: object, known: Readonly<Record<string, 'any'>>): void {
  if (Array.isArray(options)) throw new InvalidOptionError(`${what} takes its options as an object, not a list.`);
  if (typeof options === 'object' && options !== null) checkForeignNames(what, options, Object.keys(known));
  try {
    readOptions(what, options as Record<string, unknown>, known);
  } catch (error) {
    throw new InvalidOptionError(error instanceof Error ? error.message : String(error));
  }
}

/** Names whose presence asks for other resolved options than the session's. */
const RESOLVED = [
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
  'decompress',
  'raiseForStatus',
  'limits',
  'onProgress',
] as const;

/** The options where nothing is asked for. */
export function defaultOptions(platform: OptionPlatform): ResolvedOptions {
  return {
    timeouts: DEFAULT_TIMEOUTS,
    ssl: platform.ssl(undefined),
    proxy: null,
    proxyFor: null,
    resolver: platform.resolver(undefined),
    redirect: 'follow',
    maxRedirects: 10,
    forwardHeaders: new Set(),
    retry: null,
    expect100: false,
    decompress: true,
    raiseForStatus: false,
    limits: DEFAULT_LIMITS,
    onProgress: null,
  };
}

/** The proxy settings that are inherited. */
export interface ProxyDefaults {
  readonly proxyGiven: boolean;
  readonly proxyAuth: string | undefined;
}

/**
 * Lays the options of a call over inherited ones.
 *
 * @returns `base` itself where none of them is given, so that what is kept per set of options is found again.
 * @throws InvalidOptionError for every value that cannot be right.
 */
export function mergeOptions(
  base: ResolvedOptions,
  options: RequestOptions,
  platform: OptionPlatform,
  proxies: ProxyDefaults,
): ResolvedOptions {
  if (options === NO_OPTIONS || !RESOLVED.some((name) => own(options, name) !== undefined)) return base;
  const proxy = proxyOf(base, options, platform, proxies);
  return {
    timeouts: mergeTimeouts(base.timeouts, own(options, 'timeout')),
    ssl: sslOf(base, options, platform),
    proxy,
    proxyFor: own(options, 'proxy') === undefined ? base.proxyFor : null,
    resolver: own(options, 'resolver') === undefined ? base.resolver : platform.resolver(own(options, 'resolver')),
    redirect: oneOf('redirect', own(options, 'redirect'), ['follow', 'manual', 'error'], base.redirect),
    maxRedirects: whole('maxRedirects', own(options, 'maxRedirects'), base.maxRedirects),
    forwardHeaders: forwardOf(own(options, 'forwardHeaders'), base.forwardHeaders),
    retry: retryOf(own(options, 'retry'), base.retry),
    expect100: flag('expect100', own(options, 'expect100'), base.expect100),
    decompress: flag('decompress', own(options, 'decompress'), base.decompress),
    raiseForStatus: flag('raiseForStatus', own(options, 'raiseForStatus'), base.raiseForStatus),
    limits: limitsOf(own(options, 'limits'), base.limits),
    onProgress: callbackOf(own(options, 'onProgress'), base.onProgress),
  };
}

function sslOf(base: ResolvedOptions, options: RequestOptions, platform: OptionPlatform): TlsSettings {
  const ssl = own(options, 'ssl');
  const verify = own(options, 'verifySsl');
  if (verify !== undefined && typeof verify !== 'boolean') {
    throw new InvalidOptionError(`verifySsl is ${show(verify)}: give true or false.`);
  }
  if (ssl === undefined) return verify === false ? platform.ssl(false) : base.ssl;
  if (verify === false && ssl !== false) {
    throw new InvalidOptionError('ssl and verifySsl: false were given: write ssl: { …, verify: false } instead.');
  }
  return platform.ssl(ssl);
}

// Credentials belong to the proxy that they were given with: those of the session never go to another one.
function proxyOf(
  base: ResolvedOptions,
  options: RequestOptions,
  platform: OptionPlatform,
  defaults: ProxyDefaults,
): ProxyTarget | null {
  const proxy = own(options, 'proxy');
  const auth = authorizationOf(own(options, 'proxyAuth'));
  if (proxy === undefined) {
    if (auth === undefined || base.proxy === null) return base.proxy;
    return platform.proxy(base.proxy.display, auth);
  }
  if (proxy === null || proxy === false) return null;
  return platform.proxy(proxy, auth ?? (defaults.proxyGiven ? undefined : defaults.proxyAuth));
}

/** The value of Proxy-Authorization out of `proxyAuth`. */
export function authorizationOf(auth: RequestOptions['proxyAuth']): string | undefined {
  if (auth === undefined || auth === null) return undefined;
  if (typeof auth === 'object' && typeof auth.authorization === 'string') return auth.authorization;
  throw new InvalidOptionError(`proxyAuth is ${show(auth)}: give new BasicAuth(user, password).`);
}

function forwardOf(names: unknown, base: ReadonlySet<string>): ReadonlySet<string> {
  if (names === undefined) return base;
  if (!Array.isArray(names)) throw new InvalidOptionError(`forwardHeaders is ${show(names)}: give a list of names.`);
  for (const name of names as readonly string[]) checkHeader(name, '');
  return new Set((names as readonly string[]).map((name) => name.toLowerCase()));
}

const RETRY_OPTIONS = {
  attempts: ANY,
  delay: ANY,
  factor: ANY,
  maxDelay: ANY,
  jitter: ANY,
  statuses: ANY,
  methods: ANY,
} as const;

const RETRY_STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
const RETRY_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

function retryOf(retry: RequestOptions['retry'] | null, base: RetryPolicy | null): RetryPolicy | null {
  if (retry === undefined) return base;
  if (retry === false || retry === null) return null;
  if (typeof retry !== 'object') {
    throw new InvalidOptionError(`retry takes an object, as in { attempts: 3 }, not ${show(retry)}.`);
  }
  checkNames('retry', retry, RETRY_OPTIONS);
  const attempts = whole('retry.attempts', own(retry, 'attempts'), 0);
  if (attempts < 1) {
    const given = own(retry, 'attempts') === undefined ? 'not given' : String(attempts);
    throw new InvalidOptionError(
      `retry.attempts is ${given}: it counts all calls, so give at least 1, as in { attempts: 3 }.`,
    );
  }
  const statuses = own(retry, 'statuses');
  const methods = own(retry, 'methods');
  return {
    attempts,
    delay: duration('retry.delay', own(retry, 'delay'), 100),
    factor: duration('retry.factor', own(retry, 'factor'), 2),
    maxDelay: duration('retry.maxDelay', own(retry, 'maxDelay'), 30_000),
    jitter: flag('retry.jitter', own(retry, 'jitter'), true),
    statuses: statuses === undefined ? RETRY_STATUSES : new Set(listOf('retry.statuses', statuses, checkStatus)),
    methods: methods === undefined ? RETRY_METHODS : new Set(listOf('retry.methods', methods, upperMethod)),
  };
}

// A text is iterable too, letter by letter, and never meant so.
function listOf<T>(name: string, values: unknown, check: (value: unknown) => T): T[] {
  if (typeof values !== 'object' || values === null || !(Symbol.iterator in values)) {
    throw new InvalidOptionError(`${name} is ${show(values)}: give a list.`);
  }
  return [...(values as Iterable<unknown>)].map(check);
}

function checkStatus(status: unknown): number {
  if (typeof status === 'number' && Number.isSafeInteger(status) && status >= 100 && status <= 999) return status;
  throw new InvalidOptionError(`retry.statuses has ${show(status)}: give numbers from 100 to 999.`);
}

function upperMethod(method: unknown): string {
  if (typeof method === 'string' && TOKEN.test(method)) return method.toUpperCase();
  throw new InvalidOptionError(`retry.methods has ${show(method)}: give tokens such as 'GET'.`);
}

function limitsOf(limits: Partial<Limits> | undefined, base: Limits): Limits {
  if (limits === undefined) return base;
  checkNames('limits', limits, { buffered: ANY, decompressed: ANY, ratio: ANY, codings: ANY, headers: ANY });
  const merged: { -readonly [K in keyof Limits]: number } = { ...base };
  for (const [name, value] of ownEntries(limits as Record<string, unknown>)) {
    if (value === undefined) continue;
    if (typeof value !== 'number' || Number.isNaN(value) || value < 0) {
      throw new InvalidOptionError(`limits.${name} is ${show(value)}: give a number of at least 0, or Infinity.`);
    }
    merged[name as keyof Limits] = value;
  }
  return merged;
}

function callbackOf(value: unknown, base: ResolvedOptions['onProgress']): ResolvedOptions['onProgress'] {
  if (value === undefined) return base;
  if (typeof value === 'function') return value as (progress: Progress) => void;
  throw new InvalidOptionError(`onProgress is ${show(value)}: give a function.`);
}

/** @throws InvalidOptionError for what is neither true, false nor undefined. */
export function flag(name: string, value: unknown, base: boolean): boolean {
  if (value === undefined) return base;
  if (typeof value === 'boolean') return value;
  throw new InvalidOptionError(`${name} is ${show(value)}: give true or false.`);
}

function whole(name: string, value: unknown, base: number): number {
  if (value === undefined) return base;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new InvalidOptionError(`${name} is ${show(value)}: give a whole number of at least 0.`);
}

function duration(name: string, value: unknown, base: number): number {
  if (value === undefined) return base;
  if (typeof value === 'number' && value >= 0) return value;
  throw new InvalidOptionError(`${name} is ${show(value)}: give a number of at least 0.`);
}

function oneOf<T extends string>(name: string, value: T | undefined, choices: readonly T[], base: T): T {
  if (value === undefined) return base;
  if (choices.includes(value)) return value;
  throw new InvalidOptionError(
    `${name} is ${show(value)}: use one of ${choices.map((choice) => `'${choice}'`).join(', ')}.`,
  );
}

/** @throws InvalidOptionError for what is no AbortSignal. */
export function checkSignal(signal: unknown): AbortSignal | undefined {
  if (signal === undefined) return undefined;
  // By its shape: signals of another realm, and those of polyfills, do as well.
  if (typeof signal === 'object' && signal !== null && 'aborted' in signal && 'addEventListener' in signal) {
    return signal as AbortSignal;
  }
  throw new InvalidOptionError(`signal is ${show(signal)}: give the signal of an AbortController.`);
}

const UPLOAD_CODINGS: readonly UploadCoding[] = ['gzip', 'deflate', 'br'];

/** @throws InvalidOptionError for a coding that cannot be put on. */
export function checkCoding(coding: UploadCoding | undefined): UploadCoding | undefined {
  return coding === undefined ? undefined : oneOf('compress', coding, UPLOAD_CODINGS, coding);
}

/** @throws InvalidOptionError for what is no record; the cookies themselves are checked where they are written. */
export function checkCookies<T extends object>(cookies: T | undefined): T | undefined {
  if (cookies === undefined || (typeof cookies === 'object' && cookies !== null && !Array.isArray(cookies))) {
    return cookies;
  }
  throw new InvalidOptionError(`cookies is ${show(cookies)}: give a record, as in { name: 'value' }.`);
}

/** A method as it is sent: those of the standard in upper case, others as they are written. */
export function checkMethod(method: unknown): string {
  if (STANDARD.has(method as string)) return method as string;
  if (typeof method !== 'string' || !TOKEN.test(method)) {
    throw new InvalidOptionError(`The method is ${show(method)}: give a token such as 'GET'.`);
  }
  const upper = method.toUpperCase();
  if (upper === 'CONNECT') {
    throw new InvalidOptionError(
      'The method CONNECT opens tunnels and is sent by the client itself: use the option proxy.',
    );
  }
  return STANDARD.has(upper) ? upper : method;
}

const STANDARD: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']);
