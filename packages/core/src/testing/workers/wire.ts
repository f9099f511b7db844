import type { TimerEntry } from '../../kernel/clock/timers.ts';
import type { Scheduler } from '../../kernel/scheduler/scheduler.ts';

/**
 * One direction of a channel in virtual time: what is sent arrives in order, each message by an entry of the scheduler's
 * timers, so that `explore` decides what comes between.
 */
export class Wire<M> implements TimerEntry {
  slot = -1;
  readonly label: string;
  readonly #scheduler: Scheduler;
  readonly #deliver: (message: M) => void;
  readonly #messages: { readonly message: M; readonly due: number }[] = [];
  /** Until then nothing arrives. */
  #heldUntil = 0;
  #last = 0;
  #first: (() => void) | null = null;

  constructor(scheduler: Scheduler, label: string, deliver: (message: M) => void) {
    this.#scheduler = scheduler;
    this.label = label;
    this.#deliver = deliver;
  }

  send(message: M, delay = 0): void {
    this.#last = Math.max(this.#last, this.#scheduler.now() + delay);
    this.#messages.push({ message, due: this.#last });
    if (this.slot < 0) this.#arm();
  }

  /** Nothing arrives for `ms`; Infinity for ever. */
  hold(ms: number): void {
    this.#heldUntil = this.#scheduler.now() + ms;
    this.#scheduler.removeTimer(this);
    if (this.#messages.length > 0) this.#arm();
  }

  /** Calls `then` before the next message arrives, as soon as any may. */
  first(then: () => void): void {
    this.#first = then;
    this.#scheduler.removeTimer(this);
    this.#arm();
  }

  /** What has not arrived never does. */
  cut(): void {
    this.#messages.length = 0;
    this.#first = null;
    this.#scheduler.removeTimer(this);
  }

  #arm(): void {
    const due = Math.max(this.#messages[0]?.due ?? 0, this.#heldUntil);
    if (due < Number.POSITIVE_INFINITY) this.#scheduler.addTimer(this, due);
  }

  fire(): void {
    const before = this.#first;
    this.#first = null;
    if (before !== null) {
      if (this.#messages.length > 0) this.#arm();
      before();
      return;
    }
    const first = this.#messages.shift();
    if (this.#messages.length > 0) this.#arm();
    if (first !== undefined) this.#deliver(first.message);
  }
}
