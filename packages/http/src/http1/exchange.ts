/*
 * One request on a connection and its response: what the codec tells about them, and the body that comes in.
 */
import type { Operation } from '@coloop/core';
import type { Dispatcher } from 'undici';
import type { OpenCall } from '../call/call.ts';
import { ClientPayloadError, LimitExceededError } from '../errors.ts';
import { noteOwnError } from '../request/own-errors.ts';
import type { Progress, Request } from '../request/request.ts';
import { BODYLESS } from '../request/semantics.ts';
import { LineList } from '../response/header-lines.ts';
import { IncomingBody } from '../response/incoming-body.ts';
import type { ResponseHead } from '../response/response.ts';
import { HostWait, Timer } from '../waits.ts';
import type { Http1Connection } from './connection.ts';
import { ExpectContinue } from './expect-continue.ts';
import { StallWatch } from './stall-watch.ts';
import { translate } from './translate.ts';
import type { Upload } from './upload.ts';

/** The head of a response, with its lines as the codec gives them. */
export interface Http1Head extends ResponseHead {
  readonly lines: LineList;
}

/** A chunk below the one size does not keep a read above the other in memory: it may be a small part of the read. */
const SMALL_CHUNK = 1_024;
const LARGE_READ = 16_384;
/** How much of an unread body is drained to save its connection, and for how long. */
const DRAIN_BYTES = 65_536;
const DRAIN_TIME = 250;
/** How long `100 Continue` is waited for: curl's and Go's second. */
const CONTINUE_TIME = 1_000;

/** One request on a connection and its response: the codec's handler, and the stream of the body. */
export class Http1Exchange extends IncomingBody<OpenCall> implements Dispatcher.DispatchHandler {
  readonly connection: Http1Connection;
  readonly request: Request;
  head: Http1Head | undefined;
  /** Whether the request may have reached the server. */
  written = false;
  /** The body on its way, where it is a stream. */
  upload: Upload | undefined;
  /** The bytes of the request's body that were given to the connection. */
  #sent = 0;
  #headWait: HeadWait | undefined;
  #expectation: ExpectContinue | undefined;
  #rawTrailers: readonly (Buffer | string)[] | undefined;
  /** How much had come when the response was released. */
  #receivedBefore = 0;

  constructor(connection: Http1Connection, request: Request, call: OpenCall) {
    super(call, request.options.timeouts);
    this.connection = connection;
    this.request = request;
  }

  // ---- what the task sees ----

  /** Waits for the head. Cancellation: destroys the connection. */
  waitForHead(): Operation<Http1Head> {
    return new HeadWait(this);
  }

