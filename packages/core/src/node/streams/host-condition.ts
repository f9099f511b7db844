import { Suspension, type Waiter } from '../../kernel/operation/suspension.ts';
import { schedulerOf } from '../../kernel/scheduler/run.ts';
import type { Scheduler } from '../../kernel/scheduler/scheduler.ts';

/** A condition that only the host can make true, such as bytes that arrive: any number of tasks wait for it. */
export class HostCondition {
  readonly #waits = new Set<HostConditionWait>();

  /** A wait until `ready()` holds; that is asked when the wait begins and at every `check`. */
  until(label: string, ready: () => boolean): Suspension<void> {
    return new HostConditionWait(this.#waits, label, ready);
  }

  /** Things have changed: each wait asks again. */
  check(): void {
    for (const wait of [...this.#waits]) wait.check();
  }
}

class HostConditionWait extends Suspension<void> {
  readonly label: string;
  readonly #waits: Set<HostConditionWait>;
  readonly #ready: () => boolean;
  #scheduler: Scheduler | null = null;

  constructor(waits: Set<HostConditionWait>, label: string, ready: () => boolean) {
    super();
    this.#waits = waits;
    this.label = label;
    this.#ready = ready;
  }

  poll(waiter: Waiter): boolean {
    this.#scheduler = schedulerOf(waiter);
    return this.#ready() && this.finish(undefined);
  }

  arm(): void {
    this.#waits.add(this);
    this.#scheduler?.hostWait(1, this);
  }

  disarm(): void {
    this.#waits.delete(this);
    this.#scheduler?.hostWait(-1, this);
  }

  check(): void {
    if (!this.#ready()) return;
    this.disarm();
    this.wake(undefined);
  }
}
