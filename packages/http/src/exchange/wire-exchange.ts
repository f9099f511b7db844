/*
 * One request on a connection and its response, whatever is spoken there: what the transport asks of it, and what is the same
 * for every codec: the wait for the head, the counting of bytes, and the end of a body that nobody reads.
 */
import type { Operation } from '@coloop/core';
import type { OpenCall } from '../call/call.ts';
import type { Route } from '../connect/route.ts';
import { noteOwnError } from '../request/own-errors.ts';
import type { Progress, Request } from '../request/request.ts';
import { BODYLESS } from '../request/semantics.ts';
import type { LineList } from '../response/header-lines.ts';
import { IncomingBody } from '../response/incoming-body.ts';
import type { ResponseHead } from '../response/response.ts';
import { HostWait } from '../waits.ts';
import { StallWatch } from './stall-watch.ts';
import type { Upload } from './upload.ts';

/** The head of a response, with its lines as the codec gives them. */
export interface WireHead extends ResponseHead {
  readonly lines: LineList;
}

/** What is sent as a body: all of it, or what a task reads of a source. */
export type OutgoingBody = Uint8Array | Upload | null;

/** Opens the body of an exchange when it is about to be sent. */
export interface BodyOpener {
  bodyOf(exchange: WireExchange): OutgoingBody;
}

/**
 * Why a request may be sent once more.
 *
 * | reason      | meaning                                                                            |
 * | stale       | the server had closed the connection while it was idle: RFC 9112, section 9.3.1    |
 * | unprocessed | the server has said that it did not look at the request: RFC 9113, section 8.7     |
 */
export type RepeatReason = 'stale' | 'unprocessed';

/** A chunk below the one size does not keep a read above the other in memory: it may be a small part of the read. */
const SMALL_CHUNK = 1_024;
const LARGE_READ = 16_384;
/** How much of an unread body is drained to save its connection, and for how long. */
const DRAIN_BYTES = 65_536;
const DRAIN_TIME = 250;

/** One request on a connection and its response. */
export abstract class WireExchange extends IncomingBody<OpenCall> {
  readonly request: Request;
  head: WireHead | undefined;
  /** The body on its way, where it is a stream. */
  upload: Upload | undefined;
  /** The bytes of the request's body that were given to the connection. */
  protected sent = 0;
  #headWait: HeadWait | undefined;
  /** How much had come when the response was released. */
  #receivedBefore = 0;

  constructor(request: Request, call: OpenCall) {
    super(call, request.options.timeouts);
    this.request = request;
  }

  // ---- what the transport asks for ----

  /** Sends the request; a failure is told by `waitForHead`, or thrown. */
  abstract start(route: Route, bodies: BodyOpener): void;

  /** Waits for the head. Cancellation: ends the exchange. */
  waitForHead(): Operation<WireHead> {
    return new HeadWait(this);
  }

  /**
   * Why the request may be sent once more after it failed; undefined: it may not.
   *
   * @param reused - whether the connection had served a request before
   */
  abstract mayRepeat(error: unknown, reused: boolean): RepeatReason | undefined;

  /** Whether a response with this status has no body, whatever it announces. */
  bodyless(status: number): boolean {
    return this.request.method === 'HEAD' || BODYLESS.has(status);
  }

  /** Ends the request with an error of what the caller handed in, as it is. */
  failOwn(error: unknown): void {
    noteOwnError(this.call, error);
    this.breakOff(error);
  }

  override addSizes(total: { sent: number; received: number }): void {
    super.addSizes(total);
    total.sent += this.sent;
  }

  // ---- what the wait for the head sees ----

  /** @internal Whether it has an error, which may have any value. */
  get hasFailed(): boolean {
    return this.state === 'failed';
  }

  /** @internal */
  awaitHead(wait: HeadWait | undefined): void {
    this.#headWait = wait;
    if (wait === undefined && this.state === 'sending') this.abort(undefined);
  }

  // ---- what a codec says ----

  /** From now on a peer that takes nothing of the request has as long as `timeout.idle` says. */
  protected watchStall(taken: () => number | undefined): void {
    const { idle } = this.request.options.timeouts;
    if (idle === Number.POSITIVE_INFINITY) return;
    const stalled = (): void => this.abort(this.call.timeoutError('idle', idle));
    this.timer = new StallWatch(this.call.scheduler, idle, taken, stalled);
  }

  /** So many bytes of the body were given to the connection. */
  protected bodySent(bytes: number): void {
    this.sent += bytes;
    const { onProgress } = this.request.options;
    if (onProgress === null) return;
    this.report(onProgress, { direction: 'upload', bytes: this.sent, total: this.request.body?.length });
  }

  /** The request was sent whole: the time for its response begins. */
  protected requestSent(): void {
    this.timer?.stop();
    this.call.enter('headers');
    this.startLimit('headers', this.request.options.timeouts.headers);
  }

  /** @param complete - whether no body follows */
  protected headCame(head: WireHead, complete: boolean): void {
    this.head = head;
    this.call.enter('body');
    if (complete) this.end();
    else this.state = 'body';
    const wait = this.#headWait;
    this.#headWait = undefined;
    wait?.wake(head);
  }

  /** Some bytes of the body came; what nobody reads is bounded. */
  protected chunkCame(bytes: Buffer): void {
    this.received += bytes.length;
    if (this.state !== 'body') {
      if (this.state === 'draining' && this.received - this.#receivedBefore > DRAIN_BYTES) this.abort(undefined);
      return;
    }
    const { onProgress } = this.request.options;
    if (onProgress !== null) {
      this.report(onProgress, { direction: 'download', bytes: this.received, total: this.length });
      // It may have ended the request or released the response: what came before is gone, and this would follow a hole.
      if (!this.reading) return;
    }
    this.deliver(bytes.length < SMALL_CHUNK && bytes.buffer.byteLength > LARGE_READ ? Buffer.from(bytes) : bytes);
  }

  protected drain(): void {
    this.#receivedBefore = this.received;
    const left = this.length === undefined ? 0 : this.length - this.received;
    if (left > DRAIN_BYTES) {
      this.abort(undefined);
      return;
    }
    this.startTimer(DRAIN_TIME, () => this.abort(undefined));
    this.pull();
  }

  protected failed(error: unknown): void {
    this.upload?.stop();
    this.#headWait?.fail(error);
  }

  private report(onProgress: (progress: Progress) => void, progress: Progress): void {
    try {
      onProgress(progress);
    } catch (error) {
      this.failOwn(error);
    }
  }

  // A getter, since the compiler would take the state for what it was before a callback.
  private get reading(): boolean {
    return this.state === 'body';
  }
}

/** Waiting for the head of a response. */
class HeadWait extends HostWait<WireHead> {
  readonly #exchange: WireExchange;

  constructor(exchange: WireExchange) {
    super();
    this.#exchange = exchange;
  }

  get label(): string {
    return 'the head of the response';
  }

  override poll(waiter: Parameters<HostWait<WireHead>['poll']>[0]): boolean {
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
