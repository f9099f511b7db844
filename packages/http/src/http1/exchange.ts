/*
 * One request on a connection and its response: what the codec tells about them.
 */
import type { Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { OpenCall } from '../call/call.ts';
import type { Route } from '../connect/route.ts';
import { ClientPayloadError, LimitExceededError, ServerDisconnectedError } from '../errors.ts';
import { type BodyOpener, type RepeatReason, WireExchange } from '../exchange/wire-exchange.ts';
import { isOwnError } from '../request/own-errors.ts';
import type { Request } from '../request/request.ts';
import { BODYLESS, IDEMPOTENT } from '../request/semantics.ts';
import { LineList } from '../response/header-lines.ts';
import { Timer } from '../waits.ts';
import { ExpectContinue } from './expect-continue.ts';
import type { SocketGuard } from './guard.ts';
import { wireMessage } from './message.ts';
import { isUnsent, translate } from './translate.ts';

/** What an exchange needs of its connection. */
export interface Http1Line {
  readonly socket: Duplex;
  readonly guard: SocketGuard;
  /** True where it must not be used again, although its response was read whole. */
  spoiled: boolean;
  /** Why the socket broke, where it did. */
  readonly broken: Error | undefined;
  /** How many bytes wait for the peer; undefined where the platform does not say. */
  readonly unsent: number | undefined;
  /** How many bytes the peer has taken, while some wait for it. */
  readonly taken: number | undefined;
  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void;
  /** The response was read whole. */
  free(): void;
  destroy(): void;
}

/** How long `100 Continue` is waited for: curl's and Go's second. */
const CONTINUE_TIME = 1_000;

/** One request on a connection and its response: the codec's handler, and the stream of the body. */
export class Http1Exchange extends WireExchange implements Dispatcher.DispatchHandler {
  readonly connection: Http1Line;
  /** Whether the request may have reached the server. */
  written = false;
  #expectation: ExpectContinue | undefined;
  #rawTrailers: readonly (Buffer | string)[] | undefined;

  constructor(connection: Http1Line, request: Request, call: OpenCall) {
    super(request, call);
    this.connection = connection;
  }

  // ---- what the transport asks for ----

  start(route: Route, bodies: BodyOpener): void {
    const { connection, request, call } = this;
    const body = bodies.bodyOf(this);
    call.enter('send');
    connection.guard.begin(request.options.limits.headers, this);
    if (request.options.expect100 && body !== null) this.holdBody();
    // Before it is sent: that may happen within `dispatch`, and begins the time for the response.
    if (body !== null && connection.unsent !== undefined) this.watchStall(() => connection.taken);
    connection.dispatch(wireMessage(request, route, body as Dispatcher.DispatchOptions['body']), this);
  }

  mayRepeat(error: unknown, reused: boolean): RepeatReason | undefined {
    const { request, connection } = this;
    if (!reused || !(error instanceof ServerDisconnectedError) || this.head !== undefined) return undefined;
    if (isOwnError(request.call, error)) return undefined;
    if (connection.guard.touched || request.body?.replayable === false) return undefined;
    return isUnsent(error) || !this.written || IDEMPOTENT.has(request.method) ? 'stale' : undefined;
  }

  // ---- what the task sees ----

  get trailers(): Headers | undefined {
    if (this.state !== 'ended') return undefined;
    return new LineList(this.#rawTrailers ?? []).toHeaders();
  }

  recycle(chunk: Uint8Array): void {
    // In chunked coding, or once the connection serves another request, a chunk may be one of several of its read.
    if (this.length !== undefined && this.state === 'body') this.connection.guard.recycle(chunk);
  }

  /** Holds the body back until the server wants it, or has not answered for a second. */
  private holdBody(): void {
    const timer = new Timer(this.call.scheduler, () => this.#expectation?.sendBody());
    this.#expectation = new ExpectContinue(this.connection.socket, timer, CONTINUE_TIME);
  }

  // ---- what the guard and the codec call ----

  /** The server sent `100 Continue`. */
  onContinue(): void {
    this.#expectation?.sendBody();
  }

  onConnect(): void {
    this.written = true;
  }

  onBodySent(chunk: Uint8Array | number): void {
    this.bodySent(typeof chunk === 'number' ? chunk : chunk.length);
  }

  // For the codec it is sent once it is written; what is held back or waits for the network is not.
  onRequestSent(): void {
    if (this.state !== 'sending') return;
    const { socket } = this.connection;
    if (this.#expectation?.holding === true || (socket.writableNeedDrain && socket.writableLength > 0)) {
      socket.once('drain', () => this.onRequestSent());
      return;
    }
    this.requestSent();
  }

  onHeaders(status: number, rawHeaders: readonly Buffer[], _resume: () => void, reason: string): boolean {
    if (status < 200) return true;
    this.timer?.stop();
    if (this.#expectation?.discard() === true) this.connection.spoiled = true;
    this.connection.guard.headDone();
    const lines = new LineList(rawHeaders);
    this.checkFraming(status, lines);
    // The codec reports an error after such a head: what is complete by then stays complete.
    this.headCame({ status, reason, lines }, BODYLESS.has(status) && lines.has('content-length'));
    return true;
  }

  onData(bytes: Buffer): boolean {
    this.connection.guard.progress(bytes.length);
    this.chunkCame(bytes);
    if (this.full) this.connection.guard.pause();
    return true;
  }

  onComplete(rawTrailers: readonly (Buffer | string)[] | null): void {
    // A body that ends with its connection is complete for the codec also where we cut it off.
    if (this.state === 'failed') return;
    const { connection } = this;
    if (connection.broken !== undefined) {
      // A reset is not an end, also where the end of the connection would be the end of the body.
      this.failWith(connection.broken);
      return;
    }
    this.#rawTrailers = rawTrailers ?? undefined;
    this.upload?.stop();
    this.closedNow();
    connection.free();
    this.end();
  }

  onError(error: Error): void {
    // After a 204 or 304 that announced a length, too: complete for us, an error for the codec.
    this.failWith(error);
  }

  // ---- what its body asks for ----

  protected pull(): void {
    this.connection.guard.resume();
  }

  protected override failed(error: unknown): void {
    this.#expectation?.discard();
    super.failed(error);
  }

  protected cutOff(): void {
    this.connection.destroy();
  }

  private failWith(error: Error): void {
    this.fail(translate(error, this, this.call, this.connection.broken));
    this.connection.destroy();
  }

  private checkFraming(status: number, lines: LineList): void {
    const { limits } = this.request.options;
    if (lines.size > limits.headers) {
      throw new LimitExceededError(
        `The server sent ${lines.size} bytes of headers, more than ${limits.headers}: raise limits.headers if it means well.`,
      );
    }
    const coding = lines.get('transfer-encoding');
    // The codec reads anything else to the end of the connection, or hands it on still coded: RFC 9112, section 6.1.
    if (coding !== null && coding.trim().toLowerCase() !== 'chunked') {
      throw new ClientPayloadError(
        `The server sent Transfer-Encoding: ${coding}, which was not asked for and cannot be decoded safely: ask the server for another form.`,
        { code: 'TRANSFER_ENCODING' },
      );
    }
    const length = lines.get('content-length');
    if (this.bodyless(status)) this.length = 0;
    else if (length !== null) this.length = Number(length);
  }
}
