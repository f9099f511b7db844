import type { Operation, Source } from '@coloop/core';
import type { OpenCall } from '../call/call.ts';
import { complete, InvalidOptionError, RedirectError } from '../errors.ts';
import type { BodyContent } from '../request/body/body.ts';
import type { Request } from '../request/request.ts';
import { HttpResponse } from '../response/response.ts';
import type { HeaderLines, ResponseContext } from '../response/stream.ts';
import type { SchedulerView } from '../waits.ts';
import { WebExchange, type WebFetch } from './exchange.ts';
import { nameOf, type WebKind } from './platform.ts';

/** Sends requests with the platform's fetch: the end of the pipeline in browsers and edge runtimes. */
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
   * Sends one request and waits for the head of its answer.
   *
   * Cancellation: aborts it, at once.
   */
  send(request: Request, call: OpenCall): Operation<HttpResponse> {
    return send(this, request, call);
  }
}

function* send(transport: WebTransport, request: Request, call: OpenCall): Operation<HttpResponse> {
  const { kind } = transport;
  call.request = request;
  call.attempts += 1;
  const exchange = new WebExchange(request, call, kind);
  call.addStream(exchange);
  try {
    call.enter('send');
    const body = request.body === null ? null : yield* bodyFor(request.body.open(), kind, call.scheduler);
    const web = webRequest(transport, request, body, exchange.controller.signal);
    call.enter('headers');
    const answer = yield* exchange.head(web, transport.fetch);
    if (answer.type === 'opaqueredirect') throw hiddenRedirect(request, answer, call);
    call.tracer?.response(call, answer.status, false);
    const head = { status: answer.status, reason: answer.statusText, lines: new WebLines(answer.headers) };
    return new HttpResponse(head, exchange, new Context(request, call, answer));
  } catch (error) {
    exchange.abort(undefined);
    throw complete(error, call.details());
  }
}

/** What the platform takes as a body. */
type WebBody = Uint8Array | Blob | ReadableStream<Uint8Array>;

function* bodyFor(content: BodyContent, kind: WebKind, scheduler: SchedulerView): Operation<WebBody> {
  if (content instanceof Uint8Array) return content;
  return kind === 'browser' ? yield* gathered(content) : streamed(content, scheduler);
}

// Browsers stream uploads over HTTP/2 at most, and some not at all: the pieces are gathered, where the browser keeps them.
function* gathered(source: Source<Uint8Array>): Operation<Blob> {
  const pieces: BlobPart[] = [];
  try {
    for (let piece = yield* source.next(); !piece.done; piece = yield* source.next()) {
      pieces.push(piece.value as BlobPart);
    }
    return new Blob(pieces);
  } finally {
    yield* source.close();
  }
}

function streamed(source: Source<Uint8Array>, scheduler: SchedulerView): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const piece = await scheduler.run(() => source.next());
        if (piece.done) controller.close();
        else controller.enqueue(piece.value);
      },
      async cancel() {
        await scheduler.run(() => source.close());
      },
    },
    { highWaterMark: 0 },
  );
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
      // A browser hides the answer that redirects; elsewhere we follow, by the rules of every other platform.
      redirect: kind === 'browser' && request.options.redirect === 'follow' ? 'follow' : 'manual',
      // Some runtimes know no such thing and refuse it.
      ...(kind === 'browser' ? { credentials } : {}),
      ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
    } as RequestInit);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new InvalidOptionError(`${request.method} ${request.url.href} cannot be sent from ${nameOf(kind)}: ${why}`, {
      cause,
    });
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

function hiddenRedirect(request: Request, answer: globalThis.Response, call: OpenCall): RedirectError {
  return new RedirectError(`${request.method} ${request.url.href} was redirected, and redirect is 'error'`, {
    ...call.details(),
    status: answer.status,
    headers: answer.headers,
  });
}

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

class Context implements ResponseContext {
  /** The platform has taken the codings off. */
  readonly decoder = null;
  readonly bodyless: boolean;
  readonly url: string;
  readonly #request: Request;
  readonly #call: OpenCall;

  constructor(request: Request, call: OpenCall, answer: globalThis.Response) {
    this.#request = request;
    this.#call = call;
    this.bodyless = request.method === 'HEAD' || answer.status === 204 || answer.status === 304;
    this.url = answer.url === '' ? request.url.href : answer.url + request.url.hash;
  }

  get method(): string {
    return this.#request.method;
  }

  get limits(): Request['options']['limits'] {
    return this.#request.options.limits;
  }

  get history(): OpenCall['history'] {
    return this.#call.history;
  }

  timing(): ReturnType<OpenCall['timing']> {
    return this.#call.timing();
  }

  errorDetails(): ReturnType<OpenCall['details']> {
    return this.#call.details();
  }

  run<T>(operation: () => Operation<T>): Promise<T> {
    return this.#call.scheduler.run(operation);
  }
}
