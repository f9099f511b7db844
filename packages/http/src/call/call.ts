/*
 * One call of the user over all its hops and attempts, and a session's list of the calls that are open.
 *
 * | state | meaning                                               | leaves to                          |
 * | head  | the task of the caller works on the request           | body, done                         |
 * | body  | the response is with the user; only a timer is left   | done                               |
 * | done  | the body ended, was released, or the call failed      | -                                  |
 */
import type { Deadline, Operation } from '@coloop/core';
import { Acquisition } from '@coloop/core/lowlevel';
import {
  type ErrorDetails,
  type HistoryEntry,
  type RequestSummary,
  ServerTimeoutError,
  SessionClosedError,
  type TimeoutLimit,
} from '../errors.ts';
import type { Call, Request } from '../request/request.ts';
import { describeTiming, type Phase, Timeline, type Timing } from '../timing.ts';
import { type HostWait, Notify, type SchedulerView, Timer } from '../waits.ts';
import { AbortListener, abortError } from './abort-listener.ts';
import type { Tracer } from './trace.ts';

type State = 'head' | 'body' | 'done';

/** Something open that belongs to a call, such as a body; the transport makes it. */
export interface CallStream {
  /** Adds the bytes of its bodies on the wire, where they are counted. */
  addSizes?(total: { sent: number; received: number }): void;
  /** Ends it at once; the task that uses it gets `error`. */
  abort(error: unknown): void;
  /** Ends it; no task uses it any more. */
  closeNowait(): void;
}

/** One call of the user, over all its hops and attempts: its clock, its limits, and what has to end when it ends. */
export class OpenCall extends Acquisition implements Call {
  readonly scheduler: SchedulerView;
  readonly timeline: Timeline;
  readonly history: HistoryEntry[] = [];
  readonly id: number;
  readonly tracer: Tracer | null;
  attempts = 0;
  /** The status that came last; 0 before. */
  status = 0;
  /** Bytes of bodies; counted only if there is a tracer. */
  sent = 0;
  received = 0;
  /** Whether the end of the session waits for it. */
  lasts = false;
  /** The request that was sent last; for errors. */
  request: Request | undefined;
  /** The neighbours in the session's list of calls. */
  previous: OpenCall | null = null;
  next: OpenCall | null = null;
  /** Where the call was made, in debug mode. */
  readonly place: string | undefined;
  readonly #calls: OpenCalls;
  /** Milliseconds until the response is with the user. */
  readonly total: number;
  readonly #bodyTotal: number;
  readonly #signal: AbortSignal | undefined;
  /** Nearly every call has one stream; a set is made for those that have more. */
  #stream: CallStream | undefined;
  #others: Set<CallStream> | undefined;
  #state: State = 'head';
  #deadline: Deadline | undefined;
  #timer: Timer | undefined;
  /** Why the call was ended from outside, if it was; the reason may have any value. */
  #end: { readonly reason: unknown } | undefined;
  #signalled: AbortListener | undefined;

  /**
   * @param total - milliseconds until the response is with the user
   * @param bodyTotal - the same, or Infinity for what has no end by itself
   */
  constructor(
    calls: OpenCalls,
    scheduler: SchedulerView,
    total: number,
    bodyTotal: number,
    signal: AbortSignal | undefined,
    tracer: Tracer | null,
    place: string | undefined,
  ) {
    super();
    this.#calls = calls;
    this.scheduler = scheduler;
    this.total = total;
    this.#bodyTotal = bodyTotal;
    this.#signal = signal;
    this.tracer = tracer;
    this.place = place;
    this.timeline = new Timeline(scheduler.now());
    this.id = calls.add(this);
    tracer?.phase(this, 'prepare');
  }

  get state(): State {
    return this.#state;
  }

  /** Whether the session, the signal or a stream of the body has ended this call from outside. */
  get ended(): boolean {
    return this.#end !== undefined;
  }

  /** The error with which it was ended from outside. */
  get reason(): unknown {
    return this.#end?.reason;
  }

  enter(phase: Phase): void {
    this.timeline.enter(phase, this.scheduler.now());
    this.tracer?.phase(this, phase);
  }

  remaining(): number {
    return Math.max(0, this.timeline.startedAt + this.total - this.scheduler.now());
  }

