/* `curl(request)`: a request as the command that sends it, for reports of bugs. */
import { checkFlag, checkNames, invalidKind, own } from '../checks.ts';
import { REDACTED } from '../inspect.ts';
import type { RequestBody } from '../request/body/body.ts';
import { BufferedBody } from '../request/body/buffered.ts';
import { Request } from '../request/request.ts';
import { Redactor } from './secrets.ts';

/** What a command for curl shows. */
export interface CurlOptions {
  /** Whether credentials are left out: in headers, cookies, the URL, and in forms and JSON by name. Default true. */
  readonly redact?: boolean | undefined;
}

const CURL_OPTIONS: readonly (keyof CurlOptions)[] = ['redact'];

/** The longest body that a line holds: a shell takes 131,072 bytes for an argument. */
const LONGEST_BODY = 65_536;

/**
 * The command line that sends a request with curl, for a POSIX shell: method, URL, headers and body as a middleware sees
 * them, and what of TLS, proxy and unix socket curl can be told.
 *
 * A body that is a stream, has no text, or is larger than 64 KiB is read from a file `body`, which the command leaves to you.
 *
 * @throws InvalidOptionError for what is not a request or an option
 * @example
 * ```ts
 * import { curl, type Middleware, Session } from '@coloop/http';
 * import { simulate } from '@coloop/http/testing';
 *
 * const report: Middleware = (request, next) => {
 *   console.log(curl(request));
 *   //> curl --globoff --request DELETE --header User-Agent: --header 'Accept: text/plain' --header 'Authorization: (redacted)' http://api.test/users/1
 *   return next(request);
 * };
 *
 * await simulate(function* (net) {
 *   net.serve('http://api.test', () => 'done');
 *   const session = yield* Session.open({ baseUrl: 'http://api.test', middleware: [report] });
 *   const headers = { Accept: 'text/plain', 'User-Agent': null, 'Accept-Encoding': null, Authorization: 'Bearer s3cret' };
 *   yield* session.delete('/users/1', { headers }).text();
 * });
 * ```
 * Source: IEEE Std 1003.1-2024, section 2.2 ("Quoting"); "Copy as cURL" of browsers.
 */
export function curl(request: Request, options: CurlOptions = {}): string {
  if (!(request instanceof Request)) {
    throw invalidKind('The argument of curl', request, 'give the request that a middleware gets');
  }
  checkNames('curl', options, CURL_OPTIONS);
  const redact = checkFlag('curl.redact', own(options, 'redact'), true);
  const redactor = new Redactor(redact, []);
  const words = ['curl', '--globoff', ...methodOf(request)];
  for (const line of headersOf(request, redactor)) words.push('--header', line);
  if (request.headers.has('accept-encoding') && request.options.decompress) words.push('--compressed');
  words.push(...connectionOf(request));
  if (request.body !== null) words.push(...bodyOf(request.body, redact, redactor));
  words.push(redactor.url(withoutFragment(request.url)));
  return words.map(quoted).join(' ');
}

function methodOf({ method, body }: Request): string[] {
  if (body === null && method === 'GET') return [];
  // It would wait for a body that does not come.
  if (body === null && method === 'HEAD') return ['--head'];
  return ['--request', method];
}

/** Curl finds these out by itself. */
const OWN_HEADERS: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding', 'connection']);

/** The lines as curl takes them; a name with a colon and nothing behind takes away a header of curl's own. */
function headersOf({ headers, body, auth, cookies }: Request, redactor: Redactor): string[] {
  let all = headers.filter((name) => !OWN_HEADERS.has(name));
  if (body?.type !== undefined && !all.has('content-type')) all = all.set('Content-Type', body.type);
  if (body?.encoding !== undefined && !all.has('content-encoding')) all = all.set('Content-Encoding', body.encoding);
  if (auth !== null && !all.has('authorization')) all = all.set('Authorization', auth.authorization ?? REDACTED);
  const pairs = Object.entries(cookies ?? {}).map(([name, value]) => `${name}=${value}`);
  if (pairs.length > 0) all = all.set('Cookie', [...pairs, all.get('cookie') ?? []].flat().join('; '));
  const lines: string[] = [];
  for (const name of ['Accept', 'User-Agent']) if (!all.has(name)) lines.push(`${name}:`);
  if (body !== null && !all.has('content-type')) lines.push('Content-Type:');
  const shown = redactor.headers(all).map(({ name, value }) => (value === '' ? `${name};` : `${name}: ${value}`));
  return [...lines, ...shown];
}

function connectionOf({ options }: Request): string[] {
  const words: string[] = [];
  if (options.ssl?.verify === false) words.push('--insecure');
  if (options.proxy) words.push('--proxy', options.proxy.display);
  if (options.socketPath) words.push('--unix-socket', options.socketPath);
  return words;
}

function bodyOf(body: RequestBody, redact: boolean, redactor: Redactor): string[] {
  const text = textOf(body, redact);
  // What curl reads from a file it does not change with --data-binary alone.
  if (text === undefined) return ['--data-binary', '@body'];
  return ['--data-raw', redact ? redactedBody(text, body.type ?? '', redactor) : text];
}

/** The text of a body; undefined if it has none that a shell could hold. */
function textOf(body: RequestBody, redact: boolean): string | undefined {
  if (!(body instanceof BufferedBody) || body.length > LONGEST_BODY) return undefined;
  // A part may be called `password`, and what it holds has no end that can be trusted.
  if (redact && body.type?.startsWith('multipart/') === true) return undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body.open());
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

function redactedBody(text: string, type: string, redactor: Redactor): string {
  if (type.startsWith('application/x-www-form-urlencoded')) {
    const fields = text.split('&').map((field) => {
      const [[name, value] = ['', '']] = new URLSearchParams(field);
      const [shown] = redactor.pairs([[name, value]]);
      return shown === undefined || shown.value === value ? field : `${field.split('=', 1)[0]}=${shown.value}`;
    });
    return fields.join('&');
  }
  return redactedJson(text, redactor) ?? redactor.url(text);
}

/** JSON without the values of secret names: the text itself if it has none; undefined if it is not JSON. */
function redactedJson(text: string, redactor: Redactor): string | undefined {
  let changed = false;
  try {
    const value: unknown = JSON.parse(text, (name, each: unknown) => {
      if (typeof each !== 'string' && typeof each !== 'number') return each;
      const [shown] = redactor.pairs([[name, String(each)]]);
      if (shown === undefined || shown.value === String(each)) return each;
      changed = true;
      return shown.value;
    });
    return changed ? JSON.stringify(value) : text;
  } catch {
    return undefined;
  }
}

function withoutFragment({ href }: URL): string {
  const at = href.indexOf('#');
  return at === -1 ? href : href.slice(0, at);
}

/** A word of a shell: as it is where nothing in it has a meaning, else in single quotes, in which only they have one. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
