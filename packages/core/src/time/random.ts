import { refuseMore } from '../kernel/operation/options.ts';
import { defaultScheduler } from '../kernel/scheduler/run.ts';

/**
 * A number from 0 up to 1 from the running task's scheduler: seeded in tests, so that they repeat exactly.
 *
 * @example
 * ```ts
 * import { random, run } from '@coloop/core';
 *
 * await run(function* () {
 *   console.log(random() < 1); //> true
 * });
 * ```
 */
export function random(): number;
export function random(...more: unknown[]): number {
  refuseMore('random()', more, 'It gives a number from 0 up to 1: multiply that.');
  return defaultScheduler().random();
}
