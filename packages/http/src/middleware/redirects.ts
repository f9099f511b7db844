/* The middleware that follows redirects, and the rules for what a request becomes at each hop. */
import type { Operation } from '@coloop/core';
import { BasicAuth } from '../auth/basic.ts';
import { RedirectError, TooManyRedirectsError } from '../errors.ts';
import type { RequestHeaders } from '../headers.ts';
import { redactInvalidUrl } from '../redact.ts';
import type { Next, Request, RequestChanges } from '../request/request.ts';
import { withoutSocket } from '../request/resolve-options.ts';
import type { Response } from '../response/response.ts';
import { valuesOf } from '../response/single-values.ts';

/** What is read of a response to decide where to go. */
export interface RedirectHead {
  readonly status: number;
  readonly headers: Headers;
}

/**
 * Follows redirects, up to `maxRedirects` of them; `redirect: 'manual'` hands them to the caller, `'error'` refuses
 * them.
 *
 * Cancellation: a response that is not handed on is released.
 *
 * @throws TooManyRedirectsError, RedirectError
 *
 * Source: the Fetch standard, section 4.4 ("HTTP-redirect fetch"); what crosses an origin is decided in
 * {@link nextHop}.
 */
export function* followRedirects(request: Request, next: Next): Operation<Response> {
  const response = yield* next(request);
  return ends(request, response) ? response : yield* follow(request, response, next);
}

function ends(request: Request, response: Response): boolean {
  return !FOLLOWED.has(response.status) || request.options.redirect === 'manual';
}

// Apart from the first hop, since every request would carry the frame of what hardly any needs.
function* follow(request: Request, first: Response, next: Next): Operation<Response> {
  const { call } = request;
  let current = request;
  let response = first;
  for (let hops = 0; !ends(current, response); hops++) {
    let changes: RequestChanges | undefined;
    try {
      changes = nextHop(current, response, hops);
    } catch (error) {
      response[Symbol.dispose]();
      throw error;
    }
    if (changes === undefined) return response;
    const { status, headers, timing } = response;
    call.history.push({ status, url: current.url.href, headers, timing });
    call.enter('redirect');
    yield* response.release();
    current = current.with(changes);
    response = yield* next(current);
  }
  return response;
}

/**
 * Decides what a response makes of a request; undefined if it is not a redirect.
 *
 * To another origin (scheme, host and port) go only the headers that say what is wanted and what the body is, and those
 * that `forwardHeaders` names; neither Authorization, nor cookies of the call, nor userinfo of the Location. A unix socket is
 * left there for good.
 *
 * @param hops - how many redirects were followed already
 * @throws TooManyRedirectsError
 * @throws RedirectError for a Location that is not an http(s) URL, a body that cannot be sent again, and
 *   `redirect: 'error'`
 */
export function nextHop(request: Request, response: RedirectHead, hops: number): RequestChanges | undefined {
  if (!FOLLOWED.has(response.status)) return undefined;
  const [location, ...others] = valuesOf(response, 'location');
  if (location === undefined) return undefined;
  if (request.options.redirect === 'error') {
    throw refused(
      request,
      response,
      `was redirected to ${shown(location)}, and redirect is 'error': allow it with 'follow', or take the response with 'manual'.`,
    );
  }
  if (others.length > 0) {
    const all = [location, ...others].map(shown).join(' and to ');
    throw refused(request, response, `was redirected to ${all} at once: take the response with redirect: 'manual'.`);
  }
  const url = locationOf(request, response, location);
  if (hops >= request.options.maxRedirects) {
    throw new TooManyRedirectsError(
      `${request.method} ${request.url.href} was redirected more than ${request.options.maxRedirects} times (maxRedirects), the last time to ${shown(location)}: give a larger maxRedirects, or look for a circle.`,
      detailsOf(request, response),
    );
  }
  const sameOrigin = url.origin === request.url.origin;
  const credentials = sameOrigin ? BasicAuth.fromUrl(url) : undefined;
  url.username = '';
  url.password = '';
  const { method, dropBody } = methodAfter(request, response);
  if (!sameOrigin) return { ...atOtherOrigin(request, url, dropBody), method, ...(dropBody ? { body: null } : {}) };
  return {
    method,
    url,
    headers: headersAfter(request, true, dropBody),
    ...(credentials === undefined ? {} : { auth: credentials }),
    ...(dropBody ? { body: null } : {}),
  };
}

