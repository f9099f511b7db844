/* What a recording leaves out: credentials in headers, cookies, and URLs. */
import { isSecretHeader, REDACTED } from '../inspect.ts';
import { redactUrls } from '../redact.ts';
import { redactParameters, type UrlsIn } from './parameters.ts';
import type { HarPair } from './types.ts';

/** Names of query parameters that let somebody in, without their `-` and `_`. */
const SECRET_PARAMETERS: readonly string[] = [
  'accesskey',
  'accesstoken',
  'apikey',
  'apitoken',
  'assertion',
  'auth',
  'authorization',
  'authtoken',
  'bearer',
  'clientsecret',
  'code',
  'codeverifier',
  'credential',
  'idtoken',
  'jwt',
  'key',
  'pass',
  'passphrase',
  'passwd',
  'password',
  'privatekey',
  'pwd',
  'refreshtoken',
  'samlresponse',
  'secret',
  'session',
  'sessionid',
  'sid',
  'sig',
  'signature',
  'ticket',
  'token',
  'xamzcredential',
  'xamzsecuritytoken',
  'xamzsignature',
  'xgoogcredential',
  'xgoogsignature',
];

/** Headers that are one URL, or end with one; any other is a text that may mention some. */
const URL_HEADERS: ReadonlySet<string> = new Set(['location', 'content-location', 'referer', 'refresh']);

/** Leaves secrets out of URLs and headers. */
export class Redactor {
  readonly #names: ReadonlySet<string>;
  readonly #on: boolean;

  /** @param more - names of query parameters beside the usual ones */
  constructor(on: boolean, more: readonly string[]) {
    this.#on = on;
    this.#names = new Set([...SECRET_PARAMETERS, ...more.map(plain)]);
  }

  /** A URL or a text with URLs: without userinfo, and without the values of secret parameters, in its fragment too. */
  url(text: string, urls: UrlsIn = 'text'): string {
    return this.#on ? redactParameters(redactUrls(text), urls, (name) => this.#isSecret(name)) : text;
  }

  pairs(pairs: Iterable<readonly [string, string]>): HarPair[] {
    return [...pairs].map(([name, value]) => ({ name: this.url(name, 'header'), value: this.#pair(name, value) }));
  }

  headers(headers: Iterable<readonly [string, string]>): HarPair[] {
    return [...headers].map(([name, value]) => ({ name, value: this.#header(name, value) }));
  }

  cookies(cookies: Iterable<readonly [string, string]>): HarPair[] {
    return [...cookies].map(([name, value]) => ({ name, value: this.#on ? REDACTED : value }));
  }

  #header(name: string, value: string): string {
    if (!this.#on) return value;
    if (isSecretHeader(name)) return REDACTED;
    const lower = name.toLowerCase();
    return this.url(value, URL_HEADERS.has(lower) ? 'header' : lower === 'link' ? 'link' : 'text');
  }

  #pair(name: string, value: string): string {
    if (!this.#on) return value;
    return this.#isSecret(name) ? REDACTED : this.url(value, 'header');
  }

  #isSecret(name: string): boolean {
    return this.#names.has(plain(name));
  }
}

function plain(name: string): string {
  return name.trim().toLowerCase().replace(/[-_]/g, '');
}
