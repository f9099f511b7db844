/** `Lock`: the public words for a lock; lock-core.ts does the work, for `Condition` too. */

import { type Selectable, selectable } from '../kernel/operation/selectable.ts';
import { Shown } from '../kernel/operation/shown.ts';
import type { Operation, Suspension } from '../kernel/operation/suspension.ts';
import { Grant, LockCore, LockWait } from './lock-core.ts';

/**
 * Keeps a part of a program to one task at a time: first come, first served.
 *
 * Only the task that holds it may `release()` it. What `acquire` returned gives it back too, once, by any task that disposes
 * of it, as `using` does. It is not re-entrant: to acquire it twice is an error rather than a wait without end.
 *
 * Cancellation: of a task that waits touches nobody else; a lock that was handed over is held, cancelled or not.
 *
 * @example
 * ```ts
 * import { Lock, run, sleep, spawn } from '@coloop/core';
 *
 * const lock = new Lock();
 *
 * function* careful(name: string) {
 *   using held = yield* lock.acquire();
 *   console.log(`${name} in`);
 *   yield* sleep(10);
 *   console.log(`${name} out`);
 * }
 *
 * await run(function* () {
 *   spawn(careful('Ada'));
 *   spawn(careful('Grace'));
 *   //> Ada in
 *   //> Ada out
 *   //> Grace in
 *   //> Grace out
 * });
 * ```
 * Source: `asyncio.Lock`, with Trio's rule that only the holder may release.
 */
export class Lock extends Shown implements Selectable<Disposable> {
  /** @internal */
  readonly core = new LockCore();

  /** Whether somebody holds it. */
  get locked(): boolean {
    return this.core.grant !== null;
  }

  /**
   * Waits until the lock is free and takes it.
   *
   * @returns what gives it back when it is disposed of, as by `using held = yield* lock.acquire()`
   * @throws Error when the running task holds it already.
   */
  acquire(): Operation<Disposable> {
    return new LockWait(this.core, new Grant(this.core));
  }

  /**
   * Takes the lock if it is free.
   *
   * @throws WouldBlockError if it is not.
   */
  acquireNowait(): Disposable {
    return this.core.takeNowait();
  }

  /**
   * Gives the lock back; the task that waits longest has it then.
   *
   * @throws Error when nobody holds it, or another task does; nothing is changed then.
   */
  release(): void {
    this.core.held('lock.release()');
    this.core.pass();
  }

  /** @internal As a branch of `select`: what `acquire` gives. */
  [selectable](): Suspension<Disposable> {
    return new LockWait(this.core, new Grant(this.core));
  }
}
