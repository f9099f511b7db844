/** When a run has failed, and when two runs have failed alike. */
import { CancelledError, describe, isError, isSuppressedError } from '../../errors.ts';
import { INJECTED } from './explorer.ts';

export interface RunFailure {
  readonly kind: 'error' | 'deadlock' | 'leak' | 'endless' | 'trapped';
  readonly error: unknown;
}

/** Whether `error` is only what an injected cancel leads to: the `CancelledError` itself, alone or in a group. */
export function isInjected(error: unknown): boolean {
  if (error instanceof CancelledError) return error.reason === INJECTED;
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(isInjected);
  if (!isSuppressedError(error)) return false;
  const { error: later, suppressed } = error as { error?: unknown; suppressed?: unknown };
  return isInjected(later) && isInjected(suppressed);
}

/** Whether two failures are the same bug: alike but for numbers, as shrinking changes those. */
export function isAlike(a: RunFailure, b: RunFailure | null): boolean {
  if (b === null || a.kind !== b.kind) return false;
  return a.kind !== 'error' || signature(a.error) === signature(b.error);
}

function signature(error: unknown): string {
  const type = isError(error) ? error.constructor.name : typeof error;
  return `${type} ${describe(error).split('\n', 1)[0]?.replace(/\d+/g, '0')}`;
}
