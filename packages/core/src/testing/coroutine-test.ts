import type { Clock } from '../kernel/clock/clock.ts';
import { checkFunction, readOptions } from '../kernel/operation/options.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import { runTest } from './run-test.ts';

/** What `coroutineTest` takes. */
export interface CoroutineTestOptions {
  /** Decides what `random()` gives; any number, 1 by default. */
  seed?: number | undefined;
  /** Makes the clock of each run, in place of a new `VirtualClock`. */
  clock?: (() => Clock) | undefined;
  /** As of `runTest`. */
  trap?: boolean | undefined;
}

const OPTIONS = { seed: 'any', clock: 'function', trap: 'boolean' } as const;

/**
 * Makes a generator function a test function for vitest, Node's own runner, and any other that takes async functions:
 * it runs as `runTest` runs it. `this` and the runner's arguments are passed on.
 *
 * @param body a generator function
 * @param options as of `runTest`, but with a function that makes the clock, since a test may be run again
 * @example
 * ```ts no-run
 * import { sleep } from '@coloop/core';
 * import { coroutineTest } from '@coloop/core/testing';
 * import { test } from 'vitest';
 *
 * test('a nap of an hour takes no time', coroutineTest(function* () {
 *   yield* sleep(3_600_000);
 * }));
 * ```
 * Source: pytest-trio's and pytest-asyncio's test functions.
 */
export function coroutineTest<Args extends readonly unknown[], This = unknown>(
  body: (this: This, ...args: Args) => Operation<unknown>,
  options: CoroutineTestOptions = {},
): (this: This, ...args: Args) => Promise<void> {
  checkFunction('coroutineTest', body);
  const { seed, clock, trap } = readOptions('coroutineTest', options, OPTIONS);
  const test = async function (this: This, ...args: Args): Promise<void> {
    await runTest(() => body.apply(this, args as unknown as Args & unknown[]), { seed, clock: clock?.(), trap });
  };
  // Vitest reads from the text of a test which fixtures it uses.
  return Object.defineProperties(test, {
    name: { value: body.name, configurable: true },
    toString: { value: () => body.toString(), configurable: true, writable: true },
  });
}
