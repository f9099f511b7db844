import { checkDuration, refuseMore, show } from '../kernel/operation/options.ts';
import { Schedule } from './schedule.ts';

/**
 * A schedule of pauses that grow: `first`, then `factor` times as long after each failure. Without `attempts` or `elapsed`
 * it goes on for ever.
 *
 * @param first the pause after the first failure, in ms
 * @param factor by how much each pause is longer than the one before, 2 by default; at least 1
 * @throws RangeError for NaN or a factor below 1, TypeError if one of them is not a number, at the call.
 * @example
 * ```ts
 * import { exponential } from '@coloop/core';
 *
 * const schedule = exponential(100).maxDelay(10_000).jitter().attempts(5).elapsed(30_000);
 * ```
 */
export function exponential(first: number, factor?: number): Schedule;
export function exponential(first: number, factor = 2, ...more: unknown[]): Schedule {
  refuseMore('exponential(first, factor)', more, 'Its methods set the rest, as `.attempts(count)` does.');
  const start = checkDuration('exponential', first);
  if (typeof factor !== 'number') throw new TypeError(`exponential: factor takes a number, not ${show(factor)}.`);
  if (!(factor >= 1)) throw new RangeError(`exponential: factor takes a number of at least 1, not ${show(factor)}.`);
  return new Schedule(({ attempt }) => (start === 0 ? 0 : start * factor ** (attempt - 1)));
}
