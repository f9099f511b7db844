import type { CancelScope } from './cancel.ts';

/** Keeps cancels away from a cleanup; only the escalation after the grace gets through. */
export class CleanupShield implements CancelScope {
  outer: CancelScope | null = null;
  request = null;
  thrown = null;
  deliveries = 0;
  shielded = true;
  cleanup = true;
}
