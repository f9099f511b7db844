/** `race`: branches in a hidden scope, which the first of them decides. */
import { ALREADY_DONE } from '../kernel/operation/done.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import { isOwnCancel } from '../kernel/scope/cancel.ts';
import type { Child, Ending } from '../kernel/scope/scope.ts';
import { taskOf } from '../kernel/task/current.ts';
import { ScopeFrame } from '../kernel/task/scope-frame.ts';
import type { Task } from '../kernel/task/task.ts';
import { type Branches, type BranchList, BranchScope, type Result, readBranches } from './branches.ts';

class RaceScope extends BranchScope {
  #winner: Task | null = null;
  #lateError: { error: unknown } | null = null;

  constructor(runner: Task, list: BranchList) {
    super(runner, 'race()');
    for (const operation of list.operations) this.startBranch(operation);
  }

  protected override childEnded(child: Child): void {
    const task = taskOf(child);
    if (this.#winner !== null || this.request !== null) {
      if (task.failed) this.#lateError ??= { error: task.error() };
      return;
    }
    this.#winner = task;
    this.decide('another branch of race was first');
  }

  override conclude(end: Ending): void {
    const winner = this.#winner;
    if (winner !== null && !(end.failed && isOwnCancel(end.outcome, this.outer))) {
      end.failed = winner.status !== 'succeeded';
      end.outcome = end.failed ? winner.error() : winner.outcome;
    }
    const late = this.#lateError;
    if (late !== null) {
      if (end.failed) this.reportLate(late.error, end.outcome);
      else {
        end.failed = true;
        end.outcome = late.error;
      }
    }
    this.settleReleases((task) => task === winner && !end.failed);
  }
}

/**
 * Runs operations at the same time and takes the outcome of the first that settles, a value or an error.
 *
 * At that moment the others are cancelled, and those not yet started never start; it returns when their cleanups have
 * ended. Waits that take something, such as `queue.get()`, belong in `select`, which commits exactly one.
 *
 * Cancellation: cancels all of them and waits for their cleanups.
 *
 * @param operations an array, a tuple or a plain record; at least one
 * @throws the error of the first that settles, if it failed; the error of a loser's cleanup, if the winner did not fail
 * @example
 * ```ts
 * import { race, run, sleep } from '@coloop/core';
 *
 * console.log(await run(() => race([sleep(1000, 'tortoise'), sleep(10, 'hare')]))); //> hare
 * ```
 * Source: `Promise.race`, with losers that end; Trio has it as a nursery that is cancelled.
 */
export function race<const O extends Branches>(
  operations: O,
): Operation<Result<O[keyof O & (O extends readonly unknown[] ? number : string)]>>;
export function race(operations: Branches, ...more: unknown[]): Operation<unknown> {
  const list = readBranches('race', operations, more[0]);
  if (list.operations.length === 0) {
    throw new RangeError('race needs at least one operation: a race of none would never end. Use forever() for that.');
  }
  return new ScopeFrame('race()', (task) => ({ scope: new RaceScope(task, list), body: ALREADY_DONE }));
}
