import type { Clock } from '../kernel/clock/clock.ts';
import { readOptions } from '../kernel/operation/options.ts';
import type { Body } from '../kernel/operation/suspension.ts';
import { Scheduler } from '../kernel/scheduler/scheduler.ts';
import { withoutOurLines } from '../kernel/stack/trail.ts';
import { toDeadlockError } from './deadlock.ts';
import { describeLeaks } from './leaks.ts';
import { checkSeed, SeededRandom } from './seeded.ts';
import { type RunOutcome, settle } from './settle.ts';
import { Traps } from './traps.ts';
import { VirtualClock } from './virtual-clock.ts';

/** What `runTest` takes. */
export interface RunTestOptions {
  /** Decides what `random()` gives; any number, 1 by default. */
  seed?: number | undefined;
  /** A clock in place of a new `VirtualClock`. */
  clock?: Clock | undefined;
  /** Whether time stands still while a promise, a file or a real server is waited for; false by default. */
  holdForHost?: boolean | undefined;
  /** Whether the host's clock, chance and timers fail when a task uses them, naming the word to use instead; false by default. */
  trap?: boolean | undefined;
}

const OPTIONS = { seed: 'any', clock: 'any', holdForHost: 'boolean', trap: 'boolean' } as const;
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
 * @param options `seed`, any number; `holdForHost` for tests that also talk to the real world; `clock` in place of a new
 *   `VirtualClock`; `trap` to find uses of the host's time and chance
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
  const given = readOptions('runTest', options, OPTIONS);
  if (given.clock !== undefined && given.holdForHost !== undefined) {
    throw new TypeError(
      'runTest takes a clock or holdForHost: give it to the clock, `new VirtualClock({ holdForHost: true })`.',
    );
  }
  const { seed = DEFAULT_SEED, holdForHost, clock = new VirtualClock({ holdForHost }), trap = false } = given;
  const chance = new SeededRandom(checkSeed('runTest', seed));
  const scheduler = new Scheduler({
    clock,
    random: () => chance.next(),
    entropy: (bytes) => chance.fill(bytes),
    debug: true,
  });
  const traps = trap ? new Traps() : null;
  traps?.begin();
  const settled = await settle(scheduler, body);
  const trapped = traps?.end() ?? null;
  const error = trapped === null ? errorOf(scheduler, settled) : { error: trapped };
  await settled.windDown();
  if (error !== null) throw error.error;
  return (settled as { value: T }).value;
}

function errorOf(scheduler: Scheduler, settled: RunOutcome<unknown>): { error: unknown } | null {
  if (settled.end === 'failed') return settled;
  if (settled.end === 'stuck') return { error: toDeadlockError(scheduler) };
  const leaks = describeLeaks(scheduler);
  return leaks === null ? null : { error: withoutOurLines(new Error(leaks)) };
}
