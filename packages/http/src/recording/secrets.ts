/* What a recording leaves out: credentials in headers, cookies, and URLs. */
import { isSecretHeader, REDACTED } from '../inspect.ts';
import { redactUrls } from '../redact.ts';
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

/** Headers whose values are URLs. */
const URL_HEADERS: ReadonlySet<string> = new Set([
  'location',
  'content-location',
  'referer',
  'origin',
  'link',
  'refresh',
]);

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
  url(text: string): string {
    return this.#on
      ? redactUrls(text).replace(PARAMETER, (whole, before: string, name: string) => {
          return this.#isSecret(name) ? `${before}${name}=${REDACTED_IN_URL}` : whole;
        })
      : text;
  }

  pairs(pairs: Iterable<readonly [string, string]>): HarPair[] {
    return [...pairs].map(([name, value]) => ({ name, value: this.#on && this.#isSecret(name) ? REDACTED : value }));
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
    return URL_HEADERS.has(name.toLowerCase()) ? this.url(value) : value;
  }

  #isSecret(name: string): boolean {
    return this.#names.has(plain(decoded(name)));
  }
}

const REDACTED_IN_URL = encodeURIComponent(REDACTED);
const PARAMETER = /([?&#;])([^=&#;?\s]{1,200})=[^&#;\s]*/g;

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '');
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '));
  } catch {
    return name;
  }
}
