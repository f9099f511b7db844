import type { Clock } from '../kernel/clock.ts';
import { readOptions, show } from '../kernel/options.ts';
import { Scheduler } from '../kernel/scheduler.ts';
import type { Body } from '../kernel/suspension.ts';
import { toDeadlockError } from './deadlock.ts';
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
 * At the end nothing may be left: tasks, timers, listeners and resources that are still there fail the test, each named
 * with the place of its creation.
 *
 * Cancellation: after a failure all that is left is cancelled, and its cleanups run, before the promise rejects.
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
 * Source: Kotlin's `runTest`, Trio's `autojump_clock`.
 */
export async function runTest<T>(body: Body<T>, options: RunTestOptions = {}): Promise<T> {
  const { seed = DEFAULT_SEED, clock = new VirtualClock() } = readOptions('runTest', options, OPTIONS);
  const chance = new SeededRandom(checkSeed('runTest', seed));
  const scheduler = new Scheduler({
    clock,
    random: () => chance.next(),
    entropy: (bytes) => chance.fill(bytes),
    debug: true,
  });
  return await settle(scheduler, body);
}

/** A seed is any finite number. */
export function checkSeed(what: string, seed: unknown): number {
  if (typeof seed === 'number' && Number.isFinite(seed)) return seed;
  throw new TypeError(`${what} takes a finite number as seed, not ${show(seed)}.`);
}

/** Runs `body` to its end on `scheduler`, whose clock can find deadlocks; a leak is a failure, and nothing is left behind. */
export async function settle<T>(scheduler: Scheduler, body: Body<T>): Promise<T> {
  let deadlocked: (() => void) | null = null;
  scheduler.onDeadlock = () => {
    if (scheduler.roots.size > 0) deadlocked?.();
  };
  const stuck = (): Promise<void> =>
    new Promise((resolve) => {
      deadlocked = resolve;
    });
  const windDown = async (): Promise<void> => {
    if (scheduler.roots.size > 0) await Promise.race([scheduler.close('the test has ended'), stuck()]);
  };
  let value: T;
  try {
    value = await Promise.race([
      scheduler.run(body),
      stuck().then(() => {
        throw toDeadlockError(scheduler);
      }),
    ]);
  } catch (error) {
    await windDown();
    throw error;
  }
  const leaks = describeLeaks(scheduler);
  if (leaks === null) return value;
  await windDown();
  throw new Error(leaks);
}
