import type { TimerEntry } from '../../kernel/clock/timers.ts';
import { afterHostTurn } from '../../kernel/clock/turns.ts';
import type { Scheduler } from '../../kernel/scheduler/scheduler.ts';

/** How long something that another thread was asked for may take, before `out` is called. */
export class Patience implements TimerEntry {
  slot = -1;
  readonly label = 'the patience with a worker';
  readonly #scheduler: Scheduler;
  readonly #foreign: boolean;
  readonly #out: () => void;

  constructor(scheduler: Scheduler, foreign: boolean, out: () => void) {
    this.#scheduler = scheduler;
    this.#foreign = foreign;
    this.#out = out;
  }

  begin(ms: number): void {
    this.#scheduler.addTimer(this, this.#scheduler.now() + ms);
  }

  end(): void {
    this.#scheduler.removeTimer(this);
  }

  /** Messages that are there already come first: it may be this thread that had no time. */
  fire(): void {
    if (this.#foreign) afterHostTurn(this.#out);
    else this.#out();
  }
}
