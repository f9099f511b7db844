/*
 * The end of the pipeline on Node: a connection for each request, its message sent, its head awaited; once more where the
 * connection turns out to be stale.
 */
import type { Duplex } from 'node:stream';
import { type Operation, until } from '@coloop/core';
import { keepShape, type Scope } from '@coloop/core/lowlevel';
import { OpenCall } from '../call/call.ts';
import { CallContext } from '../call/response-context.ts';
import type { Route } from '../connect/route.ts';
import { Routes } from '../connect/routes.ts';
import { keepCookies, withCookieHeader } from '../cookies/header.ts';
import { decompressed, decompressNowait, KNOWN_CODINGS } from '../decode/decompress.ts';
import { complete } from '../errors.ts';
import { Upload, type UploadTask } from '../exchange/upload.ts';
import type { WireConnection } from '../exchange/wire-connection.ts';
import type { BodyOpener, OutgoingBody, RepeatReason, WireExchange } from '../exchange/wire-exchange.ts';
import { codecNowait, loadCodec } from '../http1/codec.ts';
import { Http1Connection } from '../http1/connection.ts';
import { Http1Exchange } from '../http1/exchange.ts';
import { WireMessage } from '../http1/message.ts';
import type { Pool } from '../pool/pool.ts';
import type { BodyContent, RequestBody } from '../request/body/body.ts';
import type { Http2Choice } from '../request/connection-options.ts';
import { noteOwnError } from '../request/own-errors.ts';
import { type CookieSource, Request } from '../request/request.ts';
import { LineList } from '../response/header-lines.ts';
import { HttpResponse } from '../response/response.ts';
import type { Decoder } from '../response/stream.ts';
import type { SchedulerView } from '../waits.ts';
import { CallCheckout } from './checkout.ts';
import { RawConnection, RawStream } from './raw-connection.ts';

/**
 * How often a request is sent once more, by the reason: a server that always says that it did not look at it is asked six
 * times in all, as Go's client does.
 */
const MOST_REPEATS: Readonly<Record<RepeatReason, number>> = { stale: 1, unprocessed: 5 };

const DECODER: Decoder = { known: KNOWN_CODINGS, nowait: decompressNowait, stream: decompressed };

/** Sends requests over own connections. */
export class WireTransport implements BodyOpener {
  readonly pool: Pool;
  readonly #jar: CookieSource | null;
  readonly #routes: Routes;
  /** Where uploads run: they may outlive the task that asked. */
  readonly #owner: Scope;

  /** @param jar - whose cookies each hop gets, and which keeps those of the responses */
  constructor(pool: Pool, owner: Scope, jar: CookieSource | null, http2: Http2Choice) {
    this.pool = pool;
    this.#jar = jar;
    this.#owner = owner;
    this.#routes = new Routes(pool.localAddress, http2);
  }

  /**
   * Sends one request and waits for the head of its response.
   *
   * Cancellation: ends the request where it was written, at once; on HTTP/1.1 its connection with it.
   */
  send(request: Request, call: OpenCall): Operation<HttpResponse> {
    const sent = withCookieHeader(request, this.#jar);
    return this.attempts(this.#routes.of(sent, false), sent, call);
  }

  /**
   * Opens a connection that is the caller's alone, through a tunnel where there is a proxy: for WebSocket.
   *
   * It counts for the pool's limits until its socket is closed, and ends with the call.
   */
  *connect(request: Request, call: OpenCall): Operation<Duplex> {
    const { pool } = this;
    const route = this.#routes.of(request, true);
    call.request = request;
    call.attempts += 1;
    const checkout = new CallCheckout(request, call, false);
    const connection = yield* pool.acquire(route, checkout, function* (link) {
      return new RawConnection(link, pool);
    });
    call.addStream(new RawStream(connection.socket, call));
    return connection.socket;
  }

  private *attempts(route: Route, request: Request, call: OpenCall): Operation<HttpResponse> {
    const { pool } = this;
    call.request = request;
    if (codecNowait() === undefined) yield* loadCodec();
    let repeated: RepeatReason | undefined;
    for (let repeats = 0; ; repeats++) {
      const connection =
        pool.acquireNowait<WireConnection>(route) ??
        (yield* this.acquire(route, request, call, repeated !== undefined));
      call.attempts += 1;
      const reused = connection.requests > 0;
      const exchange = connection.exchange(request, call);
      try {
        call.addStream(exchange);
        exchange.start(route, this);
        const head = yield* exchange.waitForHead();
        call.status = head.status;
        call.tracer?.response(call, { request, head, body: exchange, decoder: DECODER }, reused);
        // Here, and in no middleware: a step that waits for its response costs every request a frame.
        if (this.#jar !== null) keepCookies(this.#jar, head.lines, request.url);
        const decoder = request.options.decompress ? DECODER : null;
        const context = new CallContext(request, call, decoder, exchange.bodyless(head.status));
        return new HttpResponse(head, exchange, context);
      } catch (error) {
        exchange.abort(undefined);
        repeated = exchange.mayRepeat(error, reused);
        if (repeated === undefined || repeats >= MOST_REPEATS[repeated]) throw complete(error, call.details());
        // The server had closed the connection while it was idle: the other idle ones of this route are likely closed too.
        if (repeated === 'stale') pool.discardIdle(route);
      }
    }
  }

  private acquire(route: Route, request: Request, call: OpenCall, ahead: boolean): Operation<WireConnection> {
    const { pool } = this;
    const checkout = new CallCheckout(request, call, ahead);
    return pool.acquire<WireConnection>(route, checkout, function* (link) {
      if (!link.http2) return new Http1Connection(link, pool.keepAlive, pool);
      const { openHttp2 } = yield* until(import('../http2/connection.ts'));
      return yield* openHttp2(link, route, pool, { maxRequests: pool.maxRequests, scheduler: call.scheduler });
    });
  }

  /** @internal */
  bodyOf(exchange: WireExchange): OutgoingBody {
    const { body } = exchange.request;
    if (body === null) return null;
    const content = contentOf(body, exchange.request);
    if (content instanceof Uint8Array) return content;
    const upload = new Upload(content, (error) => exchange.failOwn(error));
    const runner = this.#owner.runner as unknown as UploadRunner;
    upload.runBy(runner.spawnInto(this.#owner, upload.pump(), { daemon: true, name: 'upload' }));
    exchange.upload = upload;
    return upload;
  }
}

function contentOf(body: RequestBody, { call }: Request): BodyContent {
  try {
    return body.open();
  } catch (error) {
    noteOwnError(call, error);
    throw error;
  }
}

interface UploadRunner {
  spawnInto(owner: Scope, body: Operation<void>, options: { daemon: boolean; name: string }): UploadTask;
}

/** One of everything that each request makes, at rest. */
function samples(): object[] {
  const nothing = undefined as never;
  const calls = { add: () => 0 } as never;
  const scheduler = { now: () => 0 } as SchedulerView;
  const call = new OpenCall(calls, scheduler, 0, 0, undefined, null, undefined);
  const options = { timeouts: {} } as never;
  const request = new Request('GET', nothing, nothing, null, options, null, null, call);
  const exchange = new Http1Exchange(nothing, request, call);
  const context = new CallContext(request, call, DECODER, false);
  const head = { status: 200, reason: '', lines: new LineList([]) };
  const waits = [exchange.waitForHead(), exchange.next()];
  return [...waits, new WireMessage('GET', '', [], null, false), new HttpResponse(head, exchange, context)];
}

for (const sample of samples()) keepShape(sample);
