import { DeadlockError } from '../errors.ts';
import { formatTree } from '../inspect/format-tree.ts';
import { taskTree } from '../inspect/tree.ts';
import type { Clock } from '../kernel/clock.ts';
import { readOptions } from '../kernel/options.ts';
import { Scheduler } from '../kernel/scheduler.ts';
import type { Body } from '../kernel/suspension.ts';
import { describeLeaks } from './leaks.ts';
import { SeededRandom } from './seeded.ts';
import { VirtualClock } from './virtual-clock.ts';

/** What `runTest` takes. */
export interface RunTestOptions {
  /** Decides what `random()` gives; any number, 1 by default. */
  seed?: number | undefined;
  /** A clock in place of a new `VirtualClock`. */
  clock?: Clock | undefined;
}

const OPTIONS = { seed: 'any', clock: 'any' } as const;
const DEFAULT_SEED = 1;

/**
 * Runs a test in a scheduler of its own, on virtual time: sleeps take no time, and `random()` is decided by a seed.
 *
 * At the end nothing may be left: tasks, timers or listeners that are still there fail the test.
 *
 * @param body an operation, or a function that returns one
 * @param options `seed`, any number; `clock` in place of a new `VirtualClock`
 * @returns a promise of the body's value; it rejects with the body's own error, with a `DeadlockError` when nothing can
 *   ever run again (where only the host could go on, after 1 s of real time), or with an `Error` that names what was left
 * @example
 * ```ts
 * import { now, sleep } from '@coloop/core';
 * import { runTest } from '@coloop/core/testing';
 *
 * await runTest(function* () {
 *   yield* sleep(450_000);
 *   console.log(now()); //> 450000
 * });
 * ```
 * Source: Kotlin's `runTest`.
 */
export async function runTest<T>(body: Body<T>, options: RunTestOptions = {}): Promise<T> {
  const { seed = DEFAULT_SEED, clock = new VirtualClock() } = readOptions('runTest', options, OPTIONS);
  if (typeof seed !== 'number' || !Number.isFinite(seed))
    throw new TypeError(`runTest takes a finite number as seed, not ${seed}.`);
  const chance = new SeededRandom(seed);
  const scheduler = new Scheduler({
    clock,
    random: () => chance.next(),
    entropy: (bytes) => chance.fill(bytes),
    debug: true,
  });
  const deadlock = new Promise<never>((_, reject) => {
    scheduler.onDeadlock = () => {
      if (scheduler.roots.size > 0) onDeadlock(scheduler, reject);
    };
  });
  try {
    const value = await Promise.race([deadlock, scheduler.run(body)]);
    const leaks = describeLeaks(scheduler);
    if (leaks !== null) throw new Error(leaks);
    return value;
  } finally {
    // What is left after a failure must not run into the next test.
    if (scheduler.roots.size > 0) void scheduler.close('the test has ended');
  }
}

function onDeadlock(scheduler: Scheduler, reject: (error: DeadlockError) => void): void {
  const host =
    scheduler.hostWaits > 0
      ? `${scheduler.hostWaits} wait for the host, which has done nothing for 1 s`
      : 'no timer is left and the host has nothing to give';
  reject(new DeadlockError(`Nothing can ever run again: ${host}.\n${formatTree(taskTree(scheduler), '  ')}`.trimEnd()));
}
