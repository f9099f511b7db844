/**
 * Cancellation: who asked, which part of a task it covers, and when it may be thrown.
 *
 * A cancel scope is a part of a task that can be cancelled as one: the task itself, a group, a deadline, a shield. The
 * scopes of a task form a chain, innermost first. A request is thrown at the next wait into the outermost scope that
 * was asked, unless the code there is already unwinding for a scope, or a shield lies between (Trio's rule).
 */
import { CancelledError, isSuppressedError, type SuppressedErrorLike, suppressedError } from '../../errors.ts';

/** One request to cancel; shared by all that it reaches, so that cancelling many tasks costs one of them. */
export interface CancelRequest {
  readonly reason: unknown;
  /** The name of the task that asked, or of the host's part that did. */
  readonly requestedBy: string;
  /** The scope that passed this request on to its children, and the request that it had got. */
  readonly from: { readonly scope: string; readonly request: CancelRequest } | null;
}

/** A part of a task that can be cancelled as one. */
export interface CancelScope {
  /** The next scope outwards in the same task. */
  outer: CancelScope | null;
  request: CancelRequest | null;
  /** The error that was thrown for the request: a cancel is known by identity. */
  thrown: CancelledError | null;
  /** How often the cancel was thrown: 0, then 1 to 3 as it escalates. */
  deliveries: number;
  /** True where cancels from outside have to wait. */
  readonly shielded: boolean;
  /** True for a cleanup that the runtime runs: a cancel that has to wait for it starts its grace at once. */
  readonly cleanup?: boolean;
  /** Children that end with this scope, where it owns any. */
  cancelChildren?(request: CancelRequest): void;
}

/** The scope whose cancel is due at the next wait of code inside `innermost`, or null. */
export function dueScope(innermost: CancelScope): CancelScope | null {
  let due: CancelScope | null = null;
  for (let scope: CancelScope | null = innermost; scope !== null; scope = scope.outer) {
    if (scope.deliveries > 0) return due;
    if (scope.request !== null) due = scope;
    if (scope.shielded) return due;
  }
  return due;
}

/** The scope that the code inside `innermost` is unwinding for, or null. */
export function unwindingScope(innermost: CancelScope): CancelScope | null {
  for (let scope: CancelScope | null = innermost; scope !== null; scope = scope.outer) {
    if (scope.deliveries > 0) return scope;
  }
  return null;
}

/** Marks the cancel of `scope` as thrown once more and returns the error, always the same one. */
export function takeThrown(scope: CancelScope, request: CancelRequest): CancelledError {
  scope.deliveries++;
  scope.thrown ??= toError(request);
  return scope.thrown;
}

/** The error for a request. The path that it took is found out only when it is asked for: it may be long. */
export function toError(request: CancelRequest): CancelledError {
  const through = request.from === null ? undefined : () => pathOf(request);
  return new CancelledError(request.reason, request.requestedBy, through);
}

function pathOf(request: CancelRequest): readonly string[] {
  const path: string[] = [];
  for (let at = request.from; at !== null; at = at.request.from) path.push(at.scope);
  return path.reverse();
}

/** Whether `error` is `thrown`, or holds it as a part of a `SuppressedError`. */
export function holds(error: unknown, thrown: CancelledError | null): boolean {
  if (thrown === null) return false;
  // A loop along `suppressed`, which has an error for every cleanup that failed.
  for (let at = error; ; at = at.suppressed) {
    if (at === thrown) return true;
    if (!isSuppressedError(at)) return false;
    if (holds(at.error, thrown)) return true;
  }
}

/** Whether `error` is a cancel that was thrown for one of the scopes around the code inside `innermost`. */
export function isOwnCancel(error: unknown, innermost: CancelScope | null): boolean {
  for (let scope = innermost; scope !== null; scope = scope.outer) if (holds(error, scope.thrown)) return true;
  return false;
}

/** What is left of an error that was nothing but a cancel; `undefined` is an error as every other. */
export const NOTHING_LEFT: unique symbol = Symbol('nothing is left');

/** `error` with `thrown` replaced inside its `SuppressedError`s; a part replaced by nothing leaves the other part. */
export function replaceThrown(error: unknown, thrown: CancelledError, by: unknown = NOTHING_LEFT): unknown {
  const around: SuppressedErrorLike[] = [];
  let at = error;
  for (; at !== thrown && isSuppressedError(at); at = at.suppressed) around.push(at);
  let replaced = at === thrown ? by : at;
  for (const outer of around.reverse()) {
    const later = replaceThrown(outer.error, thrown, by);
    if (later === outer.error && replaced === outer.suppressed) replaced = outer;
    else if (replaced === NOTHING_LEFT) replaced = later;
    else if (later === NOTHING_LEFT) continue;
    else replaced = suppressedError(later, replaced);
  }
  return replaced;
}
