/* The cookie jar: what it takes from a Set-Cookie header, and which cookies a URL gets. */
import type { Operation } from '@coloop/core';
import { defaultScheduler } from '@coloop/core/lowlevel';
import {
  type Cookie,
  domainMatch,
  getPublicSuffix,
  MemoryCookieStore,
  pathMatch,
  type Store,
  CookieJar as ToughJar,
} from 'tough-cookie';
import { checkFlag, checkNames, invalid, own } from '../checks.ts';
import { InvalidOptionError, InvalidUrlError } from '../errors.ts';
import { redactInvalidUrl } from '../redact.ts';
import type { CookieSource } from '../request/request.ts';
import { readCookieFile, writeCookieFile } from './file.ts';
import { type CookieRecord, cookieFrom, parseSetCookie, recordOf } from './record.ts';

/** Where and from whom a jar takes cookies. */
export interface CookieJarOptions {
  /** A synchronous store of tough-cookie; in memory by default. */
  readonly store?: Store | undefined;
  /** Takes cookies from hosts that are IP addresses, too; they have no owner that a name would show. Default false. */
  readonly unsafeIp?: boolean | undefined;
}

/** A jar as JSON; what `save` writes and `load` reads. */
export interface SerializedCookies {
  readonly version: 1;
  readonly cookies: readonly CookieRecord[];
}

/**
 * Keeps the cookies of a session, and sends each only where it belongs.
 *
 * On tough-cookie, with what that leaves out: prefixes in any case, a Max-Age that does not start anew at every use,
 * no overwriting of a Secure cookie from http, limits on number and size, and nothing read from `Object.prototype`.
 *
 * @throws InvalidOptionError for a store that is not synchronous
 * @example
 * ```ts no-run
 * const jar = new CookieJar();
 * const session = yield* Session.open({ cookieJar: jar });
 * yield* session.post('https://example.com/login', { form: { user: 'ann', password: 'open sesame' } });
 * yield* jar.save('cookies.json');
 * ```
 *
 * Source: RFC 6265bis (draft-ietf-httpbis-rfc6265bis-20), sections 5.4 to 5.8; public suffixes from the list of
 * publicsuffix.org.
 */
export class CookieJar implements CookieSource {
  readonly #store: Store;
  readonly #jar: ToughJar;
  readonly #unsafeIp: boolean;
  // The domains that ever held a cookie, with how many were set since they were last counted. Most requests go where
  // there is none, and that should cost nothing; a store that somebody else made may hold others.
  readonly #domains = new Map<string, number>();
  readonly #foreign: boolean;
  #total = 0;

  constructor(options: CookieJarOptions = {}) {
    checkNames('CookieJar', options, JAR_OPTIONS);
    const store = own(options, 'store');
    if (store !== undefined && !store.synchronous) {
      throw new InvalidOptionError(
        "The option 'CookieJar.store' is not synchronous: load its cookies into a jar before the session, and save them after it.",
      );
    }
    this.#store = store ?? new MemoryCookieStore();
    this.#foreign = store !== undefined;
    this.#unsafeIp = checkFlag('CookieJar.unsafeIp', own(options, 'unsafeIp'), false);
    this.#jar = new ToughJar(this.#store, TOUGH_OPTIONS);
  }

  /** True while there is nothing to look up. */
  get isEmpty(): boolean {
    return !this.#foreign && this.#domains.size === 0;
  }

