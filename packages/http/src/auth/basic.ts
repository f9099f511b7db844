/* Basic authentication: a user name and a password as one header, for servers and for proxies. */
import type { Operation } from '@coloop/core';
import { invalid } from '../checks.ts';
import { InvalidOptionError } from '../errors.ts';
import type { Auth, Next, Request } from '../request/request.ts';
import type { Response } from '../response/response.ts';

/** How user name and password become bytes; `latin1` is what some old servers want. */
export type BasicEncoding = 'utf-8' | 'latin1' | 'ascii';

/**
 * Sends a user name and a password with every request, readable by everybody who can read the connection.
 *
 * Also the form in which proxies take their credentials (`proxyAuth`).
 *
 * @param user - must not contain a colon
 * @param password - empty by default
 * @param encoding - `utf-8` by default
 * @throws InvalidOptionError for a colon in the user name, a control character, or a character that the encoding does
 *   not have
 * @example
 * ```ts no-run
 * const response = yield* session.get('https://example.com/', { auth: new BasicAuth('aladdin', 'open sesame') });
 * ```
 *
 * Source: RFC 7617.
 */
export class BasicAuth implements Auth {
  readonly user: string;
  // Private, so that a printed options object does not show it.
  readonly #password: string;
  readonly encoding: BasicEncoding;

  constructor(user: string, password = '', encoding: BasicEncoding = 'utf-8') {
    if (typeof user !== 'string' || typeof password !== 'string') {
      throw new InvalidOptionError('The user name or the password of BasicAuth is not text: give both as strings.');
    }
    if (user.includes(':')) {
      throw new InvalidOptionError(
        'The user name of BasicAuth has a colon, which ends it on the wire (RFC 7617): give the password as the second argument.',
      );
    }
    if (CONTROL.test(user) || CONTROL.test(password)) {
      throw new InvalidOptionError('The user name or the password of BasicAuth has a control character: remove it.');
    }
    const canonical = ENCODINGS.get(String(encoding).toLowerCase());
    if (canonical === undefined) {
      throw invalid('The encoding of BasicAuth', encoding, "use 'utf-8', 'latin1' or 'ascii'");
    }
    this.user = user;
    this.#password = password;
    this.encoding = canonical;
    encode(user, canonical);
    encode(password, canonical);
  }

  /** The value of the Authorization or Proxy-Authorization header. */
  get authorization(): string {
    return `Basic ${base64(encode(`${this.user}:${this.#password}`, this.encoding))}`;
  }

  apply(request: Request, next: Next): Operation<Response> {
    return next(request.with({ headers: request.headers.set('Authorization', this.authorization) }));
  }

  /**
   * Takes the credentials out of a URL, percent-decoded; undefined if it has none.
   *
   * @throws InvalidOptionError for credentials that cannot be sent
   */
  static fromUrl(url: URL): BasicAuth | undefined {
    if (url.username === '' && url.password === '') return undefined;
    return new BasicAuth(decode(url.username), decode(url.password));
  }
}

const CONTROL = /\p{Cc}/u;

const ENCODINGS: ReadonlyMap<string, BasicEncoding> = new Map([
  ['utf-8', 'utf-8'],
  ['utf8', 'utf-8'],
  ['latin1', 'latin1'],
  ['iso-8859-1', 'latin1'],
  ['ascii', 'ascii'],
  ['us-ascii', 'ascii'],
]);

function decode(component: string): string {
  try {
    return decodeURIComponent(component);
  } catch {
    // A percent sign that starts no valid sequence stands for itself.
    return component;
  }
}

function encode(text: string, encoding: BasicEncoding): Uint8Array {
  if (encoding === 'utf-8') return new TextEncoder().encode(text);
  const highest = encoding === 'latin1' ? 0xff : 0x7f;
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > highest) {
      throw new InvalidOptionError(
        `The user name or the password of BasicAuth has a character that ${encoding} does not have: use 'utf-8'.`,
      );
    }
    bytes[i] = unit;
  }
  return bytes;
}

function base64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
