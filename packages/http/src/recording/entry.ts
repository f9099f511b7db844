/* One entry of a recording, made of what is known of a request and its response. */
import type { ExchangeSeen } from '../call/trace.ts';
import { messageOf } from '../errors.ts';
import { BufferedBody } from '../request/body/buffered.ts';
import type { Request } from '../request/request.ts';
import type { Phase } from '../timing.ts';
import type { BodyRecord } from './body-record.ts';
import type { Redactor } from './secrets.ts';
import type { HarContent, HarEntry, HarPair, HarRequest, HarResponse, HarTimings } from './types.ts';

/** What an entry is made of. */
export interface EntryParts {
  /** In milliseconds since 1970. */
  readonly startedAt: number;
  readonly request: Request;
  readonly seen: ExchangeSeen | undefined;
  readonly took: ReadonlyMap<Phase, number>;
  readonly body: BodyRecord | undefined;
  readonly error: unknown;
}

const HTTP = 'HTTP/1.1';

/** @param bodySize - how many bytes of a request's body are recorded; 0 for none */
export function harEntry(
  { startedAt, request, seen, took, body, error }: EntryParts,
  redactor: Redactor,
  bodySize: number,
): HarEntry {
  const timings = timingsOf(took);
  const { blocked, dns, connect, send, wait, receive } = timings;
  const time = [blocked, dns, connect, send, wait, receive].reduce((sum, part) => sum + Math.max(0, part), 0);
  const why = error === undefined ? undefined : redactor.url(messageOf(error));
  return {
    startedDateTime: new Date(startedAt).toISOString(),
    time,
    request: requestOf(request, redactor, bodySize),
    response: seen === undefined ? NO_RESPONSE : responseOf(seen, body, redactor),
    cache: seen?.cache === undefined ? {} : { comment: `from the cache (${seen.cache})` },
    timings,
    ...(why === undefined ? {} : { comment: why }),
  };
}

function timingsOf(took: ReadonlyMap<Phase, number>): HarTimings {
  const sum = (...phases: readonly Phase[]): number =>
    phases.some((phase) => took.has(phase)) ? phases.reduce((all, phase) => all + (took.get(phase) ?? 0), 0) : -1;
  return {
    blocked: sum('prepare', 'queue', 'redirect', 'retry', 'auth'),
    dns: sum('dns'),
    connect: sum('connect', 'proxy', 'tls'),
    ssl: sum('tls'),
    // The format wants these three in every entry.
    send: Math.max(0, sum('send')),
    wait: Math.max(0, sum('headers')),
    receive: Math.max(0, sum('body')),
  };
}

function requestOf(request: Request, redactor: Redactor, bodySize: number): HarRequest {
  const { method, url, body } = request;
  const headers: [string, string][] = [...request.headers];
  if (!request.headers.has('host')) headers.unshift(['Host', url.host]);
  const type = request.headers.get('content-type') ?? body?.type;
  if (type !== undefined && !request.headers.has('content-type')) headers.push(['Content-Type', type]);
  const postData = body === null || bodySize === 0 ? undefined : postDataOf(body, type ?? '', bodySize);
  return {
    method,
    url: redactor.url(withoutFragment(url)),
    httpVersion: HTTP,
    cookies: redactor.cookies(cookiesIn(request.headers.get('cookie') ?? '')),
    headers: redactor.headers(headers),
    queryString: redactor.pairs(url.searchParams),
    ...(postData === undefined ? {} : { postData }),
    headersSize: -1,
    bodySize: body === null ? 0 : (body.length ?? -1),
  };
}

function postDataOf(body: NonNullable<Request['body']>, mimeType: string, most: number): HarRequest['postData'] {
  if (!(body instanceof BufferedBody))
    return { mimeType, text: '', comment: 'the body was a stream, and is not recorded' };
  const bytes = body.open();
  const text = new TextDecoder().decode(bytes.subarray(0, most));
  return bytes.length > most ? { mimeType, text, comment: `the first ${most} bytes` } : { mimeType, text };
}

function responseOf(
  { head, body, request }: ExchangeSeen,
  record: BodyRecord | undefined,
  redactor: Redactor,
): HarResponse {
  const { status, reason, lines, version = HTTP } = head;
  const mimeType = lines.get('content-type') ?? '';
  const content: HarContent = { size: body.received, mimeType, ...record?.content(mimeType) };
  const location = lines.get('location') ?? '';
  return {
    status,
    statusText: reason,
    httpVersion: version,
    cookies: redactor.cookies(lines.getAll('set-cookie').map(firstPair)),
    headers: redactor.headers(lines.toHeaders()),
    content,
    redirectURL: location === '' ? '' : redactor.url(absolute(location, request.url), 'header'),
    headersSize: -1,
    bodySize: body.received,
  };
}

const NONE: readonly HarPair[] = [];

const NO_RESPONSE: HarResponse = {
  status: 0,
  statusText: '',
  httpVersion: '',
  cookies: NONE,
  headers: NONE,
  content: { size: 0, mimeType: '' },
  redirectURL: '',
  headersSize: -1,
  bodySize: -1,
};

function withoutFragment({ href }: URL): string {
  const at = href.indexOf('#');
  return at === -1 ? href : href.slice(0, at);
}

function absolute(location: string, base: URL): string {
  try {
    return new URL(location, base).href;
  } catch {
    return location;
  }
}

function cookiesIn(header: string): [string, string][] {
  return header === '' ? [] : header.split(/; */).map(firstPair);
}

function firstPair(text: string): [string, string] {
  const end = text.indexOf(';');
  const pair = end === -1 ? text : text.slice(0, end);
  const equals = pair.indexOf('=');
  return equals === -1 ? ['', pair.trim()] : [pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()];
}
