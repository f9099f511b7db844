/** `after`: time as a branch of `select`. */
import type { TimerEntry } from '../kernel/clock/timers.ts';
import { checkDuration, refuseMore } from '../kernel/operation/options.ts';
import { type Selectable, selectable } from '../kernel/operation/selectable.ts';
import { Suspension, type Waiter } from '../kernel/operation/suspension.ts';
import { taskOf } from '../kernel/task/current.ts';
import type { Task } from '../kernel/task/task.ts';

class AfterWait extends Suspension<void> implements TimerEntry {
  slot = -1;
  readonly #ms: number;
  #task: Task | null = null;

  constructor(ms: number) {
    super();
    this.#ms = ms;
  }

  get label(): string {
    return `after(${this.#ms})`;
  }

  poll(waiter: Waiter): boolean {
    this.#task = taskOf(waiter);
    return this.#ms === 0;
  }

  arm(): void {
    const { scheduler } = this.#task as Task;
    if (this.#ms !== Number.POSITIVE_INFINITY) scheduler.addTimer(this, scheduler.now() + this.#ms);
  }

  disarm(): void {
    this.#task?.scheduler.removeTimer(this);
  }

  fire(): void {
    this.wake(undefined);
  }
}

class After implements Selectable<void> {
  readonly #ms: number;

  constructor(ms: number) {
    this.#ms = ms;
  }

  [selectable](): Suspension<void> {
    return new AfterWait(this.#ms);
  }
}

/**
 * A branch of `select` that is ready when a time has passed, counted from the `select`. Its value is undefined.
 *
 * It can be kept and used again: every `select` starts it anew.
 *
 * @param ms milliseconds; 0 and less are ready at once; Infinity never is
 * @throws RangeError for NaN, TypeError if `ms` is not a number, at the call.
 * @example
 * ```ts
 * import { after, Queue, run, select } from '@coloop/core';
 *
 * const jobs = new Queue<string>();
 * const { key } = await run(() => select({ job: jobs, late: after(10) }));
 * console.log(key); //> late
 * ```
 * Source: Go's `time.After`, which starts at its call.
 */
export function after(ms: number): Selectable<void>;
export function after(ms: number, ...more: unknown[]): Selectable<void> {
  refuseMore('after(ms)', more);
  return new After(checkDuration('after', ms));
}
