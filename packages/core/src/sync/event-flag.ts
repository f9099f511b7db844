/** `EventFlag`: a boolean, and a list of the tasks that wait until it is true. */

import { LIMIT, refuseMore } from '../kernel/operation/options.ts';
import { sameScheduler } from '../kernel/operation/same-scheduler.ts';
import { type Selectable, selectable } from '../kernel/operation/selectable.ts';
import { Shown } from '../kernel/operation/shown.ts';
import type { Operation, Suspension, SuspensionHost, Waiter } from '../kernel/operation/suspension.ts';
import { ListedWait, WaitList } from '../kernel/operation/waitlist.ts';

/**
 * A flag that tasks can wait for: `set()` lets all of them go on.
 *
 * A task that was woken goes on, even if the flag is cleared before its turn comes.
 *
 * Cancellation: of a task that waits touches nobody else.
 *
 * @example
 * ```ts
 * import { EventFlag, run, spawn, tick } from '@coloop/core';
 *
 * const start = new EventFlag();
 *
 * function* runner(name: string) {
 *   yield* start.wait();
 *   console.log(`${name} runs`);
 * }
 *
 * await run(function* () {
 *   spawn(runner('Ada'));
 *   spawn(runner('Grace'));
 *   yield* tick();
 *   start.set();
 *   //> Ada runs
 *   //> Grace runs
 * });
 * ```
 * Source: `asyncio.Event`; the platform's `Event` is something else.
 */
export class EventFlag extends Shown implements Selectable<void> {
  #isSet = false;
  #scheduler: SuspensionHost | null = null;
  readonly #waits = new WaitList<FlagWait>();

  constructor();
  constructor(...more: unknown[]) {
    super();
    refuseMore('new EventFlag()', more, 'Call its `set()`.');
  }

  /** Whether it is set: `wait()` returns at once then. */
  get isSet(): boolean {
    return this.#isSet;
  }

  /** Sets the flag and lets all go on that wait. */
  set(): void {
    this.#scheduler = sameScheduler(this.#scheduler, 'This flag');
    this.#isSet = true;
    for (let wait = this.#waits.shift(); wait !== null; wait = this.#waits.shift()) wait.wake();
  }

  /** Clears the flag: a wait that begins from now on waits for the next `set()`. */
  clear(): void {
    this.#scheduler = sameScheduler(this.#scheduler, 'This flag');
    this.#isSet = false;
  }

  /** Waits until the flag is set; returns at once if it is. */
  wait(): Operation<void>;
  wait(...more: unknown[]): Operation<void> {
    refuseMore('flag.wait()', more, LIMIT);
    return new FlagWait(this);
  }

  /** @internal Whether it is set; every wait by a task passes here. */
  claim(host: SuspensionHost): boolean {
    if (this.#scheduler !== host) this.#scheduler = sameScheduler(this.#scheduler, 'This flag');
    return this.#isSet;
  }

  /** @internal */
  add(wait: FlagWait): void {
    this.#waits.push(wait);
  }

  /** @internal As a branch of `select`. */
  [selectable](): Suspension<void> {
    return new FlagWait(this);
  }
}

class FlagWait extends ListedWait<void> {
  readonly #flag: EventFlag;

  constructor(flag: EventFlag) {
    super();
    this.#flag = flag;
  }

  get label(): string {
    return 'flag.wait()';
  }

  poll(waiter: Waiter): boolean {
    return this.#flag.claim(waiter.scheduler);
  }

  arm(): void {
    this.#flag.add(this);
  }
}
