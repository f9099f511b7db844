import { checkDuration, refuseMore } from '../kernel/operation/options.ts';
import { Schedule } from './schedule.ts';

/**
 * A schedule of equal pauses, between the end of one call and the begin of the next. Without `attempts` or `elapsed` it
 * goes on for ever.
 *
 * @param ms the pause, in milliseconds
 * @throws RangeError for NaN, TypeError if `ms` is not a number, at the call.
 * @example
 * ```ts
 * import { fixed } from '@coloop/core';
 *
 * const schedule = fixed(1_000).attempts(3);
 * ```
 */
export function fixed(ms: number): Schedule;
export function fixed(ms: number, ...more: unknown[]): Schedule {
  refuseMore('fixed(ms)', more, 'Its methods set the rest, as `.attempts(count)` does.');
  const delay = checkDuration('fixed', ms);
  return new Schedule(() => delay);
}
