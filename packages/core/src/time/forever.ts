import { Forever } from '../kernel/operation/forever.ts';
import { refuseMore } from '../kernel/operation/options.ts';
import type { Operation } from '../kernel/operation/suspension.ts';

/**
 * Waits until it is cancelled.
 *
 * Cancellation: the only way in which it ends.
 *
 * @example
 * ```ts
 * import { forever, moveOnAfter, run } from '@coloop/core';
 *
 * const { timedOut } = await run(() => moveOnAfter(10, forever()));
 * console.log(timedOut); //> true
 * ```
 * Source: Trio's `sleep_forever`.
 */
export function forever(): Operation<never>;
export function forever(...more: unknown[]): Operation<never> {
  refuseMore('forever()', more);
  return new Forever();
}
