/** `Future`: a value that is given once, and a list of the tasks that wait for it. */

import { WouldBlockError } from '../errors.ts';
import { refuseMore } from '../kernel/operation/options.ts';
import { sameScheduler } from '../kernel/operation/same-scheduler.ts';
import { type Selectable, selectable } from '../kernel/operation/selectable.ts';
import { Shown } from '../kernel/operation/shown.ts';
import type { Operation, Suspension, SuspensionHost, Waiter } from '../kernel/operation/suspension.ts';
import { ListedWait, WaitList } from '../kernel/operation/waitlist.ts';

const PENDING = 0;
const RESOLVED = 1;
const REJECTED = 2;

/**
 * A value that comes later, from anywhere: `yield* future` waits for it, in any number of tasks, any number of times.
 *
 * Cancellation: of a task that waits touches neither the future nor the others.
 *
 * @example
 * ```ts
 * import { Future, run, spawn, tick } from '@coloop/core';
 *
 * const answer = new Future<number>();
 *
 * function* ask() {
 *   console.log(yield* answer);
 * }
 *
 * await run(function* () {
 *   spawn(ask());
 *   yield* tick();
 *   answer.resolve(42); //> 42
 * });
 * ```
 * Source: `asyncio.Future`; a promise that is settled from outside.
 */
export class Future<T> extends Shown implements Operation<T>, Selectable<T> {
  #state = PENDING;
  #outcome: unknown = undefined;
  #scheduler: SuspensionHost | null = null;
  readonly #waits = new WaitList<FutureWait<T>>();

  constructor();
  constructor(...more: unknown[]) {
    super();
    refuseMore('new Future()', more, 'Call its `resolve(value)` or `reject(error)`, or write `until(new Promise(…))`.');
  }

  /** Whether the value, or the error, is there. */
  get done(): boolean {
    return this.#state !== PENDING;
  }

  /**
   * Gives the value to all that wait, and to all that will.
   *
   * @throws Error when the future is done.
   */
  resolve(value: T): void {
    this.#settle(RESOLVED, value, 'resolve');
    for (let wait = this.#waits.shift(); wait !== null; wait = this.#waits.shift()) wait.wake(value);
  }

  /**
   * Throws `error` in all that wait, and in all that will.
   *
   * @throws Error when the future is done.
   */
  reject(error: unknown): void {
    this.#settle(REJECTED, error, 'reject');
    for (let wait = this.#waits.shift(); wait !== null; wait = this.#waits.shift()) wait.fail(error);
  }

  #settle(state: number, outcome: unknown, what: string): void {
    this.#scheduler = sameScheduler(this.#scheduler, 'This future');
    if (this.#state !== PENDING) {
      throw new Error(
        `${what}() on a future that was ${this.#state === RESOLVED ? 'resolved' : 'rejected'} already. Look at \`future.done\` first.`,
      );
    }
    this.#state = state;
    this.#outcome = outcome;
  }

  /**
   * The value, without waiting.
   *
   * @throws WouldBlockError while it is not there; the error of a rejected future.
   */
  result(): T {
    if (this.#state === RESOLVED) return this.#outcome as T;
    if (this.#state === REJECTED) throw this.#outcome;
    throw new WouldBlockError('result() of a future that is not done. Wait for it with `yield* future`.');
  }

  /** @internal Its result, if it is done; every wait by a task passes here. */
  claim(host: SuspensionHost): boolean {
    if (this.#scheduler !== host) this.#scheduler = sameScheduler(this.#scheduler, 'This future');
    return this.#state !== PENDING;
  }

  /** @internal */
  add(wait: FutureWait<T>): void {
    this.#waits.push(wait);
  }

  [Symbol.iterator](): Iterator<Suspension, T, unknown> {
    return new FutureWait(this);
  }

  /** @internal As a branch of `select`: its value. */
  [selectable](): Suspension<T> {
    return new FutureWait(this);
  }
}

class FutureWait<T> extends ListedWait<T> {
  readonly #future: Future<T>;

  constructor(future: Future<T>) {
    super();
    this.#future = future;
  }

  get label(): string {
    return 'a future';
  }

  poll(waiter: Waiter): boolean {
    return this.#future.claim(waiter.scheduler) && this.finish(this.#future.result());
  }

  arm(): void {
    this.#future.add(this);
  }
}
