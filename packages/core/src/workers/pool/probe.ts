import type { TimerEntry } from '../../kernel/clock/timers.ts';
import type { Scheduler } from '../../kernel/scheduler/scheduler.ts';
import type { CallWorker } from './call.ts';

/**
 * How long a worker may take to say that it got a cancel, in ms. One that waits says so at once; one that computes cannot,
 * and its callers go on without it.
 */
export const TAKES_A_CANCEL = 200;

/**
 * Asks a worker for a sign of life shortly before a deadline. When the deadline passes it is known already whether a call
 * computes in it, so that the caller gets its timeout on time.
 */
export class Probe implements TimerEntry {
  slot = -1;
  readonly label = 'the probe of a worker';
  readonly #scheduler: Scheduler;
  readonly #worker: CallWorker;

  constructor(scheduler: Scheduler, worker: CallWorker) {
    this.#scheduler = scheduler;
    this.#worker = worker;
  }

  /** A short deadline is probed when half of its time has passed, so that a call that ends soon costs no message. */
  begin(deadline: number): void {
    const now = this.#scheduler.now();
    this.#scheduler.addTimer(this, deadline - Math.min(TAKES_A_CANCEL, (deadline - now) / 2));
  }

  end(): void {
    this.#scheduler.removeTimer(this);
  }

  fire(): void {
    this.#worker.probe();
  }
}
