import type { Operation } from '@coloop/core';
import type { Dispatcher } from 'undici';
import { bodyBusy } from '../bytes/body-errors.ts';
import type { CallStream, OpenCall } from '../call/call.ts';
import { ClientPayloadError, LimitExceededError } from '../errors.ts';
import type { Request } from '../request/request.ts';
import { PieceWait } from '../response/chunk-wait.ts';
import { HostWait, Notify, Timer } from '../waits.ts';
import type { Connection } from './connection.ts';
import { HeldBody } from './expect-continue.ts';
import { LineList } from './header-lines.ts';
import { StallWatch } from './stall-watch.ts';
import { translate } from './translate.ts';
import type { Upload } from './upload.ts';

/** The head of an answer. */
export interface AnswerHead {
  readonly status: number;
  readonly reason: string;
  readonly lines: LineList;
}

/*
 * | state   | meaning                                           | leaves to                       |
 * | sending | written or about to be; the head is awaited       | body, ended, failed             |
 * | body    | the head came; pieces come as they are asked for  | ended, failed, dropped          |
 * | dropped | nobody wants the rest; it is read away or cut off | ended, failed                   |
 * | ended   | the body is complete                              | -                               |
 * | failed  | broken, aborted or timed out                      | -                               |
 */
type State = 'sending' | 'body' | 'dropped' | 'ended' | 'failed';

/** Above this no more is taken from the connection until somebody reads. */
const HIGH_WATER = 131_072;
/** The same in pieces: those of one byte take room and time as well. */
const MOST_PIECES = 1_024;
/** A piece below the one size does not keep a read above the other in memory: a chunk may have much beside its bytes. */
const SMALL_PIECE = 1_024;
const LARGE_READ = 16_384;
/** How much of an unread body is read away to save its connection, and for how long. */
const DRAIN_BYTES = 65_536;
const DRAIN_TIME = 250;
/** How long `100 Continue` is waited for: curl's and Go's second. */
const CONTINUE_TIME = 1_000;

/** No pieces; never added to. */
const NOTHING: Buffer[] = [];

const NO_BODY: ReadonlySet<number> = new Set([204, 304]);

/** One request on a connection and its answer: the codec's handler, and the body's stream. */
export class Http1Exchange implements CallStream, Dispatcher.DispatchHandler {
  readonly connection: Connection;
  head: AnswerHead | undefined;
  length: number | undefined;
  error: unknown;
  /** Whether the request may have reached the server. */
  written = false;
  readonly request: Request;
  /** The body on its way, where it is a stream. */
  upload: Upload | undefined;
  readonly #call: OpenCall;
  #state: State = 'sending';
  #received = 0;
  #uploaded = 0;
  #queue: Buffer[] = NOTHING;
  #queued = 0;
  #headWait: HeadWait | undefined;
  #wait: PieceWait | undefined;
  #closing: Notify | undefined;
  #timer: Timer | undefined;
  #held: HeldBody | undefined;
  #rawTrailers: readonly (Buffer | string)[] | undefined;
  #released = false;
  /** True once somebody let go of it before its end. */
  #givenUp = false;
  /** What had come by then. */
  #receivedThen = 0;

  constructor(connection: Connection, request: Request, call: OpenCall) {
    this.connection = connection;
    this.request = request;
    this.#call = call;
  }

  // ---- what the task sees ----

  /** Waits for the head. Cancellation: destroys the connection. */
  headOperation(): Operation<AnswerHead> {
    return new HeadWait(this);
  }

  get closed(): boolean {
    return this.#released;
  }

  private get reading(): boolean {
    return this.#state === 'body';
  }

  get received(): number {
    return this.#received;
  }

