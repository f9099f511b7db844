/* The Cookie header of a hop: the call's own cookies, those of its header, and those of the jar. */
import { invalid, ownEntries } from '../checks.ts';
import { InvalidOptionError } from '../errors.ts';
import { TOKEN } from '../headers.ts';
import type { CookieSource, Request } from '../request/request.ts';
import type { HeaderLines } from '../response/stream.ts';

/**
 * The request with the cookies of its hop: the call's own, those of its Cookie header, and the jar's.
 *
 * @throws InvalidOptionError for a cookie of the call that no header can carry
 */
export function withCookieHeader(request: Request, jar: CookieSource | null): Request {
  const { url, cookies, headers } = request;
  const stored = jar === null || jar.isEmpty ? '' : jar.header(url);
  if (stored === '' && cookies === null) return request;
  const line = cookieLine(headers.get('cookie'), cookies, stored);
  return line === '' ? request : request.with({ headers: headers.set('Cookie', line) });
}

/** Puts into the jar what a response from `url` sets. */
export function keepCookies(jar: CookieSource, lines: HeaderLines, url: URL): void {
  const set = lines.getAll('set-cookie');
  if (set.length > 0) jar.receive(set, url);
}

/**
 * Joins cookies to one header: a name of the call's own goes before the same name of the Cookie header, and that
 * before the jar's.
 *
 * @param written - the Cookie header that the caller wrote
 * @param own - the `cookies` of the call
 * @param stored - what the jar has
 * @throws InvalidOptionError for a name or value that would be read as something else
 *
 * Source: RFC 6265, section 4.2.1; a server reads the first of two cookies of one name.
 */
export function cookieLine(
  written: string | undefined,
  own: Readonly<Record<string, string>> | null,
  stored: string,
): string {
  if (written === undefined && own === null) return stored;
  const pairs = own === null ? [] : ownEntries(own).map(([name, value]) => cookiePair(name, value));
  for (const line of [written ?? '', stored]) {
    const taken = new Set(pairs.map(nameOf));
    for (const part of line.split(';')) {
      const pair = part.trim();
      if (pair !== '' && !taken.has(nameOf(pair))) pairs.push(pair);
    }
  }
  return pairs.join('; ');
}

/**
 * Writes one cookie of a call.
 *
 * @throws InvalidOptionError for a name that is not a token, or a value with a semicolon, a control character or one
 *   beyond U+00FF
 */
export function cookiePair(name: string, value: unknown): string {
  if (!TOKEN.test(name)) {
    throw invalid('The name of a cookie', name, "use letters, digits and !#$%&'*+-.^_`|~ only");
  }
  if (typeof value !== 'string' || UNFIT.test(value)) {
    throw new InvalidOptionError(
      `The value of the cookie ${name} is not text that a header can carry: encode it, for example with encodeURIComponent.`,
    );
  }
  return `${name}=${value}`;
}

const UNFIT = /[^\t\x20-\x3a\x3c-\x7e\x80-\xff]/;

function nameOf(pair: string): string {
  const equals = pair.indexOf('=');
  return equals === -1 ? pair : pair.slice(0, equals);
}
