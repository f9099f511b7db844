/**
 * Waiting for a promise: a `Settlement` keeps its outcome, a `PromiseWait` is the wait of one task for it.
 *
 * A promise keeps what has subscribed to it until it settles, which may be never. So one of the platform's is subscribed to
 * once, however many wait for it and give up.
 */
import { keepShape } from '../kernel/operation/keep-shape.ts';
import { ARMED, type Waiter } from '../kernel/operation/suspension.ts';
import { ListedWait, WaitList } from '../kernel/operation/waitlist.ts';
import { schedulerOf } from '../kernel/scheduler/run.ts';
import type { Scheduler } from '../kernel/scheduler/scheduler.ts';

const PENDING = 0;
const FULFILLED = 1;
const REJECTED = 2;

/** The platform's own `then`: what `await` uses, whatever a promise object says about itself. */
const { then } = Promise.prototype;

/** Gets a value that nobody waits for any more. */
type Late = (value: never) => void;

/** What has become of a promise so far. From its making on, a rejection of the promise counts as handled. */
export class Settlement<T> {
  /** The waits that are told of the end. */
  readonly waits: WaitList<PromiseWait<T>> = new WaitList<PromiseWait<T>>();
  #late: Late[] | null = null;
  #status = PENDING;
  #outcome: unknown = undefined;

  /** Follows `promise`; of a thenable that answers twice, or throws after it has answered, the first answer counts. */
  constructor(promise: PromiseLike<T>) {
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

  /** Whether the promise was rejected with `error`. */
  failedWith(error: unknown): boolean {
    return this.#status === REJECTED && this.#outcome === error;
  }

  /** Hands a value that comes later to `late`, too. */
  addLate(late: (value: T) => void): void {
    if (this.settled) return;
    this.#late ??= [];
    this.#late.push(late);
  }

  #settle(status: number, outcome: unknown): void {
    this.#status = status;
    this.#outcome = outcome;
    for (let wait = this.waits.first; wait !== null; wait = this.waits.first) wait.settled(this);
    const late = this.#late ?? [];
    this.#late = null;
    if (status === FULFILLED) for (const give of late) give(outcome as never);
  }
}

const settlements = new WeakMap<PromiseLike<unknown>, Settlement<unknown>>();

/** The settlement of a promise: for one of the platform's always the same, any other object with `then` is asked each time. */
export function settlementOf<T>(promise: PromiseLike<T>): Settlement<T> {
  if (!isOfPlatform(promise)) return new Settlement(promise);
  const known = settlements.get(promise);
  if (known !== undefined) return known as Settlement<T>;
  const made = new Settlement(promise);
  settlements.set(promise, made as Settlement<unknown>);
  return made;
}

/** Whether `Promise.resolve` would give back the same; one that throws when it is looked at is not. */
function isOfPlatform(promise: PromiseLike<unknown>): boolean {
  try {
    return promise instanceof Promise && promise.constructor === Promise;
  } catch {
    return false;
  }
}

/** Waits for the settlement of a promise; the host ends it, so the scheduler counts it while it is armed. */
export class PromiseWait<T> extends ListedWait<T> {
  readonly label: string;
  #settlement: Settlement<T> | null;
  #scheduler: Scheduler | null = null;

  /** @param settlement - null where the promise is made when the wait begins */
  constructor(label: string, settlement: Settlement<T> | null) {
    super();
    this.label = label;
    this.#settlement = settlement;
  }

  /** Makes the promise, where it is not there before the wait. */
  protected begin(): Settlement<T> {
    return this.#settlement as Settlement<T>;
  }

  poll(waiter: Waiter): boolean {
    this.#scheduler = schedulerOf(waiter);
    this.#settlement ??= this.begin();
    const settlement = this.#settlement;
    if (!settlement.settled) return false;
    if (!settlement.fulfilled) throw settlement.outcome;
    return this.finish(settlement.outcome as T);
  }

  arm(): void {
    this.#settlement?.waits.push(this);
    this.#scheduler?.hostWait(1, this);
  }

  override disarm(): void {
    super.disarm();
    this.#scheduler?.hostWait(-1, this);
  }

  /** The promise has settled. */
  settled(settlement: Settlement<T>): void {
    this.disarm();
    if (settlement.fulfilled) this.wake(settlement.outcome as T);
    else this.fail(settlement.outcome);
  }

  /** Ends the wait, if it still waits, in place of the promise. */
  endWith(value: T): void {
    if (this.state !== ARMED) return;
    this.disarm();
    this.wake(value);
  }
}

keepShape(new PromiseWait('', null));