/**
 * What a request to another origin becomes: it keeps the headers that say what is wanted and what the body is, and those that
 * `forwardHeaders` names.
 */
export function atOtherOrigin(request: Request, url: URL, dropBody = false): RequestChanges {
  return {
    url,
    headers: headersAfter(request, false, dropBody),
    options: withoutSocket(request.options),
    auth: null,
    cookies: null,
  };
}

/** 300 offers a choice and 304 answers a condition: neither names a place to go. */
const FOLLOWED: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

function locationOf(request: Request, response: RedirectHead, location: string): URL {
  let url: URL;
  try {
    url = new URL(asUtf8(location), request.url);
  } catch {
    throw refused(
      request,
      response,
      `was redirected to ${shown(location)}, which is not a URL: take the response with redirect: 'manual'.`,
    );
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw refused(
      request,
      response,
      `was redirected to ${shown(location)}: only http: and https: are followed; take the response with redirect: 'manual'.`,
    );
  }
  if (url.hash === '') url.hash = request.url.hash;
  return url;
}

// Headers come as one character per byte; a Location beyond ASCII is UTF-8 in practice.
function asUtf8(location: string): string {
  if (!/[\x80-\xff]/.test(location)) return location;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(location, (unit) => unit.charCodeAt(0)));
  } catch {
    return location;
  }
}

function methodAfter(request: Request, response: RedirectHead): { method: string; dropBody: boolean } {
  const { method, body } = request;
  const becomesGet =
    response.status === 303 ? method !== 'GET' && method !== 'HEAD' : response.status <= 302 && method === 'POST';
  if (becomesGet) return { method: 'GET', dropBody: true };
  if (body?.spent) {
    throw refused(
      request,
      response,
      'was redirected with its body, which is a stream that was already sent: give the body as a function that makes it, or as bytes.',
      'BODY_SPENT',
    );
  }
  return { method, dropBody: false };
}

function headersAfter(request: Request, sameOrigin: boolean, dropBody: boolean): RequestHeaders {
  const { forwardHeaders } = request.options;
  return request.headers.filter((name) => {
    if (dropBody && describesBody(name)) return false;
    if (sameOrigin) return true;
    // The new host has a name of its own, whatever was asked for.
    if (name === 'host') return false;
    if (name.startsWith('content-') && request.body !== null) return true;
    return KEPT.has(name) || name.startsWith('if-') || forwardHeaders.has(name);
  });
}

// Accept-Encoding says what this client can read, and nothing about its user; without it the step from http to https would lose
// compression.
const KEPT: ReadonlySet<string> = new Set(['accept', 'accept-encoding', 'accept-language', 'user-agent', 'range']);

function describesBody(name: string): boolean {
  return name.startsWith('content-') || BODY_HEADERS.has(name);
}

const BODY_HEADERS: ReadonlySet<string> = new Set(['transfer-encoding', 'trailer', 'expect', 'digest', 'repr-digest']);

function refused(request: Request, response: RedirectHead, what: string, code?: string): RedirectError {
  return new RedirectError(`${request.method} ${request.url.href} ${what}`, { ...detailsOf(request, response), code });
}

function detailsOf(request: Request, response: RedirectHead): ConstructorParameters<typeof RedirectError>[1] {
  const { call } = request;
  return {
    status: response.status,
    headers: response.headers,
    history: [...call.history],
    phase: 'redirect',
    request: call.summary(request),
  };
}

function shown(location: string): string {
  const text = redactInvalidUrl(location);
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
