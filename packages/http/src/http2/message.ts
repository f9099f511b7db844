/* A request as the header fields of HTTP/2: RFC 9113, sections 8.2 and 8.3. */
import { type OutgoingHttpHeaders, sensitiveHeaders } from 'node:http2';
import type { Route } from '../connect/route.ts';
import { InvalidOptionError } from '../errors.ts';
import type { RequestHeaders } from '../headers.ts';
import type { RequestBody } from '../request/body/body.ts';
import type { Request } from '../request/request.ts';

/** The fields of a request on a connection of a route. */
export function messageFields(request: Request, route: Route): OutgoingHttpHeaders {
  const { method, url, headers, body } = request;
  const { fields, authority } = ownFieldsOf(headers);
  const all: OutgoingHttpHeaders = {
    ':method': method,
    ':path': `${url.pathname}${url.search}`,
    ':scheme': route.secure ? 'https' : 'http',
    ':authority': authority ?? route.host,
    ...fields,
  };
  if (body !== null) addBodyFields(all, body);
  if (request.options.expect100 && body !== null) all.expect = '100-continue';
  return all;
}

function addBodyFields(fields: OutgoingHttpHeaders, body: RequestBody): void {
  if (body.length !== undefined) fields['content-length'] ??= String(body.length);
  if (body.type !== undefined) fields['content-type'] ??= body.type;
  if (body.encoding !== undefined) fields['content-encoding'] ??= body.encoding;
}

/** The caller's own fields; what they say of the connection is refused, and Host is a field of its own kind. */
interface OwnFields {
  readonly fields: OutgoingHttpHeaders;
  readonly authority: string | undefined;
}

/** Kept, since a session's own headers are used again and again. */
const allFields = new WeakMap<RequestHeaders, OwnFields>();

function ownFieldsOf(headers: RequestHeaders): OwnFields {
  let own = allFields.get(headers);
  if (own === undefined) {
    own = makeOwnFields(headers);
    allFields.set(headers, own);
  }
  return own;
}

function makeOwnFields(headers: RequestHeaders): OwnFields {
  // Without a prototype: a header may have any name.
  const fields = Object.create(null) as Record<string, string[]>;
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    checkField(name, lower, value);
    // Proxy-Authorization is for a proxy that reads the request, and there is none on the way.
    if (lower === 'host' || lower === 'proxy-authorization') continue;
    fields[lower] ??= [];
    fields[lower].push(value);
  }
  // Copied out of what has no prototype, which the engine keeps in a slower form.
  return { fields: { ...singled(fields), [sensitiveHeaders]: SENSITIVE }, authority: headers.get('host') };
}

function singled(fields: Readonly<Record<string, readonly string[]>>): OutgoingHttpHeaders {
  const all = Object.create(null) as OutgoingHttpHeaders;
  for (const [name, values] of Object.entries(fields)) {
    // Lines of one cookie header each are one line for a server of HTTP/1.1 behind this one: RFC 9113, section 8.2.3.
    if (name === 'cookie') all[name] = values.join('; ');
    else all[name] = values.length === 1 ? values[0] : SINGLE.has(name) ? values.join(', ') : [...values];
  }
  return all;
}

function checkField(name: string, lower: string, value: string): void {
  if (!CONNECTION.has(lower)) return;
  throw new InvalidOptionError(
    `The header ${name}: ${value} speaks of a connection of HTTP/1.1, and this request goes over HTTP/2, which has none of its kind: leave it out, or open a session without http2.`,
  );
}

/** RFC 9113, section 8.2.2. */
const CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/** Fields that the platform refuses in several lines. */
const SINGLE: ReadonlySet<string> = new Set([
  'accept-ranges',
  'access-control-request-method',
  'age',
  'content-encoding',
  'content-language',
  'content-location',
  'content-type',
  'date',
  'dnt',
  'etag',
  'expires',
  'from',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'range',
  'referer',
  'tk',
  'upgrade-insecure-requests',
  'user-agent',
]);

/** What is never put into the table that compresses later fields: its guesses could be tried out. RFC 7541, section 7.1. */
const SENSITIVE: string[] = ['authorization', 'cookie'];
