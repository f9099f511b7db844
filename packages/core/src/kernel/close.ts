/**
 * The end of a scope, the same for tasks, groups and combinators: drain, stop, conclude, clean up.
 *
 * This is kernel code on a task's own stack: its waits are ordinary suspensions, and only the wait for children that
 * are no daemons can be interrupted.
 */
import { suppressedError } from '../errors.ts';
import type { CancelScope } from './cancel.ts';
import { ChildrenWait, CLEANUP, CLOSED, DRAINING, type Ending, type Scope, STOPPING } from './scope.ts';
import type { Operation, Suspension } from './suspension.ts';

/** Keeps cancels away from a cleanup; only the escalation after the grace gets through. */
class CleanupShield implements CancelScope {
  outer: CancelScope | null = null;
  request = null;
  thrown = null;
  deliveries = 0;
  shielded = true;
  cleanup = true;
}

/** Ends `scope`, whose body has ended as `end` says; returns the value of the scope or throws its error. */
export function* closeScope(scope: Scope, end: Ending): Generator<Suspension, unknown> {
  if (!end.failed) yield* drain(scope, end);
  scope.home.ending(scope);
  if (scope.nursery?.first != null) {
    scope.phase = STOPPING;
    scope.cancelChildren(scope.request ?? { reason: 'the scope has ended', requestedBy: scope.label, from: null });
    yield* new ChildrenWait(scope, true);
    scope.home.renewGrace();
  }
  scope.phase = STOPPING;
  scope.conclude(end);
  yield* release(scope, end);
  scope.phase = CLOSED;
  scope.closed();
  if (end.failed) throw end.outcome;
  return end.outcome;
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

/** Runs the cleanups, last first, each to its end; an error of one joins the error that was on its way. */
export function* release(scope: Scope, end: Ending): Generator<Suspension, void> {
  const releases = scope.nursery?.releases;
  if (releases === undefined || releases.length === 0 || (scope.keepsReleases && !end.failed)) return;
  scope.phase = CLEANUP;
  const shield = new CleanupShield();
  scope.home.enter(shield);
  for (let entry = releases.pop(); entry !== undefined; entry = releases.pop()) {
    try {
      const operation: Operation<void> | void = entry.run();
      if (operation !== undefined) yield* operation;
    } catch (error) {
      end.outcome = end.failed ? suppressedError(error, end.outcome) : error;
      end.failed = true;
    }
  }
  scope.home.leave(shield);
}

/** Ends the scopes of an abandoned task, innermost first; their bodies never run again. */
export function* closeAbandoned(scopes: readonly Scope[], error: unknown): Generator<Suspension, never> {
  const end: Ending = { failed: true, outcome: error };
  for (const scope of scopes) {
    if (scope.phase < STOPPING) scope.phase = STOPPING;
    scope.home.ending(scope);
    if (scope.nursery?.first != null) {
      scope.cancelChildren(scope.request ?? { reason: error, requestedBy: scope.label, from: null });
      yield* new ChildrenWait(scope, true);
    }
    yield* release(scope, end);
    scope.phase = CLOSED;
    scope.closed();
  }
  throw end.outcome;
}
