import { ARMED, Suspension, type Waiter } from '../../kernel/operation/suspension.ts';
import type { Scheduler } from '../../kernel/scheduler/scheduler.ts';
import { taskOf } from '../../kernel/task/current.ts';

/** A wait for something that a worker says; where that is another thread, it is the host that ends it. */
export abstract class RemoteWait<T> extends Suspension<T> {
  readonly #foreign: boolean;
  #host: Scheduler | null = null;

  constructor(foreign: boolean) {
    super();
    this.#foreign = foreign;
  }

  override poll(waiter: Waiter): boolean {
    if (this.#foreign) this.#host = taskOf(waiter).scheduler as Scheduler;
    return this.ready();
  }

  /** Commits, if it can; may throw. */
  protected abstract ready(): boolean;

  arm(): void {
    this.#host?.hostWait(1, this);
  }

  disarm(): void {
    this.#host?.hostWait(-1, this);
  }

  /** Looks again. */
  changed(): void {
    if (this.state !== ARMED) return;
    let ready: boolean;
    try {
      ready = this.ready();
    } catch (error) {
      this.disarm();
      this.fail(error);
      return;
    }
    if (!ready) return;
    this.disarm();
    this.wake(this.outcome as T);
  }
}
