/*
 * The options of a call laid over those of its session: every value checked, every default filled in. What a request and its
 * session are given once is read here once; a call without such options costs one look.
 */
import {
  checkCallback,
  checkChoice,
  checkFlag,
  checkMilliseconds,
  checkNames,
  checkNumber,
  checkWhole,
  invalid,
  invalidOption,
  own,
  ownEntries,
} from '../checks.ts';
import { InvalidOptionError } from '../errors.ts';
import { checkHeader, TOKEN } from '../headers.ts';
import { DEFAULT_LIMITS, type Limits } from '../limits.ts';
import type { ProxyTarget, TlsSettings } from './connection-options.ts';
import { authorizationOf, checkAllowAddress, checkSocketPath } from './option-values.ts';
import { NO_OPTIONS, type OptionPlatform, type RequestOptions, type RetryOptions } from './options.ts';
import type { ResolvedOptions, RetryPolicy } from './request.ts';
import { IDEMPOTENT } from './semantics.ts';
import { DEFAULT_TIMEOUTS, mergeTimeouts } from './timeouts.ts';

/** The options whose presence asks for other resolved options than the session's. */
const RESOLVED = [
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
  'decompress',
  'raiseForStatus',
  'limits',
  'onProgress',
] as const;

/** The options if nothing is asked for. */
export function defaultOptions(platform: OptionPlatform): ResolvedOptions {
  return {
    timeouts: DEFAULT_TIMEOUTS,
    ssl: platform.ssl(undefined),
    proxy: null,
    proxyFor: null,
    resolver: platform.resolver(undefined),
    allowAddress: null,
    socketPath: null,
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
 * @returns `base` itself if none of them is given, so that what is kept per set of options is found again.
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
  const allowAddress = checkAllowAddress(own(options, 'allowAddress')) ?? base.allowAddress;
  const socketPath = socketPathOf(own(options, 'socketPath'), base.socketPath);
  if (socketPath !== null) checkAlone(proxy !== null, allowAddress !== null);
  return {
    timeouts: mergeTimeouts(base.timeouts, own(options, 'timeout')),
    ssl: sslOf(base, options, platform),
    proxy,
    proxyFor: own(options, 'proxy') === undefined ? base.proxyFor : null,
    resolver: own(options, 'resolver') === undefined ? base.resolver : platform.resolver(own(options, 'resolver')),
    allowAddress,
    socketPath,
    redirect: checkChoice('redirect', own(options, 'redirect'), REDIRECTS, base.redirect),
    maxRedirects: checkWhole('maxRedirects', own(options, 'maxRedirects'), base.maxRedirects),
    forwardHeaders: forwardOf(own(options, 'forwardHeaders'), base.forwardHeaders),
    retry: retryOf(own(options, 'retry'), base.retry),
    expect100: checkFlag('expect100', own(options, 'expect100'), base.expect100),
    decompress: checkFlag('decompress', own(options, 'decompress'), base.decompress),
    raiseForStatus: checkFlag('raiseForStatus', own(options, 'raiseForStatus'), base.raiseForStatus),
    limits: limitsOf(own(options, 'limits'), base.limits),
    onProgress: checkCallback('onProgress', own(options, 'onProgress')) ?? base.onProgress,
  };
}

function sslOf(base: ResolvedOptions, options: RequestOptions, platform: OptionPlatform): TlsSettings {
  const ssl = own(options, 'ssl');
  const verify = checkFlag('verifySsl', own(options, 'verifySsl'), true);
  if (ssl === undefined) return verify ? base.ssl : platform.ssl(false);
  if (!verify && ssl !== false) {
    throw new InvalidOptionError(
      'The options ssl and verifySsl: false were given: write ssl: { …, verify: false } instead.',
    );
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

function socketPathOf(path: string | null | undefined, base: string | null): string | null {
  return path === undefined ? base : checkSocketPath(path);
}

const withoutSockets = new WeakMap<ResolvedOptions, ResolvedOptions>();

/** The same options for what is not to go to the socket: another origin than the one that the socket stands for. */
export function withoutSocket(options: ResolvedOptions): ResolvedOptions {
  if (options.socketPath === null) return options;
  let made = withoutSockets.get(options);
  if (made === undefined) {
    made = { ...options, socketPath: null };
    withoutSockets.set(options, made);
  }
  return made;
}

function checkAlone(withProxy: boolean, withRule: boolean): void {
  const other = withProxy ? 'proxy' : withRule ? 'allowAddress' : undefined;
  if (other === undefined) return;
  throw new InvalidOptionError(
    `The options socketPath and ${other} were given, and a socket has no address: leave one of them out, or give socketPath: null.`,
  );
}

function forwardOf(names: unknown, base: ReadonlySet<string>): ReadonlySet<string> {
  if (names === undefined) return base;
  if (!Array.isArray(names)) throw invalidOption('forwardHeaders', names, 'give a list of names');
  for (const name of names as readonly string[]) checkHeader(name, '');
  return new Set((names as readonly string[]).map((name) => name.toLowerCase()));
}

const RETRY_OPTIONS: readonly (keyof RetryOptions)[] = [
  'attempts',
  'delay',
  'factor',
  'maxDelay',
  'jitter',
  'statuses',
  'methods',
];

const REDIRECTS: readonly ResolvedOptions['redirect'][] = ['follow', 'manual', 'error'];
const RETRY_STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

function retryOf(retry: RequestOptions['retry'] | null, base: RetryPolicy | null): RetryPolicy | null {
  if (retry === undefined) return base;
  if (retry === false || retry === null) return null;
  if (typeof retry !== 'object') {
    throw invalidOption('retry', retry, 'give an object, as in { attempts: 3 }, or false');
  }
  checkNames('retry', retry, RETRY_OPTIONS);
  const attempts = own(retry, 'attempts');
  if (!Number.isSafeInteger(attempts) || (attempts as number) < 1) {
    throw invalidOption('retry.attempts', attempts, 'it counts all calls, so give at least 1, as in { attempts: 3 }');
  }
  const statuses = own(retry, 'statuses');
  const methods = own(retry, 'methods');
  return {
    attempts: attempts as number,
    delay: checkMilliseconds('retry.delay', own(retry, 'delay'), 100),
    factor: checkNumber('retry.factor', own(retry, 'factor'), 2),
    maxDelay: checkMilliseconds('retry.maxDelay', own(retry, 'maxDelay'), 30_000),
    jitter: checkFlag('retry.jitter', own(retry, 'jitter'), true),
    statuses: statuses === undefined ? RETRY_STATUSES : new Set(listOf('retry.statuses', statuses, checkStatus)),
    methods: methods === undefined ? IDEMPOTENT : new Set(listOf('retry.methods', methods, upperMethod)),
  };
}

// A text is iterable too, letter by letter, and never meant so.
function listOf<T>(name: string, values: unknown, check: (value: unknown) => T): T[] {
  if (typeof values !== 'object' || values === null || !(Symbol.iterator in values)) {
    throw invalidOption(name, values, 'give a list');
  }
  return [...(values as Iterable<unknown>)].map(check);
}

function checkStatus(status: unknown): number {
  if (typeof status === 'number' && Number.isSafeInteger(status) && status >= 100 && status <= 999) return status;
  throw invalid("An item of the option 'retry.statuses'", status, 'give numbers from 100 to 999');
}

function upperMethod(method: unknown): string {
  if (typeof method === 'string' && TOKEN.test(method)) return method.toUpperCase();
  throw invalid("An item of the option 'retry.methods'", method, "give tokens such as 'GET'");
}

function limitsOf(limits: Partial<Limits> | undefined, base: Limits): Limits {
  if (limits === undefined) return base;
  checkNames('limits', limits, Object.keys(DEFAULT_LIMITS));
  const merged: { -readonly [K in keyof Limits]: number } = { ...base };
  for (const [name, value] of ownEntries(limits as Record<string, unknown>)) {
    if (value === undefined) continue;
    merged[name as keyof Limits] = checkNumber(`limits.${name}`, value, 0);
  }
  return merged;
}
