import { giveWayOnce } from '../kernel/operation/give-way-once.ts';
import { refuseMore } from '../kernel/operation/options.ts';
import type { Operation } from '../kernel/operation/suspension.ts';

/**
 * Gives way: every task that is ready runs first.
 *
 * Cancellation: a cancel that is due is thrown here.
 *
 * @example
 * ```ts
 * import { run, spawn, tick } from '@coloop/core';
 *
 * function* other() {
 *   console.log('other');
 * }
 *
 * await run(function* () {
 *   spawn(other());
 *   yield* tick();
 *   console.log('body');
 *   //> other
 *   //> body
 * });
 * ```
 * Source: `asyncio.sleep(0)`; Trio's `checkpoint()`.
 */
export function tick(): Operation<void>;
export function tick(...more: unknown[]): Operation<void> {
  refuseMore('tick()', more, 'For a pause write `sleep(ms)`.');
  return giveWayOnce(undefined);
}
