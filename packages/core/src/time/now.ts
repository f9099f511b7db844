import { defaultScheduler } from '../kernel/scheduler/run.ts';

/**
 * Milliseconds on the clock of the running task's scheduler; only differences mean anything. Virtual time starts at 0.
 *
 * @example
 * ```ts
 * import { now, run, sleep } from '@coloop/core';
 *
 * await run(function* () {
 *   const start = now();
 *   yield* sleep(20);
 *   console.log(now() - start >= 20); //> true
 * });
 * ```
 * Source: `loop.time()`.
 */
export function now(): number {
  return defaultScheduler().now();
}
