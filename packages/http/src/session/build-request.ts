/* A request, made of the session's defaults and the options of a call. */
import { BasicAuth } from '../auth/basic.ts';
import { checkFlag, checkNames, invalid, own, ownEntries } from '../checks.ts';
import { InvalidOptionError, InvalidUrlError } from '../errors.ts';
import { type HeadersInit, RequestHeaders } from '../headers.ts';
import type { RequestBody } from '../request/body/body.ts';
import type { HandedIn } from '../request/body/handed-in.ts';
import { makeBody } from '../request/body/make.ts';
import {
  authorizationOf,
  checkAuth,
  checkCoding,
  checkCookies,
  checkMethod,
  checkSignal,
} from '../request/option-values.ts';
import { NO_OPTIONS, type OptionPlatform, REQUEST_OPTIONS, type RequestOptions } from '../request/options.ts';
import { type Auth, type Call, Request, type ResolvedOptions } from '../request/request.ts';
import { defaultOptions, mergeOptions, type ProxyDefaults, withoutSocket } from '../request/resolve-options.ts';
import { addParams, type Params, readBase, readTarget, type Target } from '../request/url.ts';

/** What a session gives to every request. */
export interface Defaults {
  readonly options: ResolvedOptions;
  readonly headers: RequestHeaders;
  /** The part of the headers that may leave the base's origin. */
  readonly openHeaders: RequestHeaders;
  /** Those of a session that was extended, then its own. */
  readonly params: readonly Params[];
  readonly auth: Auth | null;
  readonly cookies: Readonly<Record<string, string>> | null;
  readonly base: URL | undefined;
  readonly allowOtherOrigins: boolean;
  readonly proxies: ProxyDefaults;
  readonly body: RequestOptions;
  readonly platform: OptionPlatform;
  readonly entropy: (bytes: Uint8Array) => Uint8Array;
}

/** What of a session's options decides about its requests. */
export interface DefaultsOptions extends RequestOptions {
  readonly baseUrl?: string | URL | undefined;
  readonly allowOtherOrigins?: boolean | undefined;
}

/**
 * Reads the defaults of a session.
 *
 * @param trustEnv - whether requests ask the environment for a proxy
 * @param fallback - the credentials if none are given, such as netrc's
 */
export function readDefaults(
  options: DefaultsOptions,
  platform: OptionPlatform,
  trustEnv: boolean,
  fallback: Auth | null,
  entropy: (bytes: Uint8Array) => Uint8Array,
): Defaults {
  const headers = RequestHeaders.from(platformHeaders(platform));
  const initial: Defaults = {
    options: defaultOptions(platform),
    headers,
    openHeaders: headers,
    params: [],
    auth: fallback,
    cookies: null,
    base: undefined,
    allowOtherOrigins: true,
    proxies: { proxyGiven: false, proxyAuth: undefined },
    body: NO_OPTIONS,
    platform,
    entropy,
  };
  return layDefaults('Session.open', initial, options, trustEnv);
}

/**
 * The defaults of a session that extends another one. What it changes goes over what was there as the options of a request go
 * over those of a session. With a base of another origin it loses what a request to another origin loses.
 */
export function extendDefaults(parent: Defaults, options: DefaultsOptions): Defaults {
  const baseUrl = own(options, 'baseUrl');
  if (baseUrl === undefined || parent.base === undefined) return layDefaults('session.extend', parent, options, false);
  const target = readTarget(baseUrl, parent.base, undefined);
  if (target.withinBase) return layDefaults('session.extend', parent, options, false);
  if (!parent.allowOtherOrigins) throw leavesBase(target.url, parent.base);
  const open = {
    ...parent,
    options: withoutSocket(parent.options),
    headers: parent.openHeaders,
    params: [],
    auth: null,
    cookies: null,
  };
  return layDefaults('session.extend', open, options, false);
}

