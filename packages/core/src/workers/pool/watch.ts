import type { TimerEntry } from '../../kernel/clock/timers.ts';
import { afterHostTurn } from '../../kernel/clock/turns.ts';
import type { Scheduler } from '../../kernel/scheduler/scheduler.ts';

/** What the watch asks, and tells. */
export interface Watched {
  /** Whether the worker is another thread. */
  readonly foreign: boolean;
  /** Whether there is anything to answer. */
  busy(): boolean;
  ping(): void;
  /** Nothing was heard for `ms`, not even of a ping. */
  silent(ms: number): void;
}

/**
 * Finds out that a worker does not answer: after half of the time without a word it is pinged, and when it does
 * not answer that for the other half, it counts as silent. One timer per worker, whatever it runs; none while it runs nothing.
 */
export class Watch implements TimerEntry {
  slot = -1;
  readonly label = 'the watch over a worker';
  readonly #scheduler: Scheduler;
  readonly #half: number;
  readonly #watched: Watched;
  #heard = true;
  #pinged = false;

  constructor(scheduler: Scheduler, after: number, watched: Watched) {
    this.#scheduler = scheduler;
    this.#half = after / 2;
    this.#watched = watched;
  }

  /** There is something to answer. */
  begin(): void {
    if (this.slot >= 0 || this.#half === Number.POSITIVE_INFINITY) return;
    this.#heard = true;
    this.#arm();
  }

  #arm(): void {
    this.#scheduler.addTimer(this, this.#scheduler.now() + this.#half);
  }

  /** The worker has said something. */
  heard(): void {
    this.#heard = true;
  }

  end(): void {
    this.#scheduler.removeTimer(this);
  }

  fire(): void {
    if (!this.#watched.busy()) return;
    this.#arm();
    if (this.#heard) {
      this.#heard = false;
      this.#pinged = false;
    } else if (!this.#pinged) {
      this.#pinged = true;
      this.#watched.ping();
    } else if (this.#watched.foreign) {
      // What is there already comes first: it may be this thread that had no time.
      afterHostTurn(() => this.#tell());
    } else this.#tell();
  }

  #tell(): void {
    if (!this.#heard) this.#watched.silent(2 * this.#half);
  }
}
