/** `Queue`: the public words for a queue that is first in, first out; queue-core.ts does the work. */

import { checkCount, LIMIT, readOptions, refuseMore } from '../kernel/operation/options.ts';
import { type Selectable, selectable } from '../kernel/operation/selectable.ts';
import { Shown } from '../kernel/operation/shown.ts';
import type { Operation, Suspension } from '../kernel/operation/suspension.ts';
import { GetWait, JoinQueueWait, PutWait, QueueCore } from './queue-core.ts';
import { Ring } from './ring.ts';
import type { Store } from './store.ts';

/** What `queue.shutdown` may be given. */
export interface ShutdownOptions {
  /** Drop what is in the queue, so that `join` does not wait for it. */
  immediate?: boolean | undefined;
}

const SHUTDOWN_OPTIONS = { immediate: 'boolean' } as const;

/**
 * A queue between tasks: what is put first is got first, and waiting puts and gets are served in order of arrival.
 *
 * An item is handed straight to the task that waits longest; a task that is cancelled before that has taken nothing, and
 * one that is cancelled after it still gets the item. As a branch of `select` a queue stands for its `get`.
 *
 * Cancellation: a `put` or `get` that is cancelled while it waits has put or taken nothing.
 *
 * @example
 * ```ts
 * import { Queue, run, spawn } from '@coloop/core';
 *
 * const jobs = new Queue<string>(2);
 *
 * function* worker() {
 *   for (;;) {
 *     console.log(yield* jobs.get());
 *     jobs.taskDone();
 *   }
 * }
 *
 * await run(function* () {
 *   spawn(worker(), { daemon: true });
 *   for (const job of ['a', 'b', 'c']) yield* jobs.put(job);
 *   yield* jobs.join();
 *   //> a
 *   //> b
 *   //> c
 * });
 * ```
 * Source: `asyncio.Queue` of Python 3.13; unlike there, no call can overtake one that waits.
 */
export class Queue<T> extends Shown implements Selectable<T> {
  readonly #core: QueueCore<T>;

  /**
   * @param maxsize how many items it holds before `put` waits; 0 and Infinity for no limit
   * @throws RangeError for NaN, a fraction or a negative number; TypeError if `maxsize` is not a number.
   */
  constructor(maxsize?: number);
  /** @internal The subclasses differ in the order of their items only. */
  constructor(maxsize: number | undefined, store: Store<T>);
  constructor(maxsize = 0, store: Store<T> = new Ring<T>()) {
    super();
    this.#core = new QueueCore(store, checkLimit(maxsize));
  }

  /** How many items it holds before `put` waits; 0 for no limit. */
  get maxsize(): number {
    const { limit } = this.#core;
    return limit === Number.POSITIVE_INFINITY ? 0 : limit;
  }

  /** How many items are in the queue. */
  get size(): number {
    return this.#core.items.size;
  }

  /** Whether a `get` would have to wait. */
  get empty(): boolean {
    return this.#core.items.size === 0;
  }

  /** Whether a `put` would have to wait. */
  get full(): boolean {
    return this.#core.items.size >= this.#core.limit;
  }

  /**
   * Puts an item, waiting for room if the queue is full. It can be a branch of `select`: the item is put only if that
   * branch is chosen.
   *
   * @throws QueueShutdownError when the queue was shut down, also while waiting.
   */
  put(item: T): Operation<void> & Selectable<void>;
  put(item: T, ...more: unknown[]): Operation<void> & Selectable<void> {
    refuseMore('queue.put(item)', more, LIMIT);
    return new PutWait(this.#core, item);
  }

  /**
   * Takes the next item, waiting for one if the queue is empty.
   *
   * @throws QueueShutdownError when the queue was shut down and is empty, also while waiting.
   */
  get(): Operation<T>;
  get(...more: unknown[]): Operation<T> {
    refuseMore('queue.get()', more, LIMIT);
    return new GetWait(this.#core);
  }

  /**
   * Puts an item without waiting; it may be called outside of tasks too, as from a listener.
   *
   * @throws QueueFullError when there is no room; QueueShutdownError when the queue was shut down.
   */
  putNowait(item: T): void {
    this.#core.putNowait(item);
  }

  /**
   * Takes the next item without waiting.
   *
   * @throws QueueEmptyError when there is none; QueueShutdownError when the queue was shut down and is empty.
   */
  getNowait(): T {
    return this.#core.getNowait();
  }

  /** Waits until `taskDone` was called for every item that was ever put. */
  join(): Operation<void>;
  join(...more: unknown[]): Operation<void> {
    refuseMore('queue.join()', more, LIMIT);
    return new JoinQueueWait(this.#core);
  }

  /**
   * Says that one item which was got is dealt with.
   *
   * @throws RangeError when it is called more often than items were put.
   */
  taskDone(): void {
    this.#core.taskDone();
  }

  /**
   * Ends the queue: every `put` fails from now on, also those that wait; what is in the queue can still be got, then
   * `get` fails too. Shutting down twice changes nothing, but `immediate` can come later.
   *
   * @param options `immediate: true` drops what is in the queue and counts it as done
   */
  shutdown(options: ShutdownOptions = {}): void {
    this.#core.shutdown(readOptions('queue.shutdown', options, SHUTDOWN_OPTIONS).immediate ?? false);
  }

  /** @internal As a branch of `select`: its `get`. */
  [selectable](): Suspension<T> {
    return new GetWait(this.#core);
  }
}

function checkLimit(maxsize: number): number {
  const limit = checkCount('new Queue: maxsize', maxsize, 0, true);
  return limit === 0 ? Number.POSITIVE_INFINITY : limit;
}
