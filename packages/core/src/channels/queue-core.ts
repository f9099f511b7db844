/**
 * What all queues are: a store with a limit, the tasks that wait for an item or for room, and how much is unfinished.
 *
 * Two facts keep it simple. Getters wait only while the store is empty, so an item that is put goes straight to the one
 * that waits longest. Putters wait only while the store is full, so the room that a get makes goes straight to the one
 * that waits longest. Nobody can overtake, and an item is always in exactly one place.
 */
import { QueueEmptyError, QueueFullError, QueueShutdownError } from '../errors.ts';
import { sameScheduler } from '../kernel/operation/same-scheduler.ts';
import { type Selectable, selectable } from '../kernel/operation/selectable.ts';
import type { Suspension, SuspensionHost, Waiter } from '../kernel/operation/suspension.ts';
import { ListedWait, WaitList } from '../kernel/operation/waitlist.ts';
import type { Store } from './store.ts';

export class QueueCore<T> {
  readonly items: Store<T>;
  /** Infinity where there is none. */
  readonly limit: number;
  unfinished = 0;
  readonly #getters = new WaitList<GetWait<T>>();
  readonly #putters = new WaitList<PutWait<T>>();
  readonly #joiners = new WaitList<JoinQueueWait<T>>();
  #scheduler: SuspensionHost | null = null;
  #isShutdown = false;

  constructor(items: Store<T>, limit: number) {
    this.items = items;
    this.limit = limit;
  }

  /** Every use by a task passes here. */
  claim(host: SuspensionHost): void {
    if (this.#scheduler !== host) this.#scheduler = sameScheduler(this.#scheduler, 'This queue');
  }

  /** Puts `item` if there is room or somebody waits for it; false, and nothing is changed, if not. */
  tryPut(item: T): boolean {
    if (this.#isShutdown) throw putAfterShutdown();
    const { items } = this;
    items.check(item);
    const getter = this.#getters.shift();
    if (getter !== null) getter.wake(item);
    else if (items.size < this.limit) items.add(item);
    else return false;
    this.unfinished++;
    return true;
  }

  /** Whether `take` has something to take. */
  ready(): boolean {
    if (this.items.size > 0) return true;
    if (this.#isShutdown) throw getAfterShutdown();
    return false;
  }

  take(): T {
    const item = this.items.take();
    if (this.#putters.size > 0) this.#admit();
    return item;
  }

  /** Lets in the item that waits longest. */
  #admit(): void {
    for (let putter = this.#putters.shift(); putter !== null; putter = this.#putters.shift()) {
      try {
        this.items.add(putter.item);
      } catch (error) {
        // The compare function of a PriorityQueue failed: the error belongs to the task that put the item, not to the one that makes room.
        putter.fail(error);
        continue;
      }
      this.unfinished++;
      putter.wake(undefined);
      return;
    }
  }

  putNowait(item: T): void {
    this.#claimRunning();
    if (this.tryPut(item)) return;
    throw new QueueFullError(
      `putNowait found the queue full (${this.items.size} of ${this.limit} items). Wait for room with \`yield* queue.put(item)\`.`,
    );
  }

  getNowait(): T {
    this.#claimRunning();
    if (this.ready()) return this.take();
    throw new QueueEmptyError('getNowait found the queue empty. Wait for an item with `yield* queue.get()`.');
  }

  taskDone(): void {
    if (this.unfinished === 0) {
      throw new RangeError(
        'taskDone() was called more often than items were put into the queue. Call it once for each item that get() returned.',
      );
    }
    if (--this.unfinished === 0) this.#finished();
  }

  #finished(): void {
    for (let joiner = this.#joiners.shift(); joiner !== null; joiner = this.#joiners.shift()) joiner.wake(undefined);
  }

  shutdown(immediate: boolean): void {
    this.#isShutdown = true;
    if (immediate) this.#drop();
    for (let getter = this.#getters.shift(); getter !== null; getter = this.#getters.shift()) {
      getter.fail(getAfterShutdown());
    }
    for (let putter = this.#putters.shift(); putter !== null; putter = this.#putters.shift()) {
      putter.fail(putAfterShutdown());
    }
  }

  #drop(): void {
    const { items } = this;
    while (items.size > 0) {
      items.take();
      if (this.unfinished > 0) this.unfinished--;
    }
    if (this.unfinished === 0) this.#finished();
  }

  armGet(wait: GetWait<T>): void {
    this.#getters.push(wait);
  }

  armPut(wait: PutWait<T>): void {
    this.#putters.push(wait);
  }

  armJoin(wait: JoinQueueWait<T>): void {
    this.#joiners.push(wait);
  }

  #claimRunning(): void {
    this.#scheduler = sameScheduler(this.#scheduler, 'This queue');
  }
}

function putAfterShutdown(): QueueShutdownError {
  return new QueueShutdownError('put on a queue that was shut down: it takes no more items.');
}

function getAfterShutdown(): QueueShutdownError {
  return new QueueShutdownError('get on a queue that was shut down and is empty: nothing more will come.');
}

// The waits declare their fields and assign them in the constructor: defining them would cost a tenth of a hand-over.

export class GetWait<T> extends ListedWait<T> {
  declare private readonly core: QueueCore<T>;

  constructor(core: QueueCore<T>) {
    super();
    this.core = core;
  }

  get label(): string {
    return 'queue.get()';
  }

  poll(waiter: Waiter): boolean {
    const { core } = this;
    core.claim(waiter.scheduler);
    return core.ready() && this.finish(core.take());
  }

  arm(): void {
    this.core.armGet(this);
  }
}

/** A put is a branch of `select` itself: what it puts is chosen together with whether it is put. */
export class PutWait<T> extends ListedWait<void> implements Selectable<void> {
  declare readonly item: T;
  declare private readonly core: QueueCore<T>;

  constructor(core: QueueCore<T>, item: T) {
    super();
    this.item = item;
    this.core = core;
  }

  get label(): string {
    return 'queue.put()';
  }

  poll(waiter: Waiter): boolean {
    const { core } = this;
    core.claim(waiter.scheduler);
    return core.tryPut(this.item);
  }

  arm(): void {
    this.core.armPut(this);
  }

  [selectable](): Suspension<void> {
    return this;
  }
}

export class JoinQueueWait<T> extends ListedWait<void> {
  readonly #core: QueueCore<T>;

  constructor(core: QueueCore<T>) {
    super();
    this.#core = core;
  }

  get label(): string {
    return 'queue.join()';
  }

  poll(waiter: Waiter): boolean {
    this.#core.claim(waiter.scheduler);
    return this.#core.unfinished === 0;
  }

  arm(): void {
    this.#core.armJoin(this);
  }
}
