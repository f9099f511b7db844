/** Waiting for a promise: a `Settlement` keeps its outcome, a `PromiseWait` is the wait of one task for it. */
import { Suspension, type Waiter } from '../kernel/operation/suspension.ts';
import { schedulerOf } from '../kernel/scheduler/run.ts';
import type { Scheduler } from '../kernel/scheduler/scheduler.ts';

const PENDING = 0;
const FULFILLED = 1;
const REJECTED = 2;

/** The platform's own `then`: what `await` uses, whatever a promise object says about itself. */
const { then } = Promise.prototype;

/** What has become of a promise so far. From `watch` on, its rejection counts as handled. */
export class Settlement<T> {
  /** The wait that is told of the end. */
  wait: PromiseWait<T> | null = null;
  /** Gets a value that nobody waits for any more. */
  late: ((value: T) => void) | null = null;
  #status = PENDING;
  #outcome: unknown = undefined;

  get settled(): boolean {
    return this.#status !== PENDING;
  }

  get fulfilled(): boolean {
    return this.#status === FULFILLED;
  }

  /** The value, or the error. */
  get outcome(): unknown {
    return this.#outcome;
  }

  /** Follows `promise`; of a thenable that answers twice, or throws after it has answered, the first answer counts. */
  watch(promise: PromiseLike<T>): void {
    try {
      then.call(
        Promise.resolve(promise),
        (value) => this.#settle(FULFILLED, value),
        (error: unknown) => this.#settle(REJECTED, error),
      );
    } catch (error) {
      this.#settle(REJECTED, error);
    }
  }

  #settle(status: number, outcome: unknown): void {
    this.#status = status;
    this.#outcome = outcome;
    if (this.wait !== null) this.wait.settled();
    else if (status === FULFILLED) this.late?.(outcome as T);
  }
}

/** Waits for the settlement of a promise; the host ends it, so the scheduler counts it while it is armed. */
export class PromiseWait<T> extends Suspension<T> {
  readonly label: string;
  protected readonly settlement: Settlement<T>;
  #scheduler: Scheduler | null = null;

  constructor(label: string, settlement: Settlement<T>) {
    super();
    this.label = label;
    this.settlement = settlement;
  }

  /** Makes the promise, where it is not there before the wait. */
  protected begin(): void {}

  poll(waiter: Waiter): boolean {
    this.#scheduler = schedulerOf(waiter);
    this.begin();
    const { settlement } = this;
    if (!settlement.settled) return false;
    if (!settlement.fulfilled) throw settlement.outcome;
    return this.finish(settlement.outcome as T);
  }

  arm(): void {
    this.settlement.wait = this;
    this.#scheduler?.hostWait(1, this);
  }

  disarm(): void {
    this.settlement.wait = null;
    this.#scheduler?.hostWait(-1, this);
  }

  settled(): void {
    this.disarm();
    const { settlement } = this;
    if (settlement.fulfilled) this.wake(settlement.outcome as T);
    else this.fail(settlement.outcome);
  }
}
