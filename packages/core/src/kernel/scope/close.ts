/**
 * The end of a scope, the same for tasks, groups and combinators: drain, stop, conclude, clean up.
 *
 * This is kernel code on a task's own stack: its waits are ordinary suspensions, and only the wait for children that
 * are not daemons can be interrupted.
 */

import type { Suspension } from '../operation/suspension.ts';
import { giveBackLost } from './lost.ts';
import { ChildrenWait, CLOSED, DRAINING, type Ending, lateCancel, type Scope, STOPPING } from './scope.ts';

/** Ends `scope`, whose body has ended as `end` says; returns the value of the scope or throws its error. */
export function* closeScope(scope: Scope, end: Ending): Generator<Suspension, unknown> {
  end.at = scope.nursery?.failures.length ?? 0;
  const value = end.failed ? undefined : end.outcome;
  if (!end.failed) yield* drain(scope, end);
  scope.runner.bodyEnded(scope);
  let late = false;
  if (scope.nursery?.first != null) {
    scope.phase = STOPPING;
    scope.cancelChildren(scope.request ?? { reason: 'the scope has ended', requestedBy: scope.label, from: null });
    late = yield* new ChildrenWait(scope, true);
    scope.runner.renewGrace();
  }
  scope.phase = STOPPING;
  scope.conclude(end);
  if (late) cancelLate(scope, end);
  scope.concluded(end);
  if (scope.nursery?.releases != null && (yield* scope.nursery.releases.run(scope, end))) cancelLate(scope, end);
  if (value !== undefined && (end.failed || end.outcome !== value)) yield* giveBackLost(scope, value, end);
  scope.phase = CLOSED;
  scope.closed();
  if (end.failed) throw end.outcome;
  return end.outcome;
}

/** Ends a scope that would have had a value by the cancel from outside that came during its teardown, if one did. */
function cancelLate(scope: Scope, end: Ending): void {
  const due = end.failed ? null : lateCancel(scope);
  if (due === null) return;
  end.failed = true;
  end.outcome = scope.runner.takeCancelOf(due);
}

function* drain(scope: Scope, end: Ending): Generator<Suspension, void> {
  scope.phase = DRAINING;
  const { nursery } = scope;
  if (nursery === null || nursery.count === 0) return;
  try {
    yield* new ChildrenWait(scope, false);
  } catch (error) {
    end.failed = true;
    end.outcome = error;
  }
}

/** Ends the scopes of an abandoned task, innermost first; their bodies never run again. */
export function* closeAbandoned(scopes: readonly Scope[], error: unknown): Generator<Suspension, never> {
  const end: Ending = { failed: true, outcome: error, at: 0 };
  for (const scope of scopes) {
    if (scope.phase < STOPPING) scope.phase = STOPPING;
    scope.runner.bodyEnded(scope);
    if (scope.nursery?.first != null) {
      scope.cancelChildren(scope.request ?? { reason: error, requestedBy: scope.label, from: null });
      yield* new ChildrenWait(scope, true);
    }
    if (scope.nursery?.releases != null) yield* scope.nursery.releases.run(scope, end);
    scope.phase = CLOSED;
    scope.closed();
  }
  throw end.outcome;
}