  get trailers(): Headers | undefined {
    if (this.state !== 'ended') return undefined;
    return new LineList(this.#rawTrailers ?? []).toHeaders();
  }

  recycle(chunk: Uint8Array): void {
    // In chunked coding, or once the connection serves another request, a chunk may be one of several of its read.
    if (this.length !== undefined && this.state === 'body') this.connection.guard.recycle(chunk);
  }

  /** Whether a response with this status has no body, whatever it announces. */
  bodyless(status: number): boolean {
    return this.request.method === 'HEAD' || BODYLESS.has(status);
  }

  /** @internal Whether it has an error, which may have any value. */
  get hasFailed(): boolean {
    return this.state === 'failed';
  }

  /** @internal */
  awaitHead(wait: HeadWait | undefined): void {
    this.#headWait = wait;
    if (wait === undefined && this.state === 'sending') this.abort(undefined);
  }

  // ---- what the transport asks for before it sends ----

  /** Holds the body back until the server wants it, or has not answered for a second. */
  holdBody(): void {
    const timer = new Timer(this.call.scheduler, () => this.#expectation?.sendBody());
    this.#expectation = new ExpectContinue(this.connection.socket, timer, CONTINUE_TIME);
  }

  /** From now on a peer that takes nothing of the request has as long as `timeout.idle` says. */
  watchUpload(): void {
    const { connection } = this;
    const { idle } = this.request.options.timeouts;
    if (idle === Number.POSITIVE_INFINITY || connection.unsent === undefined) return;
    const stalled = (): void => this.abort(this.call.timeoutError('idle', idle));
    this.timer = new StallWatch(this.call.scheduler, idle, () => connection.taken, stalled);
  }

  // ---- what the guard and the codec call ----

  /** The server sent `100 Continue`. */
  onContinue(): void {
    this.#expectation?.sendBody();
  }

  onConnect(): void {
    this.written = true;
  }

  override addSizes(total: { sent: number; received: number }): void {
    super.addSizes(total);
    total.sent += this.#sent;
  }

  onBodySent(chunk: Uint8Array | number): void {
    const { onProgress } = this.request.options;
    this.#sent += typeof chunk === 'number' ? chunk : chunk.length;
    if (onProgress === null) return;
    this.report(onProgress, { direction: 'upload', bytes: this.#sent, total: this.request.body?.length });
  }

  // For the codec it is sent once it is written; what is held back or waits for the network is not.
  onRequestSent(): void {
    if (this.state !== 'sending') return;
    const { socket } = this.connection;
    if (this.#expectation?.holding === true || (socket.writableNeedDrain && socket.writableLength > 0)) {
      socket.once('drain', () => this.onRequestSent());
      return;
    }
    this.timer?.stop();
    this.call.enter('headers');
    this.startLimit('headers', this.request.options.timeouts.headers);
  }

  onHeaders(status: number, rawHeaders: readonly Buffer[], _resume: () => void, reason: string): boolean {
    if (status < 200) return true;
    this.timer?.stop();
    if (this.#expectation?.discard() === true) this.connection.spoiled = true;
    this.connection.guard.headDone();
    const lines = new LineList(rawHeaders);
    this.checkFraming(status, lines);
    this.head = { status, reason, lines };
    this.call.enter('body');
    // The codec reports an error after such a head: what is complete by then stays complete.
    if (BODYLESS.has(status) && lines.has('content-length')) this.end();
    else this.state = 'body';
    const wait = this.#headWait;
    this.#headWait = undefined;
    wait?.wake(this.head);
    return true;
  }

  onData(bytes: Buffer): boolean {
    this.received += bytes.length;
    this.connection.guard.progress(bytes.length);
    if (this.state !== 'body') {
      if (this.state === 'draining' && this.received - this.#receivedBefore > DRAIN_BYTES) this.abort(undefined);
      return true;
    }
    const { onProgress } = this.request.options;
    if (onProgress !== null) {
      this.report(onProgress, { direction: 'download', bytes: this.received, total: this.length });
      // It may have ended the request or released the response: what came before is gone, and this would follow a hole.
      if (!this.reading) return true;
    }
    this.deliver(bytes.length < SMALL_CHUNK && bytes.buffer.byteLength > LARGE_READ ? Buffer.from(bytes) : bytes);
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

  // ---- what the caller's own code says ----

  /** Ends the request with an error of what the caller handed in, as it is. */
  failOwn(error: unknown): void {
    noteOwnError(this.call, error);
    this.breakOff(error);
  }

  private report(onProgress: (progress: Progress) => void, progress: Progress): void {
    try {
      onProgress(progress);
    } catch (error) {
      this.failOwn(error);
    }
  }

  // ---- what its body asks for ----

  protected pull(): void {
    this.connection.guard.resume();
  }

  protected drain(): void {
    this.#receivedBefore = this.received;
    const left = this.length === undefined ? 0 : this.length - this.received;
    if (left > DRAIN_BYTES) {
      this.abort(undefined);
      return;
    }
    this.startTimer(DRAIN_TIME, () => this.abort(undefined));
    this.connection.guard.resume();
  }

  protected failed(error: unknown): void {
    this.#expectation?.discard();
    this.upload?.stop();
    this.#headWait?.fail(error);
  }

  protected cutOff(): void {
    this.connection.destroy();
  }

  // A getter, since the compiler would take the state for what it was before a callback.
  private get reading(): boolean {
    return this.state === 'body';
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

/** Waiting for the head of a response. */
class HeadWait extends HostWait<Http1Head> {
  readonly #exchange: Http1Exchange;

  constructor(exchange: Http1Exchange) {
    super();
    this.#exchange = exchange;
  }

  get label(): string {
    return 'the head of the response';
  }

  override poll(waiter: Parameters<HostWait<Http1Head>['poll']>[0]): boolean {
    super.poll(waiter);
    const { head, error, hasFailed } = this.#exchange;
    if (hasFailed) throw error;
    return head === undefined ? false : this.finish(head);
  }

  protected begin(): void {
    this.#exchange.awaitHead(this);
  }

  protected end(): void {
    this.#exchange.awaitHead(undefined);
  }
}
