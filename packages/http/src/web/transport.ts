/*
 * The end of the pipeline in browsers and edge runtimes: a request as the platform wants it, and its response as ours.
 */
import { isCancelled, type Operation, type Source } from '@coloop/core';
import { readableStream } from '@coloop/core/lowlevel';
import type { OpenCall } from '../call/call.ts';
import { CallContext } from '../call/response-context.ts';
import { complete, InvalidOptionError, RedirectError } from '../errors.ts';
import type { BodyContent, RequestBody } from '../request/body/body.ts';
import { closeQuietly } from '../request/body/owned-stream.ts';
import { noteOwnError } from '../request/own-errors.ts';
import type { Request } from '../request/request.ts';
import { BODYLESS } from '../request/semantics.ts';
import { HttpResponse } from '../response/response.ts';
import type { HeaderLines } from '../response/stream.ts';
import type { SchedulerView } from '../waits.ts';
import { WebExchange, type WebFetch } from './exchange.ts';
import { nameOf, type WebKind } from './platform.ts';

/** Sends requests with the platform's fetch. */
export class WebTransport {
  readonly kind: WebKind;
  readonly fetch: WebFetch;
  readonly credentials: RequestCredentials;

  constructor(
    kind: WebKind,
    credentials: RequestCredentials,
    fetch: WebFetch = (request) => globalThis.fetch(request),
  ) {
    this.kind = kind;
    this.fetch = fetch;
    this.credentials = credentials;
  }

  /**
   * Sends one request and waits for the head of its response.
   *
   * Cancellation: aborts it, at once.
   */
  *send(request: Request, call: OpenCall): Operation<HttpResponse> {
    const { kind } = this;
    call.request = request;
    call.attempts += 1;
    const exchange = new WebExchange(request, call, kind);
    call.addStream(exchange);
    let content: BodyContent | null = null;
    try {
      call.enter('send');
      content = contentOf(request.body, call);
      const body = content === null ? null : yield* bodyFor(content, exchange, call.scheduler);
      const web = webRequest(this, request, body, exchange.controller.signal);
      call.enter('headers');
      const response = yield* exchange.send(web, this.fetch);
      if (response.type === 'opaqueredirect') throw hiddenRedirect(request, response, call);
      const head = { status: response.status, reason: response.statusText, lines: new WebLines(response.headers) };
      call.status = head.status;
      call.tracer?.response(call, { request, head, body: exchange, decoder: null }, false);
      return new HttpResponse(head, exchange, contextOf(request, call, response));
    } catch (error) {
      exchange.abort(undefined);
      if (content !== null && !(content instanceof Uint8Array)) yield* closeQuietly(content);
      throw complete(error, call.details());
    }
  }
}

/** What the platform takes as a body. */
type WebBody = Uint8Array | Blob | ReadableStream<Uint8Array>;

function contentOf(body: RequestBody | null, call: OpenCall): BodyContent | null {
  try {
    return body === null ? null : body.open();
  } catch (error) {
    noteOwnError(call, error);
    throw error;
  }
}

function* bodyFor(content: BodyContent, exchange: WebExchange, scheduler: SchedulerView): Operation<WebBody> {
  if (content instanceof Uint8Array) return content;
  return exchange.kind === 'browser' ? yield* gathered(content, exchange) : streamed(content, exchange, scheduler);
}

// Browsers stream uploads over HTTP/2 at most, and some not at all: the chunks are gathered, where the browser keeps them.
function* gathered(source: Source<Uint8Array>, exchange: WebExchange): Operation<Blob> {
  const chunks: BlobPart[] = [];
  try {
    for (let chunk = yield* nextOf(source, exchange); !chunk.done; chunk = yield* nextOf(source, exchange)) {
      chunks.push(chunk.value as BlobPart);
    }
    return new Blob(chunks);
  } finally {
    yield* closeQuietly(source);
  }
}

function streamed(
  source: Source<Uint8Array>,
  exchange: WebExchange,
  scheduler: SchedulerView,
): ReadableStream<Uint8Array> {
  return readableStream(
    () => scheduler.run(() => nextOf(source, exchange)),
    () => scheduler.run(() => closeQuietly(source)),
  );
}

// The platform would tell an error of the caller's own stream as one of the network.
function* nextOf(source: Source<Uint8Array>, exchange: WebExchange): Operation<IteratorResult<Uint8Array, void>> {
  try {
    return yield* source.next();
  } catch (error) {
    if (!isCancelled(error)) exchange.failOwn(error);
    throw error;
  }
}

function webRequest(
  transport: WebTransport,
  request: Request,
  body: WebBody | null,
  signal: AbortSignal,
): globalThis.Request {
  const { kind, credentials } = transport;
  const { body: source } = request;
  const headers = request.headers.toHeaders();
  if (source?.type !== undefined && !headers.has('content-type')) headers.set('Content-Type', source.type);
  if (source?.encoding !== undefined) headers.set('Content-Encoding', source.encoding);
  let web: globalThis.Request;
  try {
    web = new globalThis.Request(request.url, {
      method: request.method,
      headers,
      body: body as BodyInit | null,
      signal,
      // A browser hides the response that redirects; elsewhere we follow, by the rules of every other platform.
      redirect: kind === 'browser' && request.options.redirect === 'follow' ? 'follow' : 'manual',
      // Some runtimes refuse a member that they do not know.
      ...(kind === 'browser' ? { credentials } : {}),
      ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
    } as RequestInit);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new InvalidOptionError(
      `${request.method} ${request.url.href} cannot be sent from ${nameOf(kind)}: ${why.replace(/\.$/, '')}. The platform refuses it there; leave out or change the header, method or body that this names.`,
      {
        cause,
      },
    );
  }
  for (const [name, value] of request.headers) {
    if (web.headers.has(name)) continue;
    // Browsers add it to a request for a range by themselves.
    if (name.toLowerCase() === 'accept-encoding' && value === 'identity') continue;
    throw new InvalidOptionError(
      `The header ${name} cannot be sent from ${nameOf(kind)}, which writes it by itself: leave it out here.`,
      { code: 'NOT_AVAILABLE' },
    );
  }
  return web;
}

function hiddenRedirect(request: Request, response: globalThis.Response, call: OpenCall): RedirectError {
  return new RedirectError(
    `${request.method} ${request.url.href} was redirected, and redirect is 'error': ask for the new address, or use redirect: 'follow'.`,
    { ...call.details(), status: response.status, headers: response.headers },
  );
}

// The platform has decoded the body already.
function contextOf(request: Request, call: OpenCall, response: globalThis.Response): CallContext {
  const bodyless = request.method === 'HEAD' || BODYLESS.has(response.status);
  const url = response.url === '' ? undefined : response.url + request.url.hash;
  return new CallContext(request, call, null, bodyless, url);
}

/** The web's `Headers` as header lines. */
class WebLines implements HeaderLines {
  readonly #headers: Headers;

  constructor(headers: Headers) {
    this.#headers = headers;
  }

  get(lowerName: string): string | null {
    return this.#headers.get(lowerName);
  }

  getAll(lowerName: string): readonly string[] {
    if (lowerName === 'set-cookie') return this.#headers.getSetCookie();
    const value = this.#headers.get(lowerName);
    return value === null ? [] : [value];
  }

  toHeaders(): Headers {
    return this.#headers;
  }
}
