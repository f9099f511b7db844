/*
 * The body of a response while it comes in: a queue of chunks between a transport that brings them and a task that reads
 * them, with the limit on how long the task waits for the peer. Both transports have their own way of bringing and of
 * ending; everything else is here.
 */
import type { Operation } from '@coloop/core';
import { bodyBusy } from '../bytes/single-reader.ts';
import { ClientPayloadError, type ErrorDetails } from '../errors.ts';
import { Notify, type SchedulerView, Timer } from '../waits.ts';
import { type ChunkInbox, ChunkWait } from './chunk-wait.ts';
import type { BodyStream } from './stream.ts';

/*
 * | state    | meaning                                                    | leaves to               |
 * | sending  | the request is written or about to be; no head has come     | body, ended, failed     |
 * | body     | the head came; chunks come as they are asked for            | ended, failed, draining |
 * | draining | released before its end: the rest is discarded or cut off   | ended, failed           |
 * | ended    | the body is complete                                        | -                       |
 * | failed   | broken, aborted or timed out                                | -                       |
 */
export type BodyState = 'sending' | 'body' | 'draining' | 'ended' | 'failed';

/** What a body needs of the call that it belongs to. */
export interface BodyOwner {
  readonly scheduler: SchedulerView;
  /** What an error that happens now has to tell. */
  details(): ErrorDetails;
  /** The error of a limit that has passed now. */
  timeoutError(limit: 'headers' | 'idle', milliseconds: number): Error;
  /** The body ended, in whatever way. */
  streamEnded(body: IncomingBody): void;
}

/** Above this no more is taken from the connection until a task reads. */
const HIGH_WATER = 131_072;
/** The same in chunks: those of one byte take room and time as well. */
const MOST_CHUNKS = 1_024;

/** What is shown a body. */
interface BodyWatcher {
  chunk(chunk: Uint8Array): void;
  ended(complete: boolean): void;
}

function ignore(): void {}

/** No chunks; never added to. */
const NOTHING: Uint8Array[] = [];

/**
 * A body that comes in for one reader at a time.
 *
 * *Released* means that the user wants no more of it, *closed* that its connection is given back or gone.
 */
export abstract class IncomingBody<Owner extends BodyOwner = BodyOwner> implements BodyStream, ChunkInbox {
  /** The bytes announced, where they are. */
  length: number | undefined;
  /** How many bytes have come, the discarded ones included. */
  received = 0;
  /** Why it failed. */
  error: unknown;
  protected readonly call: Owner;
  protected state: BodyState = 'sending';
  /** The one limit that runs at the moment. */
  protected timer: Timer | undefined;
  readonly #timeouts: { readonly idle: number };
  #queue: Uint8Array[] = NOTHING;
  #queued = 0;
  #wait: ChunkWait | undefined;
  #watchers: readonly BodyWatcher[] | undefined;
  /** True once it was released before all of it was read. */
  #released = false;
  #closed = false;
  #closing: Notify | undefined;

  constructor(call: Owner, timeouts: { readonly idle: number }) {
    this.call = call;
    this.#timeouts = timeouts;
  }

  // ---- what its reader sees ----

  get closed(): boolean {
    return this.#closed;
  }

  abstract get trailers(): Headers | undefined;

  next(): Operation<IteratorResult<Uint8Array, void>> {
    return new ChunkWait(this);
  }

