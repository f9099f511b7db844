/** What hears at once that a part of a task was cancelled or has ended: how an `AbortSignal` follows its scope. */
import type { CancelRequest, CancelScope } from './cancel.ts';

export interface ScopeLink {
  cancelled(request: CancelRequest): void;
  ended(): void;
}

/** The links of one task, by the part of it that they follow. */
export type ScopeLinks = Map<CancelScope, ScopeLink>;

/** Tells the links of all parts inside of `scope`, except those that a shield protects. */
export function tellCancelled(links: ScopeLinks, scope: CancelScope, request: CancelRequest): void {
  for (const [part, link] of links) if (isReached(part, scope)) link.cancelled(request);
}

/** Whether a cancel of `scope` reaches the code inside of `part`. */
function isReached(part: CancelScope, scope: CancelScope): boolean {
  for (let at: CancelScope | null = part; at !== null; at = at.outer) {
    if (at === scope) return true;
    if (at.shielded) return false;
  }
  return false;
}