function layDefaults(what: string, under: Defaults, options: DefaultsOptions, trustEnv: boolean): Defaults {
  const { platform } = under;
  const baseUrl = own(options, 'baseUrl');
  const base = baseUrl === undefined ? undefined : readBase(baseUrl, under.base);
  platform.check(what, options);
  checkCoding(own(options, 'compress'));
  checkSignal(own(options, 'signal'));
  const merged = mergeOptions(under.options, options, platform, under.proxies);
  const turnedOff = own(options, 'proxy') === null || own(options, 'proxy') === false;
  const resolved =
    trustEnv && !turnedOff && merged.proxy === null ? { ...merged, proxyFor: platform.environment() } : merged;
  const asked = resolved.decompress || !under.options.decompress;
  const inherited = asked ? under.headers : under.headers.delete('accept-encoding');
  const headers = layHeaders(inherited, own(options, 'headers'));
  const { credentials } = base ?? { credentials: undefined };
  const auth = checkAuth(own(options, 'auth'));
  const params = own(options, 'params');
  return {
    options: resolved,
    headers,
    openHeaders: headers.filter((name) => survivesOrigin(name, resolved.forwardHeaders)),
    params: params === undefined ? under.params : [...under.params, params],
    auth: auth === undefined ? (credentials === undefined ? under.auth : basicOf(credentials)) : auth,
    cookies: cookiesFor(under.cookies, checkCookies(own(options, 'cookies'))),
    base: base?.url ?? under.base,
    allowOtherOrigins: checkFlag('allowOtherOrigins', own(options, 'allowOtherOrigins'), under.allowOtherOrigins),
    proxies: {
      proxyGiven: own(options, 'proxy') !== undefined || under.proxies.proxyGiven,
      proxyAuth: authorizationOf(own(options, 'proxyAuth')) ?? under.proxies.proxyAuth,
    },
    body: bodyDefaults(options, under.body),
    platform,
    entropy: under.entropy,
  };
}

/** What else a request asks its session for. */
function bodyDefaults(options: RequestOptions, under: RequestOptions): RequestOptions {
  return {
    compress: own(options, 'compress') ?? own(under, 'compress'),
    signal: own(options, 'signal') ?? own(under, 'signal'),
  };
}

function platformHeaders(platform: OptionPlatform): Record<string, string | null> {
  return {
    Accept: '*/*',
    'Accept-Encoding': platform.acceptEncoding,
    'User-Agent': platform.userAgent,
  };
}

/**
 * Makes one request out of the session's defaults and the call's options; nothing is sent where something is wrong.
 *
 * @param handed - the streams among the options
 * @throws InvalidUrlError, InvalidOptionError
 */
export function buildRequest(
  defaults: Defaults,
  method: string,
  url: string | URL,
  options: RequestOptions,
  handed: HandedIn | null,
  call: Call,
): Request {
  if (options !== NO_OPTIONS) {
    const what = `session.${method.toLowerCase()}`;
    checkNames(what, options, REQUEST_OPTIONS);
    defaults.platform.check(what, options);
  }
  const target = readTarget(url, defaults.base, undefined);
  const { withinBase } = target;
  if (!withinBase && !defaults.allowOtherOrigins) {
    throw leavesBase(target.url, defaults.base);
  }
  addAllParams(target, withinBase ? defaults.params : [], own(options, 'params'));
  const merged = mergeOptions(defaults.options, options, defaults.platform, defaults.proxies);
  // The session's socket stands for its base.
  const resolved = withinBase || own(options, 'socketPath') !== undefined ? merged : withoutSocket(merged);
  return new Request(
    checkMethod(method),
    target.url,
    headersFor(defaults, withinBase, own(options, 'headers'), resolved),
    bodyOf(defaults, options, handed),
    resolved,
    authFor(defaults, target, own(options, 'auth')),
    cookiesFor(withinBase ? defaults.cookies : null, checkCookies(own(options, 'cookies'))),
    call,
  );
}

function leavesBase(url: URL, base: URL | undefined): InvalidUrlError {
  return new InvalidUrlError(
    `The URL ${url.href} leaves the session's base ${base?.origin}, and allowOtherOrigins is false: make the request by another session.`,
  );
}

function addAllParams(target: Target, session: readonly Params[], call: Params | undefined): void {
  for (const params of session) addParams(target.url, params);
  if (call !== undefined) addParams(target.url, call);
}

