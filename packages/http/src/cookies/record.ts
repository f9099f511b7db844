/* A cookie in its three forms: a Set-Cookie header, an entry of the jar, and a record of JSON. */
import { Cookie, parseDate } from 'tough-cookie';

/** One cookie as plain data. */
export interface CookieRecord {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  readonly path: string;
  readonly hostOnly: boolean;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  readonly sameSite?: string;
  /** As an ISO date; missing for a cookie of the session. */
  readonly expires?: string;
  readonly created?: string;
}

/** Section 5.6: name and value together, and each attribute. */
const LONGEST_PAIR = 4_096;
const LONGEST_ATTRIBUTE = 1_024;
/** Section 5.5: an expiry lies at most 400 days ahead. */
const LONGEST_LIFE = 400 * 86_400_000;

/**
 * Reads a Set-Cookie header; undefined if it is not one.
 *
 * Max-Age becomes a date at once, by `now`: tough-cookie counts it anew from every use of the cookie.
 *
 * Source: RFC 6265bis, sections 5.5 and 5.6.
 */
export function parseSetCookie(header: string, now: number): Cookie | undefined {
  if (UNFIT.test(header)) return undefined;
  const [pair = '', ...attributes] = header.split(';');
  const equals = pair.indexOf('=');
  if (equals === -1) return undefined;
  const key = pair.slice(0, equals).trim();
  const value = pair.slice(equals + 1).trim();
  // A cookie without a name is refused: written out, its value could pass for the name and value of another.
  if (key === '' || key.length + value.length > LONGEST_PAIR) return undefined;
  const cookie = emptyCookie(key, value, now);
  let maxAge: number | undefined;
  let unusable = false;
  for (const attribute of attributes) {
    const at = attribute.indexOf('=');
    const name = (at === -1 ? attribute : attribute.slice(0, at)).trim().toLowerCase();
    const text = at === -1 ? '' : attribute.slice(at + 1).trim();
    if (text.length > LONGEST_ATTRIBUTE) continue;
    if (name === 'max-age') maxAge = /^-?\d+$/.test(text) ? Number(text) : maxAge;
    else if (name === 'domain') {
      const domain = domainOf(text);
      unusable = domain === undefined;
      cookie.domain = domain ?? null;
    } else applyAttribute(cookie, name, text);
  }
  if (unusable) return undefined;
  if (maxAge !== undefined) cookie.expires = new Date(maxAge <= 0 ? 0 : now + Math.min(maxAge * 1000, LONGEST_LIFE));
  else if (cookie.expires instanceof Date) {
    cookie.expires = new Date(Math.min(cookie.expires.getTime(), now + LONGEST_LIFE));
  }
  return cookie;
}

function applyAttribute(cookie: Cookie, name: string, text: string): void {
  switch (name) {
    case 'expires':
      cookie.expires = parseDate(text) ?? cookie.expires;
      break;
    case 'path':
      cookie.path = text.startsWith('/') ? text : null;
      break;
    case 'secure':
      cookie.secure = true;
      break;
    case 'httponly':
      cookie.httpOnly = true;
      break;
    case 'samesite':
      cookie.sameSite = /^(strict|lax|none)$/i.test(text) ? text.toLowerCase() : undefined;
      break;
  }
}

/**
 * A Domain attribute: null for an empty one, which counts as none; undefined for what is no domain, such as one with a port:
 * no host matches it.
 */
function domainOf(text: string): string | null | undefined {
  const domain = text.replace(/^\./, '').toLowerCase();
  if (domain === '') return null;
  if (NOT_IN_DOMAINS.test(domain)) return undefined;
  // One beyond ASCII is compared in the form that the URL has.
  if (!/[^\x21-\x7e]/.test(domain)) return domain;
  try {
    return new URL(`http://${domain}`).hostname;
  } catch {
    return undefined;
  }
}

/** What the URL parser would take for something beside the host. */
const NOT_IN_DOMAINS = /[\s:/?#@\\%[\]]/;

/** A cookie as plain data. */
export function recordOf(cookie: Cookie): CookieRecord {
  return {
    name: cookie.key,
    value: cookie.value,
    domain: cookie.domain ?? '',
    path: cookie.path ?? '/',
    hostOnly: cookie.hostOnly === true,
    secure: cookie.secure,
    httpOnly: cookie.httpOnly,
    ...(cookie.sameSite === undefined ? {} : { sameSite: cookie.sameSite }),
    ...(cookie.expires instanceof Date ? { expires: cookie.expires.toISOString() } : {}),
    ...(cookie.creation instanceof Date ? { created: cookie.creation.toISOString() } : {}),
  };
}

/** A cookie from plain data that was checked by {@link readRecord}. */
export function cookieFrom(record: CookieRecord, now: number): Cookie {
  const cookie = emptyCookie(record.name, record.value, now);
  cookie.domain = record.domain;
  cookie.path = record.path;
  cookie.hostOnly = record.hostOnly;
  cookie.pathIsDefault = false;
  cookie.secure = record.secure;
  cookie.httpOnly = record.httpOnly;
  cookie.sameSite = record.sameSite;
  if (record.expires !== undefined) cookie.expires = new Date(record.expires);
  if (record.created !== undefined) cookie.creation = new Date(record.created);
  return cookie;
}

/** Checks one entry of a cookie file; undefined for what no jar would have written. */
export function readRecord(value: unknown): CookieRecord | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const field = (name: string): unknown =>
    Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
  const text = (name: string): string | undefined => {
    const found = field(name);
    return typeof found === 'string' && !UNFIT.test(found) && !found.includes(';') ? found : undefined;
  };
  const name = text('name');
  const content = text('value');
  const domain = text('domain');
  const path = text('path');
  if (!name || name.includes('=') || content === undefined || !domain || !path?.startsWith('/')) return undefined;
  if (name.length + content.length > LONGEST_PAIR) return undefined;
  const sameSite = text('sameSite');
  const expires = dateText(field('expires'));
  const created = dateText(field('created'));
  if (field('expires') !== undefined && expires === undefined) return undefined;
  return {
    name,
    value: content,
    domain: domain.toLowerCase(),
    path,
    // What does not say that it may be shared, may not.
    hostOnly: field('hostOnly') !== false,
    secure: field('secure') === true,
    httpOnly: field('httpOnly') === true,
    ...(sameSite === undefined ? {} : { sameSite }),
    ...(expires === undefined ? {} : { expires }),
    ...(created === undefined ? {} : { created }),
  };
}

function dateText(value: unknown): string | undefined {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : undefined;
}

// Every field is given, so that none of them is read from Object.prototype.
function emptyCookie(key: string, value: string, now: number): Cookie {
  const options = {
    key,
    value,
    expires: 'Infinity' as const,
    maxAge: null,
    domain: null,
    path: null,
    secure: false,
    httpOnly: false,
    extensions: null,
    creation: new Date(now),
    hostOnly: null,
    pathIsDefault: null,
    lastAccessed: null,
  };
  return new Cookie(Object.assign(Object.create(null) as typeof options, options));
}

// Control characters of section 5.6, step 1, and what no header can carry.
const UNFIT = /[^\t\x20-\x7e\x80-\xff]/;