  /**
   * Stores a cookie as if it came from `url`.
   *
   * @param cookie - in the form of a Set-Cookie header
   * @returns false if the cookie was refused: a foreign domain, a public suffix, a broken promise of its prefix and so on
   * @throws InvalidUrlError if the URL is not absolute, InvalidOptionError if the cookie is not text
   */
  set(cookie: string, url: string | URL): boolean {
    if (typeof cookie !== 'string') {
      throw invalid('The cookie', cookie, "give text, as in 'name=value; Path=/'");
    }
    const target = urlOf(url);
    const now = wallNow();
    const parsed = parseSetCookie(cookie, now);
    if (parsed === undefined || !this.#accepts(parsed, target)) return false;
    if (!this.#jar.setCookieSync(parsed, target, { ...SET_OPTIONS, now: new Date(now) })) return false;
    this.#count(parsed.domain ?? '');
    return true;
  }

  /** Takes in the Set-Cookie headers of a response from `url`; what must not be stored is passed over. */
  receive(setCookies: readonly string[], url: URL): void {
    for (const line of setCookies) this.set(line, url);
  }

  /** The value of the Cookie header for a URL, longest path first; empty if there is none. */
  get(url: string | URL): string {
    return this.header(urlOf(url));
  }

  /** The same for a URL that is parsed already. */
  header(url: URL): string {
    const host = hostOf(url);
    if (!this.#foreign && !mayHold(this.#domains, host)) return '';
    if (isAddress(host) && !this.#unsafeIp) return '';
    const now = wallNow();
    const found = this.#jar.getCookiesSync(url, GET_OPTIONS).filter((cookie) => !this.#dropExpired(cookie, now));
    return found.map((cookie) => cookie.cookieString()).join('; ');
  }

  /** Forgets every cookie. */
  clear(): void {
    this.#jar.removeAllCookiesSync();
    this.#domains.clear();
    this.#total = 0;
  }

  /** All cookies that have not expired, as plain data. */
  toJSON(): SerializedCookies {
    const now = wallNow();
    return {
      version: 1,
      cookies: this.#all()
        .filter((cookie) => !isExpired(cookie, now))
        .map(recordOf),
    };
  }

  /**
   * Writes all cookies, those without an expiry included, to a file that only its owner may read (mode 0600).
   *
   * The file is written beside its place and then moved there: a reader sees the old or the new one, never half of one.
   *
   * Cancellation: leaves the old file.
   *
   * @throws ClientError if the file cannot be written
   */
  *save(file: string): Operation<void> {
    yield* writeCookieFile(file, JSON.stringify(this, undefined, 2));
  }

  /**
   * Reads a jar that `save` wrote; nothing in the file is ever executed, and every field is checked.
   *
   * @throws ClientError if the file cannot be read or holds no jar
   */
  static *load(file: string, options: CookieJarOptions = {}): Operation<CookieJar> {
    const records = yield* readCookieFile(file);
    const jar = new CookieJar(options);
    const now = wallNow();
    for (const record of records) jar.#restore(record, now);
    return jar;
  }

  // A file may have been edited: what could not have been set by a server is not taken from a file either.
  #restore(record: CookieRecord, now: number): void {
    const cookie = cookieFrom(record, now);
    if (isExpired(cookie, now) || (isAddress(cookie.domain ?? '') && !this.#unsafeIp)) return;
    if (!cookie.hostOnly && isPublicSuffix(cookie.domain ?? '')) return;
    if (!keepsPrefix(cookie)) return;
    put(this.#store, cookie);
    this.#count(cookie.domain ?? '');
  }

  #accepts(cookie: Cookie, url: URL): boolean {
    const host = hostOf(url);
    if (isAddress(host) && !this.#unsafeIp) return false;
    // Section 5.7, step 9: a host that is a public suffix itself may set cookies for itself alone.
    if (cookie.domain !== null && cookie.domain === host && isPublicSuffix(host)) cookie.domain = null;
    const hostOnly = cookie.domain === null;
    if (!keepsPrefix(cookie, hostOnly)) return false;
    return isSecure(url) || !this.#hidesSecure(cookie, host, url);
  }

  // Section 5.7, step 16 ("leave Secure cookies alone"): http may not shadow what https set.
  #hidesSecure(cookie: Cookie, host: string, url: URL): boolean {
    if (!this.#foreign && !mayHold(this.#domains, host)) return false;
    const domain = cookie.domain ?? host;
    const path = cookie.path ?? url.pathname;
    return this.#all().some(
      (held) =>
        held.secure &&
        held.key === cookie.key &&
        (domainMatch(held.domain, domain, false) === true || domainMatch(domain, held.domain, false) === true) &&
        pathMatch(path, held.path ?? '/'),
    );
  }

  #dropExpired(cookie: Cookie, now: number): boolean {
    if (!isExpired(cookie, now)) return false;
    drop(this.#store, cookie);
    return true;
  }

  // Section 5.7, the last steps. Replaced cookies are counted twice until the bound is reached: looking at all of them
  // is rare.
  #count(domain: string): void {
    const set = (this.#domains.get(domain) ?? 0) + 1;
    this.#domains.set(domain, set);
    this.#total++;
    if (set > MOST_PER_DOMAIN || this.#total > MOST) this.#evict(domain);
  }

  // A domain that fills the jar loses its own cookies first; expired ones go before used ones.
  #evict(domain: string): void {
    const all = this.#all();
    const mine = all.filter((cookie) => cookie.domain === domain);
    const surplus = mine.length > MOST_PER_DOMAIN ? mine : all.length > MOST ? all : undefined;
    this.#domains.set(domain, mine.length);
    this.#total = all.length;
    if (surplus === undefined) return;
    surplus.sort(byUse);
    const now = wallNow();
    const oldest = surplus.find((cookie) => isExpired(cookie, now)) ?? surplus[0];
    if (oldest === undefined) return;
    drop(this.#store, oldest);
    this.#total--;
    if (oldest.domain === domain) this.#domains.set(domain, mine.length - 1);
  }

  #all(): Cookie[] {
    let cookies: Cookie[] = [];
    this.#store.getAllCookies((error, found) => {
      if (error !== null) throw error;
      cookies = found ?? [];
    });
    return cookies;
  }
}

// Objects without a prototype: tough-cookie reads options through the prototype, where anyone may have written.
const JAR_OPTIONS: readonly (keyof CookieJarOptions)[] = ['store', 'unsafeIp'];
const TOUGH_OPTIONS = bare({
  rejectPublicSuffixes: true,
  looseMode: false,
  // Prefixes are checked here, in any case of their letters.
  prefixSecurity: 'unsafe-disabled' as const,
  allowSpecialUseDomain: true,
  allowSecureOnLocal: false,
});
const SET_OPTIONS = bare({ loose: false, ignoreError: true, http: true, sameSiteContext: undefined });
const GET_OPTIONS = bare({ http: true, expire: false, allPaths: false, sameSiteContext: undefined, sort: true });

const MOST_PER_DOMAIN = 180;
const MOST = 3_000;

function bare<T extends object>(options: T): T {
  return Object.assign(Object.create(null) as T, options);
}

/** Milliseconds since 1970, by the scheduler's clock. */
function wallNow(): number {
  return defaultScheduler().wallNow();
}

function urlOf(url: string | URL): URL {
  try {
    return new URL(url);
  } catch {
    throw new InvalidUrlError(
      `The URL of a cookie is ${JSON.stringify(redactInvalidUrl(String(url)))}: give an absolute one.`,
    );
  }
}

function isSecure(url: URL): boolean {
  return url.protocol === 'https:' || url.protocol === 'wss:';
}

function hostOf(url: URL): string {
  const host = url.hostname;
  return host.startsWith('[') ? host.slice(1, -1) : host;
}

// The URL parser has turned every numeric form into four decimal numbers.
function isAddress(host: string): boolean {
  return host.includes(':') || /^\d+\.\d+\.\d+\.\d+$/.test(host);
}

function isPublicSuffix(domain: string): boolean {
  if (isAddress(domain)) return false;
  return getPublicSuffix(domain, bare({ allowSpecialUseDomain: true, ignoreError: true })) === undefined;
}

function keepsPrefix(cookie: Cookie, hostOnly = cookie.hostOnly === true): boolean {
  const name = cookie.key.toLowerCase();
  if (name.startsWith('__secure-')) return cookie.secure;
  if (name.startsWith('__host-')) return cookie.secure && hostOnly && cookie.path === '/' && !cookie.pathIsDefault;
  return true;
}

function isExpired(cookie: Cookie, now: number): boolean {
  return cookie.expires instanceof Date && cookie.expires.getTime() <= now;
}

function mayHold(domains: ReadonlyMap<string, number>, host: string): boolean {
  if (domains.size === 0) return false;
  if (domains.has(host)) return true;
  for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) {
    if (domains.has(host.slice(dot + 1))) return true;
  }
  return false;
}

function byUse(a: Cookie, b: Cookie): number {
  return timeOf(a.lastAccessed) - timeOf(b.lastAccessed) || a.creationIndex - b.creationIndex;
}

function timeOf(date: Date | 'Infinity' | null): number {
  return date instanceof Date ? date.getTime() : 0;
}

function put(store: Store, cookie: Cookie): void {
  store.putCookie(cookie, rethrow);
}

function drop(store: Store, cookie: Cookie): void {
  store.removeCookie(cookie.domain, cookie.path, cookie.key, rethrow);
}

function rethrow(error: Error | null): void {
  if (error !== null) throw error;
}
