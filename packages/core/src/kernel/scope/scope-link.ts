import type { CancelRequest, CancelScope } from './cancel.ts';

/** What hears at once that a part of a task was cancelled or has ended: how an `AbortSignal` follows its scope. */
export interface ScopeLinks {
  /** `scope` was cancelled, with all that is inside of it and that no shield protects. */
  cancelled(scope: CancelScope, request: CancelRequest): void;
  /** The body of `scope` has ended, and what is left of it may still run its cleanups. */
  bodyEnded(scope: CancelScope): void;
  /** Nothing of `scope` runs any more. */
  left(scope: CancelScope): void;
  /** The task was abandoned, and every part of it has ended. */
  abandoned(): void;
}
