/** `interval`: a source of ticks on a grid of time. */
import type { TimerEntry } from '../kernel/clock/timers.ts';
import { ALREADY_DONE } from '../kernel/operation/done.ts';
import { checkDuration, refuseMore } from '../kernel/operation/options.ts';
import { sameScheduler } from '../kernel/operation/same-scheduler.ts';
import { ShownSource } from '../kernel/operation/shown.ts';
import { secondNext } from '../kernel/operation/single-reader.ts';
import type { Source } from '../kernel/operation/source.ts';
import { type Operation, Suspension, type SuspensionHost, type Waiter } from '../kernel/operation/suspension.ts';
import { taskOf } from '../kernel/task/current.ts';
import type { Task } from '../kernel/task/task.ts';

type IntervalTick = IteratorResult<number, void>;

class TickWait extends Suspension<IntervalTick> implements TimerEntry {
  slot = -1;
  readonly #interval: Interval;
  #task: Task | null = null;

  constructor(interval: Interval) {
    super();
    this.#interval = interval;
  }

  get label(): string {
    return `${this.#interval.label}.next()`;
  }

  poll(waiter: Waiter): boolean {
    this.#task = taskOf(waiter);
    const tick = this.#interval.take(waiter.scheduler, this.#task.scheduler.now());
    return tick !== null && this.finish(tick);
  }

  arm(): void {
    const due = this.#interval.wait(this);
    if (due !== Number.POSITIVE_INFINITY) this.#task?.scheduler.addTimer(this, due);
  }

  disarm(): void {
    this.#interval.wait(null);
    this.#task?.scheduler.removeTimer(this);
  }

  fire(): void {
    this.wake(this.#interval.fired());
  }
}

class Interval extends ShownSource implements Source<number> {
  readonly label: string;
  readonly #ms: number;
  #scheduler: SuspensionHost | null = null;
  #start: number | null = null;
  #waiting: TickWait | null = null;
  /** The number of the tick that comes next. */
  #number = 0;
  #closed = false;

  constructor(ms: number) {
    super();
    this.#ms = ms;
    this.label = `interval(${ms})`;
  }

  next(): Operation<IntervalTick> {
    return new TickWait(this);
  }

  protected get over(): boolean {
    return this.#closed;
  }

  close(): Operation<void> {
    this.#closed = true;
    const waiting = this.#waiting;
    waiting?.disarm();
    waiting?.wake({ done: true, value: undefined });
    return ALREADY_DONE;
  }

  /** The tick that is due, the latest of them; null when there is none. */
  take(host: SuspensionHost, now: number): IntervalTick | null {
    if (this.#waiting !== null) throw secondNext(this.label, 'give each reader an interval of its own');
    if (this.#scheduler !== host) this.#scheduler = sameScheduler(this.#scheduler, 'This interval');
    if (this.#closed) return { done: true, value: undefined };
    this.#start ??= now;
    if (now < this.#due()) return null;
    if (this.#ms > 0) this.#number = Math.max(this.#number, Math.floor((now - this.#start) / this.#ms) - 1);
    return this.fired();
  }

  /** On the grid of the start, so that nothing drifts. */
  #due(): number {
    return (this.#start as number) + (this.#number + 1) * this.#ms;
  }

  /** Keeps the reader that waits, and says until when. */
  wait(waiting: TickWait | null): number {
    this.#waiting = waiting;
    return this.#due();
  }

  fired(): IntervalTick {
    this.#waiting = null;
    return { done: false, value: this.#number++ };
  }
}

/**
 * A source of ticks, one every `ms` milliseconds from its first `next` on, numbered from 0. It keeps to its grid and does
 * not drift; a reader that comes late gets the latest tick at once, and the numbers show how many it has missed.
 *
 * Cancellation: of a `next` loses nothing.
 *
 * @param ms milliseconds; 0 and less tick at every `next`; Infinity never does
 * @throws RangeError for NaN, TypeError if `ms` is not a number, at the call.
 * @example
 * ```ts
 * import { forEach, interval, stream } from '@coloop/core';
 * import { runTest } from '@coloop/core/testing';
 *
 * await runTest(() =>
 *   forEach(stream(interval(5)).take(3), (n) => {
 *     console.log(n);
 *     //> 0
 *     //> 1
 *     //> 2
 *   }),
 * );
 * ```
 * Source: Go's `time.Ticker`, Rx's `interval`.
 */
export function interval(ms: number): Source<number>;
export function interval(ms: number, ...more: unknown[]): Source<number> {
  refuseMore('interval(ms)', more);
  return new Interval(checkDuration('interval', ms));
}
