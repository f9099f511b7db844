import type { Duplex } from 'node:stream';
import type { Operation } from '@coloop/core';
import { keepShape, type Scope } from '@coloop/core/lowlevel';
import type { Dispatcher } from 'undici';
import { type CallStream, OpenCall } from '../call/call.ts';
import type { Checkout, Pool, PooledConnection } from '../connect/pool.ts';
import type { Link, Route } from '../connect/route.ts';
import { Routes } from '../connect/routes.ts';
import { keepCookies, withCookieHeader } from '../cookies/header.ts';
import { decompressed, decompressNowait, KNOWN_CODINGS } from '../decode/decompress.ts';
import { complete, ServerDisconnectedError } from '../errors.ts';
import type { RequestBody } from '../request/body/body.ts';
import type { RequestHeaders } from '../request/headers.ts';
import { type CookieSource, Request } from '../request/request.ts';
import { HttpResponse } from '../response/response.ts';
import type { Decoder, ResponseContext } from '../response/stream.ts';
import type { Timing } from '../timing.ts';
import type { SchedulerView } from '../waits.ts';
import { Connection } from './connection.ts';
import { type AnswerHead, Http1Exchange } from './exchange.ts';
import { LineList } from './header-lines.ts';
import { isUnsent } from './translate.ts';
import { Upload, type UploadTask } from './upload.ts';

/** Sends requests over own connections: the end of the pipeline on Node. */
export class Http1Transport {
  readonly pool: Pool;
  readonly #jar: CookieSource | null;
  readonly #routes: Routes;
  /** Where uploads run: they may outlive the task that asked. */
  readonly #owner: Scope;

  /** @param jar - whose cookies each hop gets, and which keeps those of the answers */
  constructor(pool: Pool, owner: Scope, jar: CookieSource | null) {
    this.pool = pool;
    this.#jar = jar;
    this.#owner = owner;
    this.#routes = new Routes(pool.localAddress);
  }

