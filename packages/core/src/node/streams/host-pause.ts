import { startRealTimer } from '../../kernel/clock/host.ts';
import { Suspension, type Waiter } from '../../kernel/operation/suspension.ts';
import { schedulerOf } from '../../kernel/scheduler/run.ts';
import type { Scheduler } from '../../kernel/scheduler/scheduler.ts';

/** A pause in real time, also under a test's clock: other processes know no other time. */
export class HostPause extends Suspension<void> {
  readonly label: string;
  readonly #ms: number;
  #scheduler: Scheduler | null = null;
  #stop: (() => void) | null = null;

  constructor(label: string, ms: number) {
    super();
    this.label = label;
    this.#ms = ms;
  }

  poll(waiter: Waiter): boolean {
    this.#scheduler = schedulerOf(waiter);
    return false;
  }

  arm(): void {
    this.#scheduler?.hostWait(1, this);
    this.#stop = startRealTimer(() => {
      this.#scheduler?.hostWait(-1, this);
      this.wake(undefined);
    }, this.#ms);
  }

  disarm(): void {
    this.#scheduler?.hostWait(-1, this);
    this.#stop?.();
  }
}
