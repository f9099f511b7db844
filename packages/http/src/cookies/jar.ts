/* The cookie jar: what it takes from a Set-Cookie header, and which cookies a URL gets. */
import type { Operation } from '@coloop/core';
import { defaultScheduler } from '@coloop/core/lowlevel';
import {
  type Cookie,
  domainMatch,
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
import { HeldCookies, isAddress, isExpired, isPublicSuffix, siteOf } from './held.ts';
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
  readonly #held = new HeldCookies();
  readonly #foreign: boolean;

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
    return !this.#foreign && this.#held.isEmpty;
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
    return this.#take([cookie], target) === 1;
  }

  /** Takes in the Set-Cookie headers of a response from `url`; what must not be stored is passed over. */
  receive(setCookies: readonly string[], url: URL): void {
    this.#take(setCookies, url);
  }

  /** The value of the Cookie header for a URL, longest path first; empty if there is none. */
  get(url: string | URL): string {
    return this.header(urlOf(url));
  }

  /** The same for a URL that is parsed already. */
  header(url: URL): string {
    const host = hostOf(url);
    if (!this.#foreign && !this.#held.mayHold(host)) return '';
    if (isAddress(host) && !this.#unsafeIp) return '';
    const now = wallNow();
    const found = this.#jar.getCookiesSync(url, GET_OPTIONS).filter((cookie) => !this.#dropExpired(cookie, now));
    return found.map((cookie) => cookie.cookieString()).join('; ');
  }

  /** Forgets every cookie. */
  clear(): void {
    this.#jar.removeAllCookiesSync();
    this.#held.clear();
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
    const site = siteOf(cookie.domain ?? '');
    this.#held.add(site, cookie);
    this.#makeRoom(site, now);
  }

  /** Takes the cookies of one response, in one pass; they are all of one site. Answers how many were taken. */
  #take(lines: readonly string[], url: URL): number {
    const host = hostOf(url);
    if (isAddress(host) && !this.#unsafeIp) return 0;
    const now = wallNow();
    const site = siteOf(host);
    const options = { ...SET_OPTIONS, now: new Date(now) };
    let taken = 0;
    this.#look();
    for (const line of lines) {
      const parsed = parseSetCookie(line, now);
      if (parsed === undefined || !this.#accepts(parsed, host, site, url)) continue;
      if (!this.#jar.setCookieSync(parsed, url, options)) continue;
      this.#held.add(site, parsed);
      taken += 1;
    }
    if (taken > 0) this.#makeRoom(site, now);
    return taken;
  }

  #accepts(cookie: Cookie, host: string, site: string, url: URL): boolean {
    // Section 5.7, step 9: a host that is a public suffix itself may set cookies for itself alone.
    if (cookie.domain !== null && cookie.domain === host && isPublicSuffix(host)) cookie.domain = null;
    const hostOnly = cookie.domain === null;
    if (!keepsPrefix(cookie, hostOnly)) return false;
    return isSecure(url) || !this.#hidesSecure(cookie, host, site, url);
  }

  // Section 5.7, step 16 ("leave Secure cookies alone"): http may not shadow what https set, there or on another host of
  // the site that sees the one or the other.
  #hidesSecure(cookie: Cookie, host: string, site: string, url: URL): boolean {
    const domain = cookie.domain ?? host;
    const path = cookie.path ?? url.pathname;
    for (const held of this.#held.secure(site, cookie.key)) {
      const related =
        domainMatch(held.domain, domain, false) === true || domainMatch(domain, held.domain, false) === true;
      if (related && pathMatch(path, held.path ?? '/')) return true;
    }
    return false;
  }

  // Section 5.7, the last steps.
  #makeRoom(site: string, now: number): void {
    for (const cookie of this.#held.surplus(site, now)) this.#drop(cookie);
  }

  #drop(cookie: Cookie): void {
    this.#held.delete(siteOf(cookie.domain ?? ''), cookie);
    drop(this.#store, cookie);
  }

  #dropExpired(cookie: Cookie, now: number): boolean {
    if (!isExpired(cookie, now)) return false;
    this.#drop(cookie);
    return true;
  }

  /** A store that somebody else made may hold anything by now. */
  #look(): void {
    if (!this.#foreign) return;
    this.#held.clear();
    for (const cookie of this.#all()) this.#held.add(siteOf(cookie.domain ?? ''), cookie);
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

function keepsPrefix(cookie: Cookie, hostOnly = cookie.hostOnly === true): boolean {
  const name = cookie.key.toLowerCase();
  if (name.startsWith('__secure-')) return cookie.secure;
  if (name.startsWith('__host-')) return cookie.secure && hostOnly && cookie.path === '/' && !cookie.pathIsDefault;
  return true;
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