  restNowait(): readonly Uint8Array[] | undefined {
    if (this.state !== 'ended' || this.#released) return undefined;
    const rest = this.#queue;
    this.clearQueue();
    return rest;
  }

  close(): Operation<void> {
    this.closeNowait();
    this.#closing ??= new Notify();
    return this.#closing.until('the release of the response', () => this.#closed);
  }

  closeNowait(): void {
    if (this.#queue.length > 0) this.#released = true;
    this.clearQueue();
    if (this.state !== 'body') return;
    this.#released = true;
    this.state = 'draining';
    this.unwatch(false);
    this.timer?.stop();
    this.wakeReader();
    this.drain();
  }

  /** Ends it where it stands; its reader, now or later, gets `error`. The connection is destroyed. */
  abort(error: unknown): void {
    if (!this.#closed) this.breakOff(error ?? this.releasedError());
  }

  /** The same with an error of any shape: undefined is one, too. */
  protected breakOff(error: unknown): void {
    if (this.#closed) return;
    this.clearQueue();
    if (this.state !== 'ended') this.fail(error);
    this.cutOff();
  }

  // ---- what the wait of its reader sees ----

  /** @internal The next chunk or the end; undefined: wait. */
  chunkNowait(): IteratorResult<Uint8Array, void> | undefined {
    if (this.#wait !== undefined) throw bodyBusy();
    const chunk = this.#queue.shift();
    if (chunk !== undefined) {
      this.#queued -= chunk.length;
      return { done: false, value: chunk };
    }
    if (this.state === 'failed') throw this.error;
    if (this.#released) throw this.releasedError();
    return this.state === 'ended' ? { done: true, value: undefined } : undefined;
  }

  /** @internal */
  awaitChunk(wait: ChunkWait | undefined): void {
    this.#wait = wait;
    if (wait === undefined) {
      this.timer?.stop();
      return;
    }
    this.startLimit('idle', this.#timeouts.idle);
    this.pull();
  }

  // ---- what its call asks ----

  /** Adds the bytes that came, and those that were sent where the transport knows them. */
  addSizes(total: { sent: number; received: number }): void {
    total.received += this.received;
  }

  /**
   * Shows each chunk as it comes, those first that have come and were not read.
   *
   * @param ended - is told whether all of it has come, once it is known
   */
  watch(chunk: (chunk: Uint8Array) => void, ended: (complete: boolean) => void = ignore): void {
    for (const come of this.#queue) chunk(come);
    // Before the head it is 'sending'.
    if (this.state !== 'sending' && this.state !== 'body') ended(this.state === 'ended');
    else this.#watchers = [...(this.#watchers ?? []), { chunk, ended }];
  }

  /** Nothing more is shown. */
  private unwatch(complete: boolean): void {
    const watchers = this.#watchers;
    if (watchers === undefined) return;
    this.#watchers = undefined;
    for (const { ended } of watchers) ended(complete);
  }

  // ---- what its transport says ----

  /** Whether enough has come: no more is kept until a task reads. */
  protected get full(): boolean {
    return this.#queued > HIGH_WATER || this.#queue.length > MOST_CHUNKS;
  }

  /** Whether a task waits for a chunk. */
  protected get awaited(): boolean {
    return this.#wait !== undefined;
  }

  /** A chunk came: for the task that waits for one, or for the next reader. */
  protected deliver(chunk: Uint8Array): void {
    if (this.#watchers !== undefined) for (const watcher of this.#watchers) watcher.chunk(chunk);
    const wait = this.#wait;
    if (wait !== undefined) {
      this.#wait = undefined;
      this.timer?.stop();
      wait.wake({ done: false, value: chunk });
      return;
    }
    // Most bodies come in one chunk; a list that grows takes room for 17.
    if (this.#queue === NOTHING) this.#queue = [chunk];
    else this.#queue.push(chunk);
    this.#queued += chunk.length;
  }

  /** The connection is given back or gone. */
  protected closedNow(): void {
    this.#closed = true;
    this.#closing?.wake();
  }

  /** The body is complete. */
  protected end(): void {
    if (this.state === 'ended') return;
    this.state = 'ended';
    this.unwatch(true);
    this.timer?.stop();
    this.wakeReader();
    this.call.streamEnded(this);
  }

  protected fail(error: unknown): void {
    if (this.#closed) return;
    // What was complete for its reader before its connection was free stays so: only the connection has failed.
    const complete = this.state === 'ended';
    if (!complete) {
      this.state = 'failed';
      this.error = error;
      this.unwatch(false);
      this.timer?.stop();
    }
    this.closedNow();
    this.failed(error);
    if (complete) return;
    this.wakeReader();
    this.call.streamEnded(this);
  }

  /** Aborts when a limit passes, instead of the one that ran; none where it is Infinity. */
  protected startLimit(limit: 'headers' | 'idle', milliseconds: number): void {
    if (milliseconds === Number.POSITIVE_INFINITY) return;
    this.startTimer(milliseconds, () => this.abort(this.call.timeoutError(limit, milliseconds)));
  }

  protected startTimer(milliseconds: number, ring: () => void): void {
    this.timer?.stop();
    this.timer = new Timer(this.call.scheduler, ring);
    this.timer.set(milliseconds);
  }

  // ---- what its transport does ----

  /** A task waits: more is to come. */
  protected abstract pull(): void;

  /** It was released before its end: reads on if little is left, else aborts. */
  protected abstract drain(): void;

  /** It failed: what waits for the head, or still sends the request, is ended. */
  protected abstract failed(error: unknown): void;

  /** Destroys the connection. */
  protected abstract cutOff(): void;

  private clearQueue(): void {
    this.#queue = NOTHING;
    this.#queued = 0;
  }

  private wakeReader(): void {
    const wait = this.#wait;
    if (wait === undefined) return;
    this.#wait = undefined;
    if (this.state === 'ended') wait.wake({ done: true, value: undefined });
    else wait.fail(this.state === 'failed' ? this.error : this.releasedError());
  }

  private releasedError(): Error {
    return new ClientPayloadError('The response was released before its body was read to the end: read it first.', {
      ...this.call.details(),
      code: 'RELEASED',
    });
  }
}
