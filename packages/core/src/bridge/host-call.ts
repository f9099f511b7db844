/** What a call from the host into a scope may be given. */
import type { Body } from '../kernel/operation/suspension.ts';
import type { AbortSignalLike } from '../kernel/scheduler/follow-signal.ts';
import { timeout } from '../time/timeout.ts';

/** Options of a call from the host into a scope. */
export interface ScopeRunOptions {
  /** Cancels the call when it is aborted; its reason becomes the cancel's. */
  signal?: AbortSignalLike | undefined;
  /** How reports call the task. */
  name?: string | undefined;
  /** How long the call may take, in ms; then it is cancelled and its promise rejects with `TimeoutError`. */
  timeout?: number | undefined;
}

/** A body under the deadline of its call, if there is one. */
export function withinTime<T>(body: Body<T>, ms: number | undefined): Body<T> {
  if (ms === undefined) return body;
  return Object.defineProperty(() => timeout(ms, typeof body === 'function' ? () => body() : body), 'name', {
    value: nameOf(body),
  });
}

/** How a task is called that runs `body` itself. */
function nameOf(body: Body<unknown>): string {
  const { name, taskName } = body as { name?: unknown; taskName?: unknown };
  return String((typeof body === 'function' ? name : taskName) ?? '');
}
