/* The URL of a request: read, checked, and with its credentials split off and its parameters added. */
import { codePoint, invalidKind, invalidOption, kindOf, ownEntries } from '../checks.ts';
import { InvalidOptionError, InvalidUrlError } from '../errors.ts';
import type { Fields } from '../fields.ts';
import { redactInvalidUrl } from '../redact.ts';

/** A value of a query parameter; a list gives the parameter several times, null and undefined leave it out. */
export type ParamValue = string | number | bigint | boolean | null | undefined;

/** Query parameters: a record, pairs, a `URLSearchParams`, or a query written out. */
export type Params =
  | string
  | URLSearchParams
  | Readonly<Record<string, ParamValue | readonly ParamValue[]>>
  | Iterable<readonly [string, ParamValue]>
  | Fields;

/** User name and password, as they were before percent-encoding. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** A URL ready to be requested. */
export interface Target {
  /** Without userinfo. */
  readonly url: URL;
  /** What stood before the `@`. */
  readonly credentials: Credentials | undefined;
  /** Whether the URL has the origin of the base; true if there is no base. */
  readonly withinBase: boolean;
}

/**
 * Reads a URL as the URL standard does, against the session's base, and splits its credentials off.
 *
 * The standard silently drops tabs and line ends; here they are refused, since nobody means them.
 *
 * @throws InvalidUrlError if the input is not a URL, or has control characters or another scheme than http and https.
 */
export function readTarget(input: string | URL, base: URL | undefined, params: Params | undefined): Target {
  const url = parse(input, base);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new InvalidUrlError(
      `The URL ${redactInvalidUrl(url.href)} has the scheme ${url.protocol} that cannot be requested: use http: or https:.`,
    );
  }
  const credentials = takeCredentials(url);
  if (params !== undefined) addParams(url, params);
  return { url, credentials, withinBase: base === undefined || base.origin === url.origin };
}

/**
 * Reads the base of a session; it must be absolute, unless there is one that it stands on.
 *
 * @throws InvalidUrlError
 */
export function readBase(
  input: string | URL,
  under?: URL,
): { readonly url: URL; readonly credentials: Credentials | undefined } {
  const { url, credentials } = readTarget(input, under, undefined);
  if (url.search !== '' || url.hash !== '') {
    throw new InvalidUrlError(
      `The option 'baseUrl' is ${url.href} with a query or a fragment, which no request would keep: give them as params.`,
    );
  }
  return { url, credentials };
}

function parse(input: string | URL, base: URL | undefined): URL {
  if (input instanceof URL) return new URL(input);
  if (typeof input !== 'string') {
    throw new InvalidUrlError(`The URL is ${kindOf(input)}: give a string or a URL.`);
  }
  const control = CONTROL.exec(input);
  if (control !== null) {
    throw new InvalidUrlError(
      `The URL ${JSON.stringify(redactInvalidUrl(input))} has the control character ${codePoint(control[0])} at position ${control.index}: percent-encode it or leave it out.`,
    );
  }
  try {
    return new URL(input, base);
  } catch {
    // The platform's error keeps the whole input, password included, so it does not become the cause.
    const shown = JSON.stringify(redactInvalidUrl(input));
    const hint =
      base === undefined && !SCHEME.test(input)
        ? 'write it with http:// or https://, or give a baseUrl'
        : 'check its host and port';
    throw new InvalidUrlError(`The URL ${shown} cannot be requested: ${hint}.`);
  }
}

const CONTROL = /\p{Cc}/u;
const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;

function takeCredentials(url: URL): Credentials | undefined {
  if (url.username === '' && url.password === '') return undefined;
  const credentials = { username: decode(url.username), password: decode(url.password) };
  url.username = '';
  url.password = '';
  return credentials;
}

/** Percent-decodes a component; a percent sign that begins no valid sequence stands for itself. */
export function decode(component: string): string {
  try {
    return decodeURIComponent(component);
  } catch {
    return component;
  }
}

/**
 * Adds parameters to the query of a URL. What it has already stays byte for byte: servers that sign queries compare bytes.
 *
 * @throws InvalidOptionError for parameters that cannot be sent
 */
export function addParams(url: URL, params: Params): void {
  const query = typeof params === 'string' ? queryOf(params) : searchOf(params).toString();
  if (query === '') return;
  const { search } = url;
  const separator = search === '' || search.endsWith('&') ? '' : '&';
  // With a question mark of its own, since the setter takes one off.
  url.search = `${search === '' ? '?' : search}${separator}${query}`;
}

/** A query that was written out, perhaps with its question mark. */
function queryOf(text: string): string {
  const control = CONTROL.exec(text);
  if (control === null) return text.replace(/^\?/, '');
  throw new InvalidOptionError(
    `The option 'params' has the control character ${codePoint(control[0])} at position ${control.index}: percent-encode it or leave it out.`,
  );
}

function searchOf(params: Exclude<Params, string>): URLSearchParams {
  if (params instanceof URLSearchParams) return params;
  if (typeof params !== 'object' || params === null) {
    throw invalidKind("The option 'params'", params, 'give a record, pairs, URLSearchParams or a string');
  }
  const search = new URLSearchParams();
  for (const [name, value] of pairsOf(params)) {
    for (const each of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
      if (each !== null && each !== undefined) search.append(name, textOf(name, each));
    }
  }
  return search;
}

function pairsOf(params: Exclude<Params, string | URLSearchParams>): Iterable<readonly [string, unknown]> {
  return Symbol.iterator in params
    ? (params as Iterable<readonly [string, unknown]>)
    : ownEntries(params as Readonly<Record<string, unknown>>);
}

function textOf(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw invalidOption(`params.${name}`, value, 'give a finite number, since servers cannot read it');
  }
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  throw invalidKind(`The option 'params.${name}'`, value, 'give strings, numbers, booleans or lists of them');
}
