/** `sleep`: a wait that is its own entry in the heap of timers. */
import type { TimerEntry } from '../kernel/clock/timers.ts';
import { giveWayOnce } from '../kernel/operation/give-way-once.ts';
import { keepShape } from '../kernel/operation/keep-shape.ts';
import { checkDuration, refuseMore } from '../kernel/operation/options.ts';
import { type Operation, Suspension } from '../kernel/operation/suspension.ts';
import { taskOf } from '../kernel/task/current.ts';

/** A sleep is its own timer entry: one object for the operation, the wait and the timer. */
class Sleep<T> extends Suspension<T> implements TimerEntry {
  declare slot: number;
  declare readonly ms: number;

  constructor(ms: number, value: T) {
    super();
    this.slot = -1;
    this.ms = ms;
    this.outcome = value;
  }

  get label(): string {
    return `sleep(${this.ms})`;
  }

  poll(): boolean {
    return false;
  }

  arm(): void {
    const { scheduler } = taskOf(this.sink);
    scheduler.addTimer(this, scheduler.now() + this.ms);
  }

  disarm(): void {
    taskOf(this.sink).scheduler.removeTimer(this);
  }

  fire(): void {
    this.wake(this.outcome as T);
  }
}

keepShape(new Sleep(1, undefined));

/**
 * Waits for a time, then returns `value`, where one is given.
 *
 * Cancellation: ends the sleep and its timer at once.
 *
 * @param ms milliseconds; 0 and less give way once, as `tick()`; Infinity never ends; more than the host's timers can hold is fine
 * @throws RangeError for NaN, TypeError if `ms` is not a number, at the call.
 * @example
 * ```ts
 * import { run, sleep } from '@coloop/core';
 *
 * console.log(await run(() => sleep(20, 'awake'))); //> awake
 * ```
 * Source: `asyncio.sleep(delay, result)`, in milliseconds.
 */
export function sleep(ms: number): Operation<void>;
export function sleep<T>(ms: number, value: T): Operation<T>;
export function sleep<T>(ms: number, value?: T, ...more: unknown[]): Operation<T | undefined> {
  refuseMore('sleep(ms, value)', more);
  const delay = checkDuration('sleep', ms);
  return delay === 0 ? giveWayOnce(value) : new Sleep(delay, value);
}
