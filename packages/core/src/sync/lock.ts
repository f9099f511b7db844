/** `Lock`: the public words for a lock; lock-core.ts does the work, for `Condition` too. */
import { LIMIT, readOptions, refuseMore } from '../kernel/operation/options.ts';
import { type Selectable, selectable } from '../kernel/operation/selectable.ts';
import { Shown } from '../kernel/operation/shown.ts';
import type { Operation, Suspension } from '../kernel/operation/suspension.ts';
import { type Grant, LockCore, LockGrant, LockWait } from './lock-core.ts';

/** What `new Lock` takes. */
export interface LockOptions {
  /** How errors and pictures call it. */
  name?: string | undefined;
}

const OPTIONS = { name: 'string' } as const;

/**
 * Keeps a part of a program to one task at a time: first come, first served.
 *
 * Only the task that holds it may `release()` it. What `acquire` returned gives it back too, once, by any task that disposes
 * of it, as `using` does; `handTo(task)` lets another task hold it. It is not re-entrant: to acquire it twice is an error
 * rather than a wait without end. What a branch of `gather` or `race` holds passes to the caller when it succeeds, and is
 * given back when it fails or loses.
 *
 * A task that ends while it holds the lock breaks it, unless the grant is (a part of) its result: who waits, and who
 * comes, gets `BrokenLockError`, until somebody disposes of the grant.
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
export class Lock extends Shown implements Selectable<Grant> {
  /** @internal */
  readonly core: LockCore;

  /** @param options `name`: how errors and pictures call it */
  constructor(options: LockOptions = {}) {
    super();
    this.core = new LockCore(readOptions('new Lock', options, OPTIONS).name);
  }

  /** Whether somebody holds it. */
  get locked(): boolean {
    return this.core.grant !== null;
  }

  /**
   * Waits until the lock is free and takes it.
   *
   * @returns what gives it back when it is disposed of, as by `using held = yield* lock.acquire()`
   * @throws Error when the running task holds it already; BrokenLockError when its holder has ended, also while waiting.
   */
  acquire(): Operation<Grant>;
  acquire(...more: unknown[]): Operation<Grant> {
    refuseMore('lock.acquire()', more, LIMIT);
    return new LockWait(this.core, new LockGrant(this.core));
  }

  /**
   * Takes the lock if it is free.
   *
   * @throws WouldBlockError if it is not; BrokenLockError when its holder has ended.
   */
  acquireNowait(): Grant {
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
  [selectable](): Suspension<Grant> {
    return new LockWait(this.core, new LockGrant(this.core));
  }
}
