import type { CancelScope } from './cancel.ts';

/** Stands where the cancel that is due would be while code runs that must not wait: every wait throws `error()` instead. */
export class NoWaits implements CancelScope {
  outer = null;
  request = null;
  thrown = null;
  deliveries = 0;
  shielded = false;
  readonly error: () => Error;

  constructor(error: () => Error) {
    this.error = error;
  }
}
