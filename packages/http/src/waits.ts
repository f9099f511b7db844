/*
 * Waits that only the host can end (sockets, name lookups), in the form that the scheduler of @coloop/core wants them.
 * These are the only classes of the client that a task ever waits in by themselves; everything else is made of them.
 */
import type { Operation } from '@coloop/core';
import { Suspension, type Waiter } from '@coloop/core/lowlevel';

/** What the client needs of the scheduler: time, timers, chance, and a place to say that the host is awaited. */
export interface SchedulerView {
  now(): number;
  addTimer(entry: TimerEntry, due: number): void;
  removeTimer(entry: TimerEntry): void;
  hostWait(change: 1 | -1): void;
  /** Fills bytes with chance. */
  entropy(bytes: Uint8Array): Uint8Array;
  /** Whether places of creation are written down. */
  readonly debug: boolean;
  /** Runs an operation for somebody outside of every task. */
  run<T>(body: () => Operation<T>): Promise<T>;
}

/** An entry of the scheduler's heap of timers. */
export interface TimerEntry {
  slot: number;
  fire(): void;
}

let simulated: WeakSet<SchedulerView> | undefined;

/** From now on no wait for the network counts on this scheduler: what comes from there comes by the scheduler's own timers. */
export function simulateNetwork(scheduler: SchedulerView): void {
  simulated ??= new WeakSet();
  simulated.add(scheduler);
}

function count(wait: HostWait<unknown>, change: 1 | -1): void {
  const { scheduler } = wait;
  if (scheduler === undefined || (simulated !== undefined && !wait.local && simulated.has(scheduler))) return;
  scheduler.hostWait(change);
}

/** A wait that the host ends. A virtual clock knows by it that the world outside still has a move. */
export abstract class HostWait<T> extends Suspension<T> {
  scheduler: SchedulerView | undefined;

  /** Whether this machine alone is waited for (its disk, its threads), and no network. */
  get local(): boolean {
    return false;
  }

  poll(waiter: Waiter): boolean {
    this.scheduler = waiter.scheduler as unknown as SchedulerView;
    return false;
  }

  arm(): void {
    count(this, 1);
    this.begin();
  }

  disarm(): void {
    count(this, -1);
    this.end();
  }

  override wake(value: T): boolean {
    const first = super.wake(value);
    if (first) count(this, -1);
    return first;
  }

  override fail(error: unknown): boolean {
    const first = super.fail(error);
    if (first) count(this, -1);
    return first;
  }

  /** Starts what will call `wake` or `fail`. */
  protected abstract begin(): void;

  /** The task no longer waits: stops it. */
  protected abstract end(): void;
}

/** What ends a {@link CallbackWait}. */
export interface Settle<T> {
  wake(value: T): boolean;
  fail(error: unknown): boolean;
}

/** Waits for a callback; for what happens once per connection, where a closure more does not count. */
export class CallbackWait<T> extends HostWait<T> {
  readonly #label: string;
  readonly #start: (settle: Settle<T>, scheduler: SchedulerView) => () => void;
  #stop: (() => void) | undefined;

  /** @param start - begins the work and returns what stops it when the task is cancelled */
  constructor(label: string, start: (settle: Settle<T>, scheduler: SchedulerView) => () => void) {
    super();
    this.#label = label;
    this.#start = start;
  }

  get label(): string {
    return this.#label;
  }

  protected begin(): void {
    this.#stop = this.#start(this, this.scheduler as SchedulerView);
  }

  protected end(): void {
    this.#stop?.();
  }
}

/** A condition that any number of tasks wait for. Each of these waits counts as one for the host. */
export class Notify {
  readonly #waits = new Set<HostWait<void>>();

  /** @param ready - asked first, and again if a task waits once more after `wake` */
  until(label: string, ready: () => boolean): HostWait<void> {
    return new NotifyWait(this.#waits, label, ready);
  }

  /** The condition may hold now: the tasks that wait look again. */
  wake(): void {
    for (const wait of this.#waits) wait.wake(undefined);
    this.#waits.clear();
  }
}

class NotifyWait extends HostWait<void> {
  readonly label: string;
  readonly #list: Set<HostWait<void>>;
  readonly #ready: () => boolean;

  constructor(list: Set<HostWait<void>>, label: string, ready: () => boolean) {
    super();
    this.#list = list;
    this.label = label;
    this.#ready = ready;
  }

  override poll(waiter: Waiter): boolean {
    super.poll(waiter);
    return this.#ready() ? this.finish(undefined) : false;
  }

  protected begin(): void {
    this.#list.add(this);
  }

  protected end(): void {
    this.#list.delete(this);
  }
}

/** Answers at once with the scheduler of the current task. */
export class CurrentScheduler extends Suspension<SchedulerView> {
  get label(): string {
    return 'the scheduler';
  }

  poll(waiter: Waiter): boolean {
    return this.finish(waiter.scheduler as unknown as SchedulerView);
  }

  arm(): void {}

  disarm(): void {}
}

/** For a promise or a callback whose end concerns nobody. */
export function ignore(): void {}

/** One timer of the scheduler, to be set, moved and stopped any number of times. */
export class Timer implements TimerEntry {
  slot = -1;
  readonly #scheduler: SchedulerView;
  readonly #ring: () => void;

  constructor(scheduler: SchedulerView, ring: () => void) {
    this.#scheduler = scheduler;
    this.#ring = ring;
  }

  /** Rings in `ms` milliseconds, instead of whatever was set before; Infinity stops it. */
  set(ms: number): void {
    this.stop();
    if (ms === Number.POSITIVE_INFINITY) return;
    this.#scheduler.addTimer(this, this.#scheduler.now() + ms);
  }

  stop(): void {
    if (this.slot !== -1) this.#scheduler.removeTimer(this);
  }

  fire(): void {
    this.#ring();
  }
}
