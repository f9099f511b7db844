/** `Barrier`: a list of waits that is emptied when it is full. */

import { BrokenBarrierError } from '../errors.ts';
import { checkCount, LIMIT, refuseMore } from '../kernel/operation/options.ts';
import { sameScheduler } from '../kernel/operation/same-scheduler.ts';
import { type Selectable, selectable } from '../kernel/operation/selectable.ts';
import { Shown } from '../kernel/operation/shown.ts';
import type { Operation, Suspension, SuspensionHost, Waiter } from '../kernel/operation/suspension.ts';
import { ListedWait, WaitList } from '../kernel/operation/waitlist.ts';

/**
 * A point where a number of tasks wait for each other: the last one to come lets all of them go on, and the next round
 * begins.
 *
 * | state   | meaning                              | `wait()`                        | `reset()`                | `abort()`              |
 * | ------- | ------------------------------------ | ------------------------------- | ------------------------ | ---------------------- |
 * | filling | fewer than `parties` wait            | waits; the last one frees all   | all that wait get the error | broken, likewise       |
 * | broken  | nobody waits, nobody may             | `BrokenBarrierError`            | filling                  | nothing changes        |
 *
 * Cancellation: a task that waits leaves; the others go on waiting for the full number.
 *
 * @example
 * ```ts
 * import { Barrier, gather, run, sleep } from '@coloop/core';
 *
 * const start = new Barrier(2);
 *
 * function* runner(name: string, ms: number) {
 *   yield* sleep(ms);
 *   console.log(`${name} is ready`);
 *   yield* start.wait();
 *   console.log(`${name} runs`);
 * }
 *
 * await run(() => gather([runner('Ada', 10), runner('Grace', 5)]));
 * //> Grace is ready
 * //> Ada is ready
 * //> Ada runs
 * //> Grace runs
 * ```
 * Source: `asyncio.Barrier`; its draining takes no time here, as all are woken at once.
 */
export class Barrier extends Shown implements Selectable<number> {
  /** How many it takes. */
  readonly parties: number;
  #broken = false;
  #scheduler: SuspensionHost | null = null;
  readonly #waits = new WaitList<BarrierWait>();

  /** @throws RangeError if `parties` is not a whole number from 1 up. */
  constructor(parties: number);
  constructor(parties: number, ...more: unknown[]) {
    super();
    refuseMore('new Barrier(parties)', more);
    this.parties = checkCount('new Barrier', parties);
  }

  /** How many wait now. */
  get waiting(): number {
    return this.#waits.size;
  }

  /** Whether it was aborted. */
  get broken(): boolean {
    return this.#broken;
  }

  /**
   * Waits until `parties` tasks wait.
   *
   * @returns a number from 0 up to `parties`, another one for each task of the round, in the order in which they came
   * @throws BrokenBarrierError when the barrier is broken, or is reset or aborted meanwhile.
   */
  wait(): Operation<number>;
  wait(...more: unknown[]): Operation<number> {
    refuseMore('barrier.wait()', more, LIMIT);
    return new BarrierWait(this);
  }

  /** Starts anew, broken or not: each task that waits gets `BrokenBarrierError`. */
  reset(): void {
    this.#scheduler = sameScheduler(this.#scheduler, 'This barrier');
    this.#broken = false;
    this.#turnAway('The barrier was reset while tasks waited at it. Let all of them come again.');
  }

  /** Breaks the barrier: each task that waits or comes gets `BrokenBarrierError`, until it is reset. */
  abort(): void {
    this.#scheduler = sameScheduler(this.#scheduler, 'This barrier');
    this.#broken = true;
    this.#turnAway('The barrier was aborted while tasks waited at it.');
  }

  #turnAway(why: string): void {
    if (this.#waits.size === 0) return;
    const error = new BrokenBarrierError(why);
    for (let wait = this.#waits.shift(); wait !== null; wait = this.#waits.shift()) wait.fail(error);
  }

  /** @internal Lets all go on if the one that comes now is the last. */
  arrive(host: SuspensionHost): boolean {
    if (this.#scheduler !== host) this.#scheduler = sameScheduler(this.#scheduler, 'This barrier');
    if (this.#broken) {
      throw new BrokenBarrierError('The barrier was aborted: nobody can wait at it until it is reset.');
    }
    if (this.#waits.size + 1 < this.parties) return false;
    let index = 0;
    for (let wait = this.#waits.shift(); wait !== null; wait = this.#waits.shift()) wait.wake(index++);
    return true;
  }

  /** @internal */
  add(wait: BarrierWait): void {
    this.#waits.push(wait);
  }

  /** @internal As a branch of `select`: it counts as a task that waits, as long as the others do not come first. */
  [selectable](): Suspension<number> {
    return new BarrierWait(this);
  }
}

class BarrierWait extends ListedWait<number> {
  readonly #barrier: Barrier;

  constructor(barrier: Barrier) {
    super();
    this.#barrier = barrier;
  }

  get label(): string {
    return `barrier.wait() (${this.#barrier.waiting} of ${this.#barrier.parties})`;
  }

  poll(waiter: Waiter): boolean {
    return this.#barrier.arrive(waiter.scheduler) && this.finish(this.#barrier.parties - 1);
  }

  arm(): void {
    this.#barrier.add(this);
  }
}
