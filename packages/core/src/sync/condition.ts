/** `Condition`: a list of waits beside a lock, which each wait releases and takes again. */

import { checkCount, checkFunction, LIMIT, refuseMore, show } from '../kernel/operation/options.ts';
import { Shown } from '../kernel/operation/shown.ts';
import type { Operation, Suspension, Waiter } from '../kernel/operation/suspension.ts';
import { WaitList } from '../kernel/operation/waitlist.ts';
import { taskOf } from '../kernel/task/current.ts';
import { Frame, type Steps } from '../kernel/task/frame.ts';
import { Lock } from './lock.ts';
import { Claim, type Grant, type LockCore, type LockGrant, LockWait } from './lock-core.ts';

/** What is left of a type when it is known to be truthy. */
export type Truthy<T> = Exclude<T, false | 0 | 0n | '' | null | undefined>;

/**
 * Lets tasks that share a lock wait until one of them says that something has changed.
 *
 * `wait()` gives the lock up and takes it again before it returns, whatever happens: code that holds the lock goes on
 * holding it. A task that was notified may find that another one was faster, so wait in a loop, or with `waitFor`.
 *
 * Cancellation: a task that waits takes the lock again, then the cancel is thrown. If it had been notified and had not
 * got the lock yet, the notification goes to the next one.
 *
 * @example
 * ```ts
 * import { Condition, run, spawn, tick } from '@coloop/core';
 *
 * const changed = new Condition();
 * let stock = 0;
 *
 * function* buyer() {
 *   using held = yield* changed.acquire();
 *   yield* changed.waitFor(() => stock > 0);
 *   console.log('bought', stock--);
 * }
 *
 * await run(function* () {
 *   spawn(buyer());
 *   yield* tick();
 *   using held = yield* changed.acquire();
 *   stock = 1;
 *   changed.notify(); //> bought 1
 * });
 * ```
 * Source: `asyncio.Condition`.
 */
export class Condition extends Shown {
  readonly #lock: Lock;
  /** The tasks that wait for a notification. */
  readonly #waits = new WaitList<ConditionWait>();

  /**
   * @param lock a lock to share with others; one of its own by default
   * @throws TypeError if `lock` is not a lock.
   */
  constructor(lock: Lock = new Lock()) {
    super();
    if (!(lock instanceof Lock)) throw new TypeError(`new Condition takes a Lock, not ${show(lock)}.`);
    this.#lock = lock;
  }

  /** Whether somebody holds the lock. */
  get locked(): boolean {
    return this.#lock.locked;
  }

  /** Waits for the lock and takes it, as `lock.acquire()`. */
  acquire(): Operation<Grant>;
  acquire(...more: unknown[]): Operation<Grant> {
    refuseMore('condition.acquire()', more, LIMIT);
    return this.#lock.acquire();
  }

  /**
   * Takes the lock if it is free.
   *
   * @throws WouldBlockError if it is not.
   */
  acquireNowait(): Grant {
    return this.#lock.acquireNowait();
  }

  /**
   * Gives the lock back.
   *
   * @throws Error when nobody holds it, or another task does.
   */
  release(): void {
    this.#lock.release();
  }