function headersFor(
  defaults: Defaults,
  withinBase: boolean,
  given: HeadersInit | undefined,
  options: ResolvedOptions,
): RequestHeaders {
  let headers = withinBase ? defaults.headers : openHeaders(defaults, options);
  // A call that reads the body still coded does not ask for a coding by default.
  if (!options.decompress && defaults.options.decompress) headers = headers.delete('accept-encoding');
  return layHeaders(headers, given);
}

/** Headers that were given, over others. */
function layHeaders(headers: RequestHeaders, given: HeadersInit | undefined): RequestHeaders {
  if (given === undefined) return headers;
  const own = headersOf(given);
  const left = unset(given);
  const merged = (left.length === 0 ? headers : headers.delete(...left)).merge(own);
  // A part of a compressed body cannot be decoded: the Fetch standard, "HTTP-network-or-cache fetch".
  return own.has('range') && !own.has('accept-encoding') ? merged.set('Accept-Encoding', 'identity') : merged;
}

/** What of the session's headers goes to another origin than the base's. */
function openHeaders(defaults: Defaults, { forwardHeaders }: ResolvedOptions): RequestHeaders {
  if (forwardHeaders === defaults.options.forwardHeaders) return defaults.openHeaders;
  return defaults.headers.filter((name) => survivesOrigin(name, forwardHeaders));
}

/** Names that a record sets to null: the session's header of that name is not sent. */
function unset(given: HeadersInit): string[] {
  if (Symbol.iterator in given) return [];
  return ownEntries(given as Readonly<Record<string, unknown>>)
    .filter(([, value]) => value === null)
    .map(([name]) => name);
}

/**
 * Reads headers that a caller wrote.
 *
 * @throws InvalidOptionError for those that would change how the message is framed, which is the client's part.
 */
function headersOf(given: HeadersInit | undefined): RequestHeaders {
  const headers = RequestHeaders.from(given);
  for (const [name, value] of headers) {
    const advice = FRAMING.get(name.toLowerCase());
    if (advice !== undefined) throw new InvalidOptionError(`The header ${name} cannot be given: ${advice}`);
    if (name.toLowerCase() === 'connection' && !/^(close|keep-alive)$/i.test(value)) {
      throw invalid('The header Connection', value, 'give close or keep-alive');
    }
    if (name.toLowerCase() === 'content-length' && !/^\d+$/.test(value)) {
      throw invalid('The header Content-Length', value, 'give a whole number, or leave it out');
    }
  }
  return headers;
}

const FRAMING: ReadonlyMap<string, string> = new Map([
  ['transfer-encoding', 'how the body is framed follows from the body.'],
  ['upgrade', 'use session.ws() for WebSocket.'],
  ['keep-alive', "use the pool's keepAlive."],
  ['expect', 'use expect100: true.'],
  ['te', 'trailers are always taken.'],
]);

const OPEN: ReadonlySet<string> = new Set(['accept', 'accept-encoding', 'accept-language', 'user-agent']);

// The same rule as for a redirect to another origin.
function survivesOrigin(lowerName: string, forward: ReadonlySet<string>): boolean {
  return OPEN.has(lowerName) || forward.has(lowerName);
}

function bodyOf(defaults: Defaults, options: RequestOptions, handed: HandedIn | null): RequestBody | null {
  if (options === NO_OPTIONS) return null;
  const body = makeBody(options, defaults.entropy, handed);
  const coding = checkCoding(own(options, 'compress')) ?? own(defaults.body, 'compress');
  return body === null || coding === undefined ? body : defaults.platform.compressed(body, coding);
}

function authFor(defaults: Defaults, target: Target, given: Auth | null | undefined): Auth | null {
  const auth = checkAuth(given);
  if (auth !== undefined) return auth;
  if (target.credentials !== undefined) return basicOf(target.credentials);
  return target.withinBase ? defaults.auth : null;
}

function basicOf({ username, password }: { readonly username: string; readonly password: string }): BasicAuth {
  return new BasicAuth(username, password);
}

function cookiesFor(
  session: Readonly<Record<string, string>> | null,
  call: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> | null {
  if (call === undefined) return session;
  return session === null ? call : { ...session, ...call };
}
