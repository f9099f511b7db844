/** `supervise`: a group in which the failure of a task stays its own. */
import { checkOperation } from '../kernel/operation/check-operation.ts';
import { refuseMore } from '../kernel/operation/options.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import { NOTHING_LEFT } from '../kernel/scope/cancel.ts';
import type { Child, Ending } from '../kernel/scope/scope.ts';
import { taskOf } from '../kernel/task/current.ts';
import { ScopeFrame } from '../kernel/task/scope-frame.ts';
import type { Task } from '../kernel/task/task.ts';
import { bodyOf, type GroupBody, GroupScope, withoutOwnCancel } from './group.ts';

class SuperviseScope extends GroupScope {
  /** Tasks whose failure nobody has got yet; the others are let go, since a supervisor may live for years. */
  readonly #failed = new Set<Task>();

  override childFailed(child: Child): void {
    const task = taskOf(child);
    if (!task.observed) this.#failed.add(task);
  }

  override failureSeen(child: Child): void {
    this.#failed.delete(taskOf(child));
  }

  override conclude(end: Ending): void {
    for (const task of this.#failed) this.runner.reportUnhandled(task.error(), task.name);
    this.reportSwallowed(end);
    const rest = withoutOwnCancel(end, this.thrown);
    if (this.request === null || (end.failed && rest !== NOTHING_LEFT)) {
      end.outcome = rest;
      return;
    }
    end.failed = false;
    end.outcome = undefined;
  }
}

/**
 * Runs a body in a scope whose tasks may fail one by one: a failure of a task touches neither its siblings nor the body.
 *
 * Join the tasks to handle their failures; one that nobody has joined or waited for is reported once, as 'unhandled',
 * when the scope ends. The body's own error cancels the tasks and is thrown as it is.
 *
 * Cancellation: as `group`.
 *
 * @param body an operation, or a function that receives the group and returns one
 * @example
 * ```ts
 * import { attempt, run, supervise } from '@coloop/core';
 *
 * function* fragile() {
 *   throw new Error('broken');
 * }
 *
 * await run(() =>
 *   supervise(function* (g) {
 *     const task = g.spawn(fragile());
 *     const tried = yield* attempt(task);
 *     console.log(tried.ok); //> false
 *   }),
 * );
 * ```
 * Source: Kotlin's `supervisorScope`.
 */
export function supervise<T>(body: GroupBody<T>): Operation<T>;
export function supervise<T>(body: GroupBody<T>, ...more: unknown[]): Operation<T> {
  checkOperation('supervise', body);
  refuseMore('supervise(body)', more);
  return new ScopeFrame('supervise()', (task) => {
    const scope = new SuperviseScope(task, 'a supervised group');
    return { scope, body: bodyOf('supervise', body, scope) };
  });
}