  get trailers(): Headers | undefined {
    if (this.#state !== 'ended') return undefined;
    return new LineList(this.#rawTrailers ?? []).toHeaders();
  }

  next(): Operation<IteratorResult<Uint8Array, void>> {
    return new PieceWait(this);
  }

  restNowait(): readonly Uint8Array[] | undefined {
    if (this.#state !== 'ended' || this.#givenUp) return undefined;
    const rest = this.#queue;
    this.#queue = NOTHING;
    this.#queued = 0;
    return rest;
  }

  recycle(piece: Uint8Array): void {
    // In chunks, or once the connection serves another, a piece may be one of several of its read.
    if (this.length !== undefined && this.#state === 'body') this.connection.guard.recycle(piece);
  }

  close(): Operation<void> {
    this.closeNowait();
    this.#closing ??= new Notify();
    return this.#closing.until('the release of the response', () => this.#released);
  }

  closeNowait(): void {
    if (this.#queue.length > 0 || this.#state === 'body') this.#givenUp = true;
    this.#queue = NOTHING;
    this.#queued = 0;
    if (this.#state !== 'body') return;
    this.#state = 'dropped';
    this.#receivedThen = this.#received;
    const wait = this.#wait;
    this.#wait = undefined;
    this.#timer?.stop();
    wait?.fail(this.releasedError());
    const left = this.length === undefined ? 0 : this.length - this.#received;
    if (left > DRAIN_BYTES) {
      this.abort(undefined);
      return;
    }
    this.timerOf(() => this.abort(undefined)).set(DRAIN_TIME);
    this.connection.guard.resume();
  }

  /** Ends the exchange where it stands; whoever waits or comes later gets `error`, and the connection is destroyed. */
  abort(error: unknown): void {
    if (this.#state === 'failed' || (this.#state === 'ended' && this.#released)) return;
    this.#queue = NOTHING;
    this.#queued = 0;
    if (this.#state !== 'ended') this.fail(error ?? this.releasedError());
    this.connection.destroy();
  }

  // ---- what the waits see ----

  /** @internal The next piece or the end; undefined: wait. */
  pieceNowait(): IteratorResult<Uint8Array, void> | undefined {
    if (this.#wait !== undefined) throw bodyBusy();
    const piece = this.#queue.shift();
    if (piece !== undefined) {
      this.#queued -= piece.length;
      return { done: false, value: piece };
    }
    if (this.#state === 'failed') throw this.error;
    if (this.#givenUp) throw this.releasedError();
    return this.#state === 'ended' ? { done: true, value: undefined } : undefined;
  }

  /** @internal */
  awaitHead(wait: HeadWait | undefined): void {
    this.#headWait = wait;
    if (wait === undefined && this.#state === 'sending') this.abort(undefined);
  }

  /** @internal */
  awaitPiece(wait: PieceWait | undefined): void {
    this.#wait = wait;
    if (wait === undefined) {
      this.#timer?.stop();
      return;
    }
    const { idle } = this.request.options.timeouts;
    if (idle !== Number.POSITIVE_INFINITY)
      this.timerOf(() => this.abort(this.#call.timeoutError('idle', idle))).set(idle);
    this.connection.guard.resume();
  }

  // ---- what the codec calls ----

  onConnect(): void {
    this.written = true;
  }

  /** Holds the body back until the server wants it, or does not answer for a second. */
  holdBody(): void {
    const timer = new Timer(this.#call.scheduler, () => this.#held?.release());
    this.#held = new HeldBody(this.connection.socket, timer, CONTINUE_TIME);
  }

  /** From now on a peer that takes nothing of the request has as long as `timeout.idle` says. */
  watchUpload(): void {
    const { connection } = this;
    const { idle } = this.request.options.timeouts;
    if (idle === Number.POSITIVE_INFINITY || connection.unsent === undefined) return;
    const stalled = (): void => this.abort(this.#call.timeoutError('idle', idle));
    this.#timer = new StallWatch(this.#call.scheduler, idle, () => connection.taken, stalled);
  }

  /** The server sent `100 Continue`. */
  onContinue(): void {
    this.#held?.release();
  }

  onBodySent(chunk: Uint8Array | number): void {
    const { onProgress } = this.request.options;
    if (onProgress === null) return;
    this.#uploaded += typeof chunk === 'number' ? chunk : chunk.length;
    onProgress({ direction: 'upload', bytes: this.#uploaded, total: this.request.body?.length });
  }

  // For the codec it is sent once it is written; what is held back or waits for the network is not.
  onRequestSent(): void {
    if (this.#state !== 'sending') return;
    const { socket } = this.connection;
    if (this.#held?.holding === true || (socket.writableNeedDrain && socket.writableLength > 0)) {
      socket.once('drain', () => this.onRequestSent());
      return;
    }
    this.#timer?.stop();
    this.#call.enter('headers');
    const { headers } = this.request.options.timeouts;
    if (headers === Number.POSITIVE_INFINITY) return;
    this.timerOf(() => this.abort(this.#call.timeoutError('headers', headers))).set(headers);
  }

  onHeaders(status: number, rawHeaders: readonly Buffer[], _resume: () => void, reason: string): boolean {
    if (status < 200) return true;
    this.#timer?.stop();
    if (this.#held?.discard() === true) this.connection.spoiled = true;
    this.connection.guard.headDone();
    const lines = new LineList(rawHeaders);
    this.checkFraming(status, lines);
    this.head = { status, reason, lines };
    this.#call.enter('body');
    if (NO_BODY.has(status) && lines.has('content-length')) this.endEarly();
    else this.#state = 'body';
    this.#headWait?.wake(this.head);
    return true;
  }

  onData(chunk: Buffer): boolean {
    this.#received += chunk.length;
    this.connection.guard.progress();
    if (!this.reading) {
      if (this.#received - this.#receivedThen > DRAIN_BYTES && this.#state === 'dropped') this.abort(undefined);
      return true;
    }
    const { onProgress } = this.request.options;
    if (onProgress !== null) {
      onProgress({ direction: 'download', bytes: this.#received, total: this.length });
      // It may have ended the request or let go of the response: what had come before is gone, and this would be a hole.
      if (!this.reading) return true;
    }
    const piece = chunk.length < SMALL_PIECE && chunk.buffer.byteLength > LARGE_READ ? Buffer.from(chunk) : chunk;
    const wait = this.#wait;
    if (wait !== undefined) {
      this.#wait = undefined;
      this.#timer?.stop();
      wait.wake({ done: false, value: piece });
      return true;
    }
    // Most answers come in one piece; a list that grows takes room for 17.
    if (this.#queue === NOTHING) this.#queue = [piece];
    else this.#queue.push(piece);
    this.#queued += piece.length;
    if (this.#queued > HIGH_WATER || this.#queue.length > MOST_PIECES) this.connection.guard.pause();
    return true;
  }

  onComplete(rawTrailers: readonly (Buffer | string)[] | null): void {
    // A body that ends with its connection is complete for the codec also where we cut it off.
    if (this.#state === 'failed') return;
    const { connection } = this;
    if (connection.broken !== undefined) {
      // A reset is no end, also where the end of the connection would be the end of the body.
      this.fail(this.explain(connection.broken));
      connection.destroy();
      return;
    }
    this.#rawTrailers = rawTrailers ?? undefined;
    this.upload?.stop();
    this.release();
    connection.free();
    this.end();
  }

  onError(error: Error): void {
    if (this.#state === 'ended') {
      // A 204 or 304 that announced a length: complete for us, an error for the codec.
      this.upload?.stop();
      this.release();
      this.connection.destroy();
      return;
    }
    this.fail(this.explain(error));
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
        `The server sent Transfer-Encoding: ${coding}, which was not asked for and cannot be taken off safely.`,
        { code: 'TRANSFER_ENCODING' },
      );
    }
    const length = lines.get('content-length');
    if (this.bodyless(status)) this.length = 0;
    else if (length !== null) this.length = Number(length);
  }

  /** Whether an answer with this status has no body, whatever it announces. */
  bodyless(status: number): boolean {
    return this.request.method === 'HEAD' || NO_BODY.has(status);
  }

  private endEarly(): void {
    this.#state = 'ended';
    this.#call.streamEnded(this);
  }

  private end(): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#timer?.stop();
    this.wakeEnd();
    this.#call.streamEnded(this);
  }

  private fail(error: unknown): void {
    if (this.#state === 'failed') return;
    const headless = this.#state === 'sending';
    this.#state = 'failed';
    this.error = error;
    this.#timer?.stop();
    this.#held?.discard();
    this.upload?.stop();
    this.release();
    if (headless) this.#headWait?.fail(error);
    this.wakeEnd();
    this.#call.streamEnded(this);
  }

  private wakeEnd(): void {
    const wait = this.#wait;
    this.#wait = undefined;
    if (this.#state === 'failed') wait?.fail(this.error);
    else wait?.wake({ done: true, value: undefined });
  }

  private release(): void {
    this.#released = true;
    this.#closing?.wake();
  }

  private explain(error: unknown): unknown {
    return translate(error, this, this.#call);
  }

  private releasedError(): Error {
    return new ClientPayloadError('The response was released before its body was read to the end.', {
      ...this.#call.details(),
      code: 'RELEASED',
    });
  }

  private timerOf(ring: () => void): Timer {
    this.#timer?.stop();
    this.#timer = new Timer(this.#call.scheduler, ring);
    return this.#timer;
  }
}

class HeadWait extends HostWait<AnswerHead> {
  readonly #exchange: Http1Exchange;

  constructor(exchange: Http1Exchange) {
    super();
    this.#exchange = exchange;
  }

  get label(): string {
    return 'the head of the response';
  }

  override poll(waiter: Parameters<HostWait<AnswerHead>['poll']>[0]): boolean {
    super.poll(waiter);
    const { head, error } = this.#exchange;
    if (error !== undefined) throw error;
    return head === undefined ? false : this.finish(head);
  }

  protected begin(): void {
    this.#exchange.awaitHead(this);
  }

  protected end(): void {
    this.#exchange.awaitHead(undefined);
  }
}
