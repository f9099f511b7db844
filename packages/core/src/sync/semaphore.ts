/** `Semaphore`: a number of permits, and a list of the tasks that wait for one. */

import { WouldBlockError } from '../errors.ts';
import { checkCount, readOptions } from '../kernel/operation/options.ts';
import { sameScheduler } from '../kernel/operation/same-scheduler.ts';
import { type Selectable, selectable } from '../kernel/operation/selectable.ts';
import { Shown } from '../kernel/operation/shown.ts';
import type { Operation, Suspension, SuspensionHost, Waiter } from '../kernel/operation/suspension.ts';
import { ListedWait, WaitList } from '../kernel/operation/waitlist.ts';
import { DISPOSE } from './dispose.ts';

/** What `new Semaphore` takes. */
export interface SemaphoreOptions {
  /** How many permits there may be at most: to release more is an error. Without limit by default. */
  max?: number | undefined;
}

const OPTIONS = { max: 'count' } as const;

/** One permit, as `using` wants it: to dispose of it again does nothing. */
class Permit implements Disposable {
  #semaphore: Semaphore | null;

  constructor(semaphore: Semaphore) {
    this.#semaphore = semaphore;
  }

  [DISPOSE](): void {
    const semaphore = this.#semaphore;
    this.#semaphore = null;
    semaphore?.release();
  }
}

/**
 * Lets a limited number of tasks in at a time: first come, first served.
 *
 * Anybody may `release()` a permit, more often than it was acquired too, unless `max` is given. What `acquire` returned
 * gives its permit back once, when it is disposed of; use one of the two.
 *
 * Cancellation: of a task that waits touches nobody else; a permit that was handed over is held, cancelled or not.
 *
 * @example
 * ```ts
 * import { gather, run, Semaphore, sleep } from '@coloop/core';
 *
 * const seats = new Semaphore(2);
 *
 * function* guest(name: string) {
 *   using seat = yield* seats.acquire();
 *   console.log(`${name} sits`);
 *   yield* sleep(10);
 * }
 *
 * await run(() => gather([guest('Ada'), guest('Grace'), guest('Joan')]));
 * //> Ada sits
 * //> Grace sits
 * //> Joan sits
 * ```
 * Source: `asyncio.Semaphore`, and `BoundedSemaphore` with `max`.
 */
export class Semaphore extends Shown implements Selectable<Disposable> {
  #available: number;
  #scheduler: SuspensionHost | null = null;
  readonly #max: number;
  readonly #waits = new WaitList<PermitWait>();

  /**
   * @param permits how many there are at the start
   * @param options `max`: how many there may be at most
   * @throws RangeError if `value` is not a whole number from 0 up, or if `max` is below it.
   */
  constructor(permits: number, options: SemaphoreOptions = {}) {
    super();
    this.#available = checkCount('new Semaphore', permits, 0);
    const { max = Number.POSITIVE_INFINITY } = readOptions('new Semaphore', options, OPTIONS);
    if (max < permits) {
      throw new RangeError(
        `new Semaphore: the option 'max' is ${max}, less than the ${permits} permits at the start. Give a larger \`max\`.`,
      );
    }
    this.#max = max;
  }

  /** How many permits are free. */
  get available(): number {
    return this.#available;
  }

  /**
   * Waits for a permit and takes it.
   *
   * @returns what gives it back when it is disposed of, as by `using permit = yield* semaphore.acquire()`
   */
  acquire(): Operation<Disposable> {
    return new PermitWait(this);
  }

  /**
   * Takes a permit if one is free.
   *
   * @throws WouldBlockError if none is.
   */
  acquireNowait(): Disposable {
    this.#scheduler = sameScheduler(this.#scheduler, 'This semaphore');
    if (this.#take()) return new Permit(this);
    throw new WouldBlockError('acquireNowait found no permit free. Wait for one with `yield* semaphore.acquire()`.');
  }

  /**
   * Gives a permit back; the task that waits longest has it then.
   *
   * @throws RangeError when there would be more than `max`; nothing is changed then.
   */
  release(): void {
    this.#scheduler = sameScheduler(this.#scheduler, 'This semaphore');
    if (this.#available >= this.#max) {
      throw new RangeError(
        `release() of a semaphore whose permits are all free (max ${this.#max}): it was released more often than acquired.`,
      );
    }
    const next = this.#waits.shift();
    if (next === null) this.#available++;
    else next.wake(new Permit(this));
  }

  #take(): boolean {
    if (this.#available === 0) return false;
    this.#available--;
    return true;
  }

  /** @internal Takes a permit for a task. */
  claim(host: SuspensionHost): boolean {
    if (this.#scheduler !== host) this.#scheduler = sameScheduler(this.#scheduler, 'This semaphore');
    return this.#take();
  }

  /** @internal */
  queue(wait: PermitWait): void {
    this.#waits.push(wait);
  }

  /** @internal As a branch of `select`: what `acquire` gives. */
  [selectable](): Suspension<Disposable> {
    return new PermitWait(this);
  }
}

class PermitWait extends ListedWait<Disposable> {
  readonly #semaphore: Semaphore;

  constructor(semaphore: Semaphore) {
    super();
    this.#semaphore = semaphore;
  }

  get label(): string {
    return 'semaphore.acquire()';
  }

  poll(waiter: Waiter): boolean {
    return this.#semaphore.claim(waiter.scheduler) && this.finish(new Permit(this.#semaphore));
  }

  arm(): void {
    this.#semaphore.queue(this);
  }
}
