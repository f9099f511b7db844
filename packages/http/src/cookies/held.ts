/*
 * The cookies that a jar holds, by site: the registrable domain, below which hosts may see each other's cookies. All that a
 * response sets belongs to one site, so looking at that one is enough, and what it pushes out is its own.
 */
import { type Cookie, getPublicSuffix } from 'tough-cookie';

/** RFC 6265bis, section 6.1, asks for 50 of a domain and 3,000 in all; browsers keep 180 of a site. */
const MOST_OF_A_SITE = 180;
const MOST = 3_000;
/** A full jar takes room from the site that asks for it, down to this. */
const SHARE = 50;

interface Site {
  readonly cookies: Map<string, Cookie>;
  /** Those that are Secure, by name. */
  readonly secure: Map<string, Set<Cookie>>;
}

/** An index of cookies; they themselves are in the jar's store. */
export class HeldCookies {
  readonly #sites = new Map<string, Site>();
  /** How many cookies each domain has. */
  readonly #domains = new Map<string, number>();
  #total = 0;

  get isEmpty(): boolean {
    return this.#total === 0;
  }

  /** Whether a host or one above it has a cookie; most requests go where there is none, and that should cost nothing. */
  mayHold(host: string): boolean {
    if (this.isEmpty) return false;
    if (this.#domains.has(host)) return true;
    for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) {
      if (this.#domains.has(host.slice(dot + 1))) return true;
    }
    return false;
  }

  /** Takes in a cookie of a site, in the place of an older one. */
  add(name: string, cookie: Cookie): void {
    let site = this.#sites.get(name);
    if (site === undefined) {
      site = { cookies: new Map(), secure: new Map() };
      this.#sites.set(name, site);
    }
    const id = idOf(cookie);
    const before = site.cookies.get(id);
    if (before !== undefined) this.#forget(name, site, before);
    // Also where the one before was the last of its site.
    site.cookies.set(id, cookie);
    this.#sites.set(name, site);
    this.#total += 1;
    const domain = cookie.domain ?? '';
    this.#domains.set(domain, (this.#domains.get(domain) ?? 0) + 1);
    if (!cookie.secure) return;
    const alike = site.secure.get(cookie.key) ?? new Set();
    site.secure.set(cookie.key, alike.add(cookie));
  }

  delete(name: string, cookie: Cookie): void {
    const site = this.#sites.get(name);
    if (site?.cookies.has(idOf(cookie)) === true) this.#forget(name, site, cookie);
  }

  /** The Secure cookies of a site that have this name. */
  secure(name: string, key: string): Iterable<Cookie> {
    return this.#sites.get(name)?.secure.get(key) ?? [];
  }

  /** The cookies that must go after a site has set some. */
  surplus(name: string, now: number): readonly Cookie[] {
    const mine = [...(this.#sites.get(name)?.cookies.values() ?? [])];
    const tooMany = mine.length - MOST_OF_A_SITE;
    const overfull = this.#total - MOST;
    if (tooMany <= 0 && overfull <= 0) return [];
    mine.sort(byWorth(now));
    const own = Math.max(0, tooMany, Math.min(overfull, mine.length - SHARE));
    const gone = mine.slice(0, own);
    if (overfull <= own) return gone;
    const others = [...this.#sites].flatMap(([site, { cookies }]) => (site === name ? [] : [...cookies.values()]));
    return [...gone, ...others.sort(byWorth(now)).slice(0, overfull - own)];
  }

  clear(): void {
    this.#sites.clear();
    this.#domains.clear();
    this.#total = 0;
  }

  #forget(name: string, site: Site, cookie: Cookie): void {
    const id = idOf(cookie);
    const held = site.cookies.get(id) ?? cookie;
    site.cookies.delete(id);
    if (site.cookies.size === 0) this.#sites.delete(name);
    this.#total -= 1;
    const domain = held.domain ?? '';
    const left = (this.#domains.get(domain) ?? 0) - 1;
    if (left > 0) this.#domains.set(domain, left);
    else this.#domains.delete(domain);
    const alike = site.secure.get(held.key);
    alike?.delete(held);
    if (alike?.size === 0) site.secure.delete(held.key);
  }
}

/** The site of a host or a domain; one that has none, such as an address or a public suffix, is its own. */
export function siteOf(domain: string): string {
  return isAddress(domain) ? domain : (registrable(domain) ?? domain);
}

/** Whether nobody but a registry may set cookies for all below it. */
export function isPublicSuffix(domain: string): boolean {
  return !isAddress(domain) && registrable(domain) === undefined;
}

/** Whether a host is an IP address; the URL parser has turned every numeric form into four decimal numbers. */
export function isAddress(host: string): boolean {
  return host.includes(':') || /^\d+\.\d+\.\d+\.\d+$/.test(host);
}

/** Whether a cookie has ended by its own date. */
export function isExpired(cookie: Cookie, now: number): boolean {
  return cookie.expires instanceof Date && cookie.expires.getTime() <= now;
}

function registrable(domain: string): string | undefined {
  return getPublicSuffix(domain, SUFFIX_OPTIONS) ?? undefined;
}

// Without a prototype, where anyone may have written.
const SUFFIX_OPTIONS = Object.assign(Object.create(null) as { allowSpecialUseDomain: true; ignoreError: true }, {
  allowSpecialUseDomain: true as const,
  ignoreError: true as const,
});

/**
 * Expired ones first, then those that are not Secure, so that nobody who speaks http can push out what https set; among these,
 * the ones that were not used for longest.
 *
 * Source: RFC 6265bis, section 5.7 ("excess cookies") and its "leave Secure cookies alone".
 */
function byWorth(now: number): (a: Cookie, b: Cookie) => number {
  return (a, b) =>
    Number(isExpired(b, now)) - Number(isExpired(a, now)) ||
    Number(a.secure) - Number(b.secure) ||
    timeOf(a.lastAccessed) - timeOf(b.lastAccessed) ||
    a.creationIndex - b.creationIndex;
}

function timeOf(date: Date | 'Infinity' | null): number {
  return date instanceof Date ? date.getTime() : 0;
}

// None of the three has a semicolon.
function idOf({ domain, path, key }: Cookie): string {
  return `${domain};${path};${key}`;
}
