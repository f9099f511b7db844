import { checkOperation } from '../kernel/operation/check-operation.ts';
import { isOperation } from '../kernel/operation/is-operation.ts';
import { refuseMore, show } from '../kernel/operation/options.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import { keepRelease } from '../kernel/scope/releases.ts';
import type { Cleanup, Release, Scope } from '../kernel/scope/scope.ts';
import { runningTask } from '../kernel/task/current.ts';

/** One registered cleanup. */
class Deferred implements Release {
  owner: Scope;
  at = -1;
  readonly #cleanup: Cleanup;

  constructor(owner: Scope, cleanup: Cleanup) {
    this.owner = owner;
    this.#cleanup = cleanup;
  }

  run(): Operation<void> | void {
    const operation: unknown = this.#cleanup();
    if (operation === undefined) return undefined;
    if (isOperation(operation)) return operation as Operation<void>;
    if (typeof operation === 'object' && operation !== null && 'then' in operation) {
      throw new TypeError('A cleanup returned a promise. Write `defer(() => until(promise))` to wait for it.');
    }
    throw new TypeError(`A cleanup of defer returns an operation or nothing, not ${show(operation)}.`);
  }
}

/**
 * Registers a cleanup with the nearest owner: the innermost group, or the task.
 *
 * Cleanups run when that scope ends, however it ends, after its tasks have ended; together with resources, last first,
 * one after the other. Each runs to its end, and its error joins the error that was on its way (`SuppressedError`).
 * Registered in a successful branch of `gather`, `race` or `asCompleted`, it moves to the caller's owner.
 *
 * Cancellation: a cleanup is not interrupted; when its scope was cancelled it has the grace of the scheduler.
 *
 * @param cleanup called at the end; the operation that it returns, if any, is waited for
 * @throws NotInTaskError outside of every task; TypeError if `cleanup` is not a function.
 * @example
 * ```ts
 * import { defer, run } from '@coloop/core';
 *
 * await run(function* () {
 *   defer(() => console.log('closed'));
 *   console.log('in use');
 *   //> in use
 *   //> closed
 * });
 * ```
 * Source: Go's `defer`, Python's `ExitStack.callback`.
 */
export function defer(cleanup: () => Operation<void> | void): void;
export function defer(cleanup: () => Operation<void> | void, ...more: unknown[]): void {
  refuseMore('defer(cleanup)', more, 'Write `defer(() => cleanup(argument))`.');
  if (typeof cleanup !== 'function') {
    throw new TypeError(`defer takes a function, not ${show(cleanup)}. Write \`defer(() => op)\`.`);
  }
  checkOperation('defer(() => …)', cleanup);
  keepRelease(new Deferred(runningTask('defer()').innermostOwner, cleanup));
}