  summary(request: Request): RequestSummary {
    return {
      method: request.method,
      url: request.url.href,
      proxy: request.options.proxy?.display,
      attempts: this.attempts,
    };
  }

  /** The request that was sent last, or is about to be. */
  currentSummary(): RequestSummary | undefined {
    return this.request === undefined ? undefined : this.summary(this.request);
  }

  /**
   * Does work beside this call, for the session: its errors are nobody's, and it ends with the session.
   *
   * @param lasts - whether the end of the session waits for it, as for what is written to a disk; `session.trace` tells
   *   nothing of that
   * @returns false if the session is closed
   */
  background(work: (call: OpenCall) => Operation<unknown>, lasts: boolean): boolean {
    return this.#calls.background(work, lasts);
  }

  /** What every phase took up to now. */
  timing(): Timing {
    return this.timeline.at(this.scheduler.now());
  }

  /** What an error that happens now has to tell. */
  details(): ErrorDetails {
    return { phase: this.timeline.phase, request: this.currentSummary(), timing: this.timing() };
  }

  /** The error of a limit that has passed now. */
  timeoutError(limit: TimeoutLimit, milliseconds: number): ServerTimeoutError {
    const details = this.details();
    const { phase } = this.timeline;
    const took = details.timing === undefined ? '' : describeTiming(details.timing);
    const what = this.request === undefined ? 'The request' : `${this.request.method} ${this.request.url.href}`;
    const times = took === '' ? '' : `; it took: ${took}`;
    return new ServerTimeoutError(
      `${what} did not finish within timeout.${limit} (${milliseconds} ms): it was in the phase '${phase}'${times}.${phase === 'queue' ? this.#calls.describeHeld() : ''}`,
      { ...details, limit },
    );
  }

  /** The limit of the whole call has passed. */
  totalError(): ServerTimeoutError {
    return this.timeoutError('total', this.total);
  }

  /** Whether the deadline of the task's part has passed, or was made to pass. */
  get expired(): boolean {
    return this.#deadline?.expired === true;
  }