  /**
   * Sends one request and waits for the head of its answer.
   *
   * Cancellation: destroys the connection where the request was written, at once.
   */
  send(request: Request, call: OpenCall): Operation<HttpResponse> {
    const sent = withCookieHeader(request, this.#jar);
    return send(this, this.#routes.of(sent, false), sent, call);
  }

  /**
   * Opens a connection that is the caller's alone, through a tunnel where there is a proxy: for WebSocket.
   *
   * It counts for the pool's limits until its socket is closed, and ends with the call.
   */
  connect(request: Request, call: OpenCall): Operation<Duplex> {
    return connect(this.pool, this.#routes.of(request, true), request, call);
  }

  /** @internal Here, and in no middleware: a step that waits for its answer costs every request a frame. */
  keepCookies({ lines }: AnswerHead, { url }: Request): void {
    if (this.#jar !== null) keepCookies(this.#jar, lines, url);
  }

  /** @internal */
  start(exchange: Http1Exchange, route: Route, call: OpenCall): void {
    const { connection, request } = exchange;
    call.addStream(exchange);
    const body = this.#bodyOf(request.body, exchange);
    call.enter('send');
    connection.guard.begin(request.options.limits.headers, exchange);
    if (request.options.expect100 && body !== null) exchange.holdBody();
    // Before it is sent: that may happen within `dispatch`, and begins the time for the answer.
    if (body !== null) exchange.watchUpload();
    connection.dispatch(messageOf(request, route, body), exchange);
  }

  #bodyOf(body: RequestBody | null, exchange: Http1Exchange): Dispatcher.DispatchOptions['body'] {
    if (body === null) return null;
    const content = body.open();
    if (content instanceof Uint8Array) return content;
    const upload = new Upload(content);
    const home = this.#owner.runner as unknown as UploadHome;
    upload.runBy(home.spawnInto(this.#owner, upload.pump(), { daemon: true, name: 'upload' }));
    exchange.upload = upload;
    return upload as never;
  }
}

interface UploadHome {
  spawnInto(owner: Scope, body: Operation<void>, options: { daemon: boolean; name: string }): UploadTask;
}

function* send(transport: Http1Transport, route: Route, request: Request, call: OpenCall): Operation<HttpResponse> {
  const { pool } = transport;
  call.request = request;
  for (let stale = false; ; stale = true) {
    const connection = pool.acquireNowait<Connection>(route) ?? (yield* acquire(pool, route, request, call));
    call.attempts += 1;
    const reused = connection.requests > 0;
    const exchange = new Http1Exchange(connection, request, call);
    try {
      transport.start(exchange, route, call);
      const head = yield* exchange.headOperation();
      call.tracer?.response(call, head.status, reused);
      transport.keepCookies(head, request);
      return new HttpResponse(head, exchange, new Context(request, call, exchange, head.status));
    } catch (error) {
      exchange.abort(undefined);
      if (stale || !reused || !mayRepeat(error, exchange, request)) throw complete(error, call.details());
      // The server had closed the connection while it was idle: its sisters are likely closed too.
      pool.discardIdle(route);
    }
  }
}

function acquire(pool: Pool, route: Route, request: Request, call: OpenCall): Operation<Connection> {
  return pool.acquire(route, new CallCheckout(request, call), (link) => new Connection(link, pool.keepAlive, pool));
}

function* connect(pool: Pool, route: Route, request: Request, call: OpenCall): Operation<Duplex> {
  call.request = request;
  call.attempts += 1;
  const connection = yield* pool.acquire(
    route,
    new CallCheckout(request, call),
    (link) => new RawConnection(link, pool),
  );
  call.addStream(new RawStream(connection.socket, call));
  return connection.socket;
}

/** A connection that speaks another protocol: never idle, gone when its socket is closed. */
class RawConnection implements PooledConnection {
  readonly socket: Duplex;
  readonly #base: Link['base'];
  readonly usable = false;
  readonly requests = 1;
  idleSince = 0;

  constructor({ socket, base }: Link, pool: Pool) {
    this.socket = socket;
    this.#base = base;
    base.once('close', () => pool.connectionGone(this));
  }

  destroy(): void {
    this.socket.destroy();
    this.#base.destroy();
  }
}

/** What ends a connection of another protocol with its call, and the call with its connection. */
class RawStream implements CallStream {
  readonly #socket: Duplex;

  constructor(socket: Duplex, call: OpenCall) {
    this.#socket = socket;
    socket.once('close', () => call.streamEnded(this));
  }

  abort(error: unknown): void {
    this.#socket.destroy(error instanceof Error ? error : undefined);
  }

  closeNowait(): void {
    this.#socket.destroy();
  }
}

/** Whether a request that failed on a reused connection may be sent once more: RFC 9112, section 9.3.1. */
function mayRepeat(error: unknown, exchange: Http1Exchange, request: Request): boolean {
  if (!(error instanceof ServerDisconnectedError) || exchange.head !== undefined) return false;
  if (exchange.connection.guard.touched || request.body?.replayable === false) return false;
  return isUnsent(error) || !exchange.written || IDEMPOTENT.has(request.method);
}

const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

class CallCheckout implements Checkout {
  readonly queueLimit: number;
  readonly connectLimit: number;
  readonly #call: OpenCall;

  constructor(request: Request, call: OpenCall) {
    const { queue, connect } = request.options.timeouts;
    this.queueLimit = queue;
    this.connectLimit = connect;
    this.#call = call;
  }

  enter(phase: Parameters<Checkout['enter']>[0]): void {
    this.#call.enter(phase);
  }

  timeoutError(limit: 'queue' | 'connect', milliseconds: number): ReturnType<Checkout['timeoutError']> {
    return this.#call.timeoutError(limit, milliseconds);
  }
}

class Context implements ResponseContext {
  readonly bodyless: boolean;
  readonly #request: Request;
  readonly #call: OpenCall;

  constructor(request: Request, call: OpenCall, exchange: Http1Exchange, status: number) {
    this.#request = request;
    this.#call = call;
    this.bodyless = exchange.bodyless(status);
  }

  get method(): string {
    return this.#request.method;
  }

  get url(): string {
    return this.#request.url.href;
  }

  get limits(): Request['options']['limits'] {
    return this.#request.options.limits;
  }

  get decoder(): Decoder | null {
    return this.#request.options.decompress ? DECODER : null;
  }

  get history(): OpenCall['history'] {
    return this.#call.history;
  }

  timing(): Timing {
    return this.#call.timing();
  }

  errorDetails(): ReturnType<OpenCall['details']> {
    return this.#call.details();
  }

  run<T>(operation: () => Operation<T>): Promise<T> {
    return this.#call.scheduler.run(operation);
  }
}

const DECODER: Decoder = { known: KNOWN_CODINGS, nowait: decompressNowait, stream: decompressed };

function messageOf(
  request: Request,
  route: Route,
  body: Dispatcher.DispatchOptions['body'],
): Dispatcher.DispatchOptions {
  const { url, method } = request;
  const target = `${url.pathname}${url.search}`;
  const path = isAbsolute(route) ? `${url.origin}${target}` : target;
  const outgoing = outgoingOf(request.headers);
  return new Message(method, path, wireHeaders(request, route, outgoing), body, outgoing.reset);
}

/** What the codec is given, with every field that it reads: one that were missing it would look for in the prototype. */
class Message implements Dispatcher.DispatchOptions {
  readonly method: Dispatcher.HttpMethod;
  readonly path: string;
  /** Only read by the codec. */
  readonly headers: string[];
  readonly body: NonNullable<Dispatcher.DispatchOptions['body']> | null;
  /** Set in any case: the codec closes the connection after HEAD and after a body of GET otherwise. */
  readonly reset: boolean;
  readonly query = undefined as never;
  readonly idempotent = true;
  readonly blocking = false;
  readonly upgrade = null;
  readonly headersTimeout = null;
  readonly bodyTimeout = null;
  readonly expectContinue = false;
  readonly servername = null;
  readonly throwOnError = undefined as never;
  readonly maxRedirections = undefined;
  readonly typeOfService = undefined as never;

  constructor(
    method: string,
    path: string,
    headers: readonly string[],
    body: Dispatcher.DispatchOptions['body'],
    reset: boolean,
  ) {
    this.method = method as Dispatcher.HttpMethod;
    this.path = path;
    this.headers = headers as string[];
    this.body = body ?? null;
    this.reset = reset;
  }
}

function isAbsolute(route: Route): boolean {
  return (
    route.proxy !== null && !route.tunnel && (route.proxy.protocol === 'http:' || route.proxy.protocol === 'https:')
  );
}

function wireHeaders({ headers, body }: Request, route: Route, outgoing: Outgoing): readonly string[] {
  const { host, proxy } = route;
  const absolute = isAbsolute(route);
  if (!absolute && body === null) return outgoing.toServer(host);
  const flat = absolute ? outgoing.toProxy(host, proxy?.authorization !== undefined) : [...outgoing.toServer(host)];
  if (body !== null) addBodyHeaders(flat, headers, body);
  if (absolute) addProxyHeaders(flat, route);
  return flat;
}

function addBodyHeaders(flat: string[], headers: RequestHeaders, body: RequestBody): void {
  if (body.length !== undefined && !headers.has('content-length')) flat.push('content-length', String(body.length));
  if (body.type !== undefined && !headers.has('content-type')) flat.push('content-type', body.type);
  if (body.encoding !== undefined && !headers.has('content-encoding')) flat.push('content-encoding', body.encoding);
}

/** What goes out of a request's headers. */
class Outgoing {
  readonly #headers: RequestHeaders;
  readonly #named: boolean;
  /** Whether the connection is to be closed after the answer. */
  readonly reset: boolean;
  #host = '';
  #flat: readonly string[] = [];

  constructor(headers: RequestHeaders) {
    this.#headers = headers;
    this.#named = headers.has('host');
    this.reset = headers.get('connection')?.toLowerCase() === 'close';
  }

  /** To a server; not to be changed. Proxy-Authorization is for nobody but the proxy that reads the request. */
  toServer(host: string): readonly string[] {
    if (this.#host !== host) {
      this.#host = host;
      this.#flat = this.#withHost(host, this.#headers.delete('connection', 'proxy-authorization'));
    }
    return this.#flat;
  }

  /** To a proxy: one that has credentials gets those and no others. */
  toProxy(host: string, known: boolean): string[] {
    const headers = this.#headers;
    const sent = known ? headers.delete('connection', 'proxy-authorization') : headers.delete('connection');
    return this.#withHost(host, sent);
  }

  // The codec writes Connection itself.
  #withHost(host: string, { flat }: RequestHeaders): string[] {
    return this.#named ? [...flat] : ['host', host, ...flat];
  }
}

/** Kept, since a session's own headers are used again and again. */
const outgoings = new WeakMap<RequestHeaders, Outgoing>();

function outgoingOf(headers: RequestHeaders): Outgoing {
  let outgoing = outgoings.get(headers);
  if (outgoing === undefined) {
    outgoing = new Outgoing(headers);
    outgoings.set(headers, outgoing);
  }
  return outgoing;
}

// The proxy's credentials are put in here, where the connection is known to lead to it, and nowhere earlier.
function addProxyHeaders(flat: string[], route: Route): void {
  const { proxy } = route;
  if (proxy === null) return;
  if (proxy.authorization !== undefined) flat.push('Proxy-Authorization', proxy.authorization);
  for (const [name, value] of proxy.headers) flat.push(name, value);
}

/** One of everything that each request makes, at rest. */
function samples(): object[] {
  const nothing = undefined as never;
  const calls = { add: () => 0 } as never;
  const scheduler = { now: () => 0 } as SchedulerView;
  const call = new OpenCall(calls, scheduler, 0, 0, undefined, null, undefined);
  const request = new Request('GET', nothing, nothing, null, nothing, null, null, call);
  const exchange = new Http1Exchange(nothing, request, call);
  const context = new Context(request, call, exchange, 200);
  const head = { status: 200, reason: '', lines: new LineList([]) };
  const waits = [exchange.headOperation(), exchange.next()];
  return [...waits, new Message('GET', '', [], null, false), new HttpResponse(head, exchange, context)];
}

for (const sample of samples()) keepShape(sample);
