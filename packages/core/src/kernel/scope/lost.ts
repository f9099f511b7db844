/**
 * A value that nobody receives: of a losing branch, of a scope that was cancelled while it ended. What was acquired with it
 * is given back; whatever else it is belongs to the program, which may share it.
 */
import { suppressedError } from '../../errors.ts';
import type { Operation, Suspension } from '../operation/suspension.ts';
import { CleanupShield } from './cleanup-shield.ts';
import type { Cleanup, Ending, Scope } from './scope.ts';

/** The property that leads from what a word of ours has given to how it is given back: an `Acquisition`. */
export const acquisition: unique symbol = Symbol('coloop.acquisition');

/** How something is given back, as the end of a scope sees it. */
export interface GivesBack {
  /** The task that acquired it, or that it was passed to; null for the host. */
  readonly holder: object | null;
  /** Gives it back; nothing happens when that was done before. */
  readonly run: Cleanup;
}

/** What `value` is or consists of, as `gather` and `attempt` put values together: an array or a plain object of them. */
export function partsOf(value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype ? Object.values(value) : [value];
}

/** What of `value` was acquired by `loser` or by a task inside of it; what came from elsewhere is somebody's still. */
export function acquiredIn(value: unknown, loser: object): GivesBack[] {
  const found: GivesBack[] = [];
  for (const part of partsOf(value)) {
    if (typeof part !== 'object' || part === null || !(acquisition in part)) continue;
    const held = part[acquisition] as GivesBack | undefined;
    if (held !== undefined && isWithin(held.holder, loser)) found.push(held);
  }
  return found;
}

function isWithin(task: object | null, outer: object): boolean {
  for (let at = task as Owned | null; at !== null; at = (at.owner?.runner as Owned | undefined) ?? null) {
    if (at === outer) return true;
  }
  return false;
}

interface Owned {
  readonly owner: Scope | null;
}

/** Gives back what the body of `scope` acquired and returned, since nobody gets its value. */
export function* giveBackLost(scope: Scope, value: unknown, end: Ending): Generator<Suspension, void> {
  const lost = acquiredIn(value, scope.runner);
  if (lost.length === 0) return;
  const shield = new CleanupShield();
  scope.runner.enter(shield);
  for (const each of lost) {
    try {
      const operation: Operation<void> | void = each.run();
      if (operation !== undefined) yield* operation;
    } catch (error) {
      end.outcome = end.failed ? suppressedError(error, end.outcome) : error;
      end.failed = true;
    }
  }
  scope.runner.leave(shield);
}