  /** The task's part begins. */
  begin(deadline: Deadline): void {
    this.#deadline = deadline;
    if (this.ended) deadline.reschedule(0);
    if (this.#signal !== undefined) this.listen(this.#signal);
  }

  /** A response of this call has a body of its own. */
  addStream(stream: CallStream): void {
    if (this.#stream === undefined) {
      this.#stream = stream;
      return;
    }
    this.#others ??= new Set();
    this.#others.add(stream);
  }

  /** A body ended, in whatever way. */
  streamEnded(stream: CallStream): void {
    if (this.tracer !== null) stream.addSizes?.(this);
    if (this.#stream === stream) this.#stream = undefined;
    else this.#others?.delete(stream);
    if (this.#state === 'body' && !this.hasStreams) this.finish();
  }

  /** The result goes to the user; what else was opened on the way is released. undefined: all of it goes along. */
  handOver(stream: CallStream | undefined): void {
    if (stream !== undefined && (this.#stream !== stream || this.#others !== undefined)) {
      for (const other of this.allStreams()) if (other !== stream) other.closeNowait();
    }
    if (!this.hasStreams) {
      this.finish();
      return;
    }
    this.#state = 'body';
    this.heldBy();
    if (this.#bodyTotal === Number.POSITIVE_INFINITY) return;
    const remaining = this.remaining();
    this.#timer = new Timer(this.scheduler, () => this.fail(this.totalError()));
    this.#timer.set(remaining);
  }

  /** What a WebSocket made of it is given back with. */
  get held(): this {
    return this;
  }

  /** The branch that had the response has lost: nobody will read it. */
  run(): void {
    for (const stream of this.allStreams()) stream.closeNowait();
  }

  /** The task's part ended with an error. */
  failed(error: unknown): void {
    this.tracer?.failed(this, error);
    this.finish();
  }

  /** Ends the call from outside: the call's task, or the task that reads the body, gets `reason`. */
  fail(reason: unknown): void {
    if (this.#state === 'done' || this.ended) return;
    this.#end = { reason };
    if (this.#state === 'head') {
      if (this.#deadline !== undefined && !this.#deadline.expired) this.#deadline.reschedule(0);
      return;
    }
    for (const stream of this.allStreams()) stream.abort(reason);
    this.finish();
  }

  /** Releases everything that belongs to this call. */
  finish(): void {
    if (this.#state === 'done') return;
    this.#state = 'done';
    this.over();
    this.timeline.end(this.scheduler.now());
    this.#timer?.stop();
    this.#signalled?.delete(this);
    if (this.hasStreams) for (const stream of this.allStreams()) stream.abort(undefined);
    this.#calls.remove(this);
    this.tracer?.finished(this);
  }

  private get hasStreams(): boolean {
    return this.#stream !== undefined || (this.#others !== undefined && this.#others.size > 0);
  }

  private allStreams(): CallStream[] {
    const streams = this.#stream === undefined ? [] : [this.#stream];
    if (this.#others !== undefined) streams.push(...this.#others);
    return streams;
  }

  /** @throws the reason of a signal that is aborted already: nothing is begun then */
  private listen(signal: AbortSignal): void {
    if (signal.aborted) throw abortError(signal);
    this.#signalled = AbortListener.of(signal);
    this.#signalled.add(this);
  }
}

/**
 * The open call of a request.
 *
 * @throws TypeError if a middleware made the request with a call of its own
 */
export function callOf(request: Request): OpenCall {
  const { call } = request;
  if (call instanceof OpenCall) return call;
  throw new TypeError(
    `The request ${request.method} ${request.url.href} belongs to no call of this session: make it with request.with(…).`,
  );
}

/** Does work on a call of its own; false if the session is closed. */
export type Background = (work: (call: OpenCall) => Operation<unknown>, lasts: boolean) => boolean;

/** The calls of a session, and of those that extend it, that are not done: intrusive lists. */
export class OpenCalls {
  readonly #parent: OpenCalls | null;
  /** The lists of sessions that extend this one, while they have calls. */
  readonly #below = new Set<OpenCalls>();
  #first: OpenCall | null = null;
  #size = 0;
  #lastId = 0;
  readonly #drained = new Notify();
  /** Set by the session. */
  background: Background = () => false;

  /** @param parent - the calls of the session that is extended */
  constructor(parent: OpenCalls | null = null) {
    this.#parent = parent;
  }

  /** How many there are, those of extending sessions included. */
  get size(): number {
    let size = this.#size;
    for (const calls of this.#below) size += calls.size;
    return size;
  }

  add(call: OpenCall): number {
    call.next = this.#first;
    if (this.#first !== null) this.#first.previous = call;
    this.#first = call;
    this.#size += 1;
    this.#enlist();
    return this.#nextId();
  }

  #nextId(): number {
    if (this.#parent !== null) return this.#parent.#nextId();
    this.#lastId += 1;
    return this.#lastId;
  }

  #enlist(): void {
    if (this.#parent === null || this.#parent.#below.has(this)) return;
    this.#parent.#below.add(this);
    this.#parent.#enlist();
  }

  /** Wakes those who wait for the end, once there is nothing left. */
  #checkDrained(): void {
    if (this.#size > 0 || this.#below.size > 0) return;
    this.#drained.wake();
    if (this.#parent === null) return;
    this.#parent.#below.delete(this);
    this.#parent.#checkDrained();
  }

  remove(call: OpenCall): void {
    if (call.previous === null) this.#first = call.next;
    else call.previous.next = call.next;
    if (call.next !== null) call.next.previous = call.previous;
    call.previous = null;
    call.next = null;
    this.#size -= 1;
    if (this.#size === 0) this.#checkDrained();
  }

  /** The likeliest reason why a request waits for a connection without success. */
  describeHeld(): string {
    let held = 0;
    for (const call of this) if (call.state === 'body') held++;
    if (held === 0) return '';
    const who = held === 1 ? 'a response that was' : `${held} responses that were`;
    return ` Connections are held by ${who} neither read to the end nor released: read them, or write \`using response\`.`;
  }

  *[Symbol.iterator](): IterableIterator<OpenCall> {
    for (let call = this.#first; call !== null; ) {
      const { next } = call;
      yield call;
      call = next;
    }
    for (const calls of [...this.#below]) yield* calls;
  }

  /** Ends every call. */
  failAll(message: string): void {
    for (const call of this) if (!call.lasts) call.fail(new SessionClosedError(message, call.details()));
  }

  /** Waits until no call is left. */
  drained(): HostWait<void> {
    return this.#drained.until('the end of the session’s requests', () => this.size === 0);
  }
}
