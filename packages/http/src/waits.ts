/*
 * Waits that only the host can end (sockets, name lookups), in the form that the scheduler of @coloop/core wants them.
 * These are the only classes of the client that a task ever waits in by themselves; everything else is made of them.
 */
import { Suspension, type Waiter } from '@coloop/core/lowlevel';

/** What the client needs of the scheduler: time, timers, and a place to say that the host is awaited. */
export interface Host {
  now(): number;
  addTimer(entry: TimerEntry, due: number): void;
  removeTimer(entry: TimerEntry): void;
  hostWait(change: 1 | -1): void;
}

/** An entry of the scheduler's heap of timers. */
export interface TimerEntry {
  slot: number;
  fire(): void;
}

let simulated: WeakSet<Host> | undefined;

/** From now on no wait for the network counts on this scheduler: what comes from there comes by the scheduler's own timers. */
export function simulateNetwork(host: Host): void {
  simulated ??= new WeakSet();
  simulated.add(host);
}

function count(wait: HostWait<unknown>, change: 1 | -1): void {
  const { host } = wait;
  if (host === undefined || (simulated !== undefined && !wait.local && simulated.has(host))) return;
  host.hostWait(change);
}

/** A wait that the host ends. A virtual clock knows by it that the world outside still has a move. */
export abstract class HostWait<T> extends Suspension<T> {
  host: Host | undefined;

  /** Whether this machine alone is waited for (its disk, its threads), and no network. */
  get local(): boolean {
    return false;
  }

  poll(waiter: Waiter): boolean {
    this.host = waiter.scheduler as unknown as Host;
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
  readonly #start: (settle: Settle<T>, host: Host) => () => void;
  #stop: (() => void) | undefined;

  /** @param start - begins the work and returns what stops it when the task is cancelled */
  constructor(label: string, start: (settle: Settle<T>, host: Host) => () => void) {
    super();
    this.#label = label;
    this.#start = start;
  }

  get label(): string {
    return this.#label;
  }

  protected begin(): void {
    this.#stop = this.#start(this, this.host as Host);
  }

  protected end(): void {
    this.#stop?.();
  }
}

/** The tasks that wait until one thing is so, any number of them. */
export class Waiting {
  readonly #waits = new Set<HostWait<void>>();

  /** @param ready - asked first, and again where a task waits once more after `wake` */
  until(label: string, ready: () => boolean): HostWait<void> {
    return new WaitUntil(this.#waits, label, ready);
  }

  /** It is so, or may be. */
  wake(): void {
    for (const wait of this.#waits) wait.wake(undefined);
    this.#waits.clear();
  }
}

class WaitUntil extends HostWait<void> {
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

/** Answers at once with the scheduler of the running task. */
export class HostOfTask extends Suspension<Host> {
  get label(): string {
    return 'the scheduler';
  }

  poll(waiter: Waiter): boolean {
    return this.finish(waiter.scheduler as unknown as Host);
  }

  arm(): void {}

  disarm(): void {}
}

/** One timer of the scheduler, to be set, moved and stopped any number of times. */
export class Timer implements TimerEntry {
  slot = -1;
  readonly #host: Host;
  readonly #ring: () => void;

  constructor(host: Host, ring: () => void) {
    this.#host = host;
    this.#ring = ring;
  }

  /** Rings in `ms` milliseconds, instead of whatever was set before; Infinity stops it. */
  set(ms: number): void {
    this.stop();
    if (ms === Number.POSITIVE_INFINITY) return;
    this.#host.addTimer(this, this.#host.now() + ms);
  }

  stop(): void {
    if (this.slot !== -1) this.#host.removeTimer(this);
  }

  fire(): void {
    this.#ring();
  }
}