  /**
   * Gives the lock up, waits until it is notified, and takes the lock again.
   *
   * @throws Error when the running task does not hold the lock.
   */
  wait(): Operation<void>;
  wait(...more: unknown[]): Operation<void> {
    refuseMore('condition.wait()', more, LIMIT);
    return new ConditionFrame<void>(this, this.#lock.core, null);
  }

  /**
   * Waits until `predicate` gives something truthy, and returns that. It is called with the lock held: at once, and
   * after every notification.
   *
   * @throws Error when the running task does not hold the lock; what the predicate throws.
   */
  waitFor<T>(predicate: () => T): Operation<Truthy<T>>;
  waitFor<T>(predicate: () => T, ...more: unknown[]): Operation<Truthy<T>> {
    refuseMore('condition.waitFor(predicate)', more, LIMIT);
    return new ConditionFrame<Truthy<T>>(
      this,
      this.#lock.core,
      checkFunction('condition.waitFor', predicate) as () => Truthy<T>,
    );
  }

  /**
   * Lets `n` of the tasks that wait go on, those that wait longest first, once they can have the lock.
   *
   * @throws Error when the running task does not hold the lock.
   */
  notify(n = 1): void {
    const count = checkCount('condition.notify', n, 0, true);
    this.#lock.core.held('condition.notify()');
    for (let i = 0; i < count && this.passOn(); i++);
  }

  /**
   * Lets all go on that wait.
   *
   * @throws Error when the running task does not hold the lock.
   */
  notifyAll(): void {
    this.#lock.core.held('condition.notifyAll()');
    while (this.passOn());
  }

  /** @internal Moves the one that waits longest to the queue of the lock; false when nobody waits. */
  passOn(): boolean {
    const wait = this.#waits.shift();
    wait?.notified();
    return wait !== null;
  }

  /** @internal */
  add(wait: ConditionWait): void {
    this.#waits.push(wait);
  }
}

/** A wait in two parts: among those of the condition until it is notified, then in the queue of the lock. */
class ConditionWait extends Claim<void> {
  /** The grant that was released, and is to be held again. */
  grant: LockGrant;
  readonly #condition: Condition;
  readonly #core: LockCore;
  #isNotified = false;
  /** Whether the lock was released. */
  gaveUp = false;

  constructor(condition: Condition, core: LockCore, grant: LockGrant) {
    super();
    this.#condition = condition;
    this.#core = core;
    this.grant = grant;
  }

  get label(): string {
    return this.#isNotified ? 'the lock of condition.wait()' : 'condition.wait()';
  }

  override get waitsFor(): unknown {
    return this.#isNotified ? (this.#core.grant?.holder ?? undefined) : undefined;
  }

  /** Asked a second time only where it had been notified, and the holder of the lock has ended. */
  poll(waiter: Waiter): boolean {
    return this.#isNotified && this.#core.take(this.grant, taskOf(waiter)) && this.finish(undefined);
  }

  /** The lock is released only here: between that and the wait nobody can notify. */
  arm(): void {
    if (this.#isNotified) {
      this.#core.queue(this);
      return;
    }
    this.#condition.add(this);
    this.gaveUp = true;
    this.grant.run();
  }

  override disarm(): void {
    super.disarm();
    if (this.#isNotified) this.#condition.passOn();
  }

  /** A task that notifies holds the lock, so it has to be waited for. */
  notified(): void {
    this.#isNotified = true;
    this.#core.queue(this);
  }

  granted(): void {
    this.wake();
  }
}

class ConditionFrame<T> extends Frame<T> {
  readonly #condition: Condition;
  readonly #core: LockCore;
  readonly #predicate: (() => T) | null;

  constructor(condition: Condition, core: LockCore, predicate: (() => T) | null) {
    super();
    this.#condition = condition;
    this.#core = core;
    this.#predicate = predicate;
  }

  get label(): string {
    return this.#predicate === null ? 'condition.wait()' : 'condition.waitFor()';
  }

  protected open(): Steps {
    const grant = this.#core.held(this.label);
    const predicate = this.#predicate;
    if (predicate === null) return waitOnce(this.#condition, this.#core, grant);
    return waitUntil(this.#condition, this.#core, grant, predicate);
  }
}

function* waitOnce(condition: Condition, core: LockCore, grant: LockGrant): Generator<Suspension, void, unknown> {
  const wait = new ConditionWait(condition, core, grant);
  try {
    yield* wait;
  } catch (error) {
    // The code around holds the lock; its cleanup may rely on that.
    if (wait.gaveUp) yield* new LockWait(core, grant);
    throw error;
  }
}

function* waitUntil<T>(
  condition: Condition,
  core: LockCore,
  grant: LockGrant,
  predicate: () => T,
): Generator<Suspension, T, unknown> {
  for (;;) {
    const value = predicate();
    if (value) return value;
    yield* waitOnce(condition, core, grant);
  }
}
