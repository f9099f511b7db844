/** `events`: an emitter as a source; what it emits while no reader waits is kept in a ring. */
import { Ring } from '../channels/ring.ts';
import { ALREADY_DONE } from '../kernel/operation/done.ts';
import { checkCount, readOptions, refuseMore } from '../kernel/operation/options.ts';
import { ShownSource } from '../kernel/operation/shown.ts';
import { secondNext } from '../kernel/operation/single-reader.ts';
import type { Source } from '../kernel/operation/source.ts';
import { type Operation, Suspension, type Waiter } from '../kernel/operation/suspension.ts';
import { schedulerOf } from '../kernel/scheduler/run.ts';
import type { Scheduler } from '../kernel/scheduler/scheduler.ts';
import { removeRelease } from '../kernel/scope/releases.ts';
import type { Release } from '../kernel/scope/scope.ts';
import { taskOf } from '../kernel/task/current.ts';
import { SourceOwner } from '../kernel/task/source-owner.ts';
import type { Task } from '../kernel/task/task.ts';
import type { EventArgs, EventName, Listenable } from './emitter-types.ts';
import { checkListenable, Listening } from './listen.ts';

/** What `events` may be given. */
export interface EventsOptions<T> {
  /** How many events are kept for later; beyond it the oldest are dropped. All are kept by default. */
  buffer?: number | undefined;
  /** The event that ends the source, such as 'close'; what came before it is still received. */
  end?: EventName<T> | undefined;
}

type EventResult = IteratorResult<unknown[], void>;

const END: EventResult = { done: true, value: undefined };

class EventsNext extends Suspension<EventResult> {
  readonly #source: EventsSource;
  #scheduler: Scheduler | null = null;

  constructor(source: EventsSource) {
    super();
    this.#source = source;
  }

  get label(): string {
    return `${this.#source.label}.next()`;
  }

  poll(waiter: Waiter): boolean {
    this.#scheduler = schedulerOf(waiter);
    const result = this.#source.take(taskOf(waiter));
    return result !== null && this.finish(result);
  }

  arm(): void {
    this.#source.waiting = this;
    this.#scheduler?.hostWait(1, this);
  }

  disarm(): void {
    this.#source.waiting = null;
    this.#scheduler?.hostWait(-1, this);
  }
}

class EventsSource extends ShownSource implements Source<unknown[]> {
  readonly label: string;
  /** The reader that waits. */
  waiting: EventsNext | null = null;
  readonly #listening: Listening;
  readonly #name: string | symbol;
  readonly #limit: number;
  readonly #end: string | symbol | undefined;
  readonly #kept = new Ring<unknown[]>();
  #started = false;
  #ended = false;
  #failure: { error: unknown } | null = null;
  readonly #owner: SourceOwner;
  #release: Release | null = null;
  #giveBack: (() => void) | null = null;

  constructor(target: Listenable, name: string | symbol, limit: number, end: string | symbol | undefined) {
    super();
    this.#listening = new Listening(target);
    this.#name = name;
    this.#limit = limit;
    this.#end = end;
    this.label = `events(${String(name)})`;
    this.#owner = new SourceOwner(this.label);
    const { maker } = this.#owner;
    if (maker !== null) this.#start(maker);
  }

  next(): Operation<EventResult> {
    return new EventsNext(this);
  }

  protected get over(): boolean {
    return this.#ended;
  }

  close(): Operation<void> {
    this.#kept.clear();
    this.#failure = null;
    this.#finish();
    return ALREADY_DONE;
  }

  /** What is there for a reader, or null. */
  take(task: Task): EventResult | null {
    if (this.waiting !== null) throw secondNext(this.label, 'give each reader a source of its own with `events(…)`');
    if (!this.#started) this.#start(task);
    if (this.#kept.size > 0) return { done: false, value: this.#kept.take() };
    if (this.#failure !== null) {
      const { error } = this.#failure;
      this.#failure = null;
      throw error;
    }
    return this.#ended ? END : null;
  }

  #start(task: Task): void {
    if (this.#ended) return;
    this.#started = true;
    this.#release = this.#owner.addRelease(() => void this.close());
    this.#giveBack = schedulerOf(task).hold('listener', this.label);
    const listening = this.#listening;
    try {
      listening.add(this.#name, (...args) => this.#received(args));
      listening.addForErrors(this.#name, (error) => this.#failed(error));
      if (this.#end !== undefined) listening.add(this.#end, () => this.#finish());
    } catch (error) {
      this.#finish();
      throw error;
    }
  }

  #received(args: unknown[]): void {
    const { waiting } = this;
    if (waiting !== null) {
      waiting.disarm();
      waiting.wake({ done: false, value: args });
      return;
    }
    if (this.#kept.size >= this.#limit) this.#kept.take();
    this.#kept.add(args);
  }

  #failed(error: unknown): void {
    const { waiting } = this;
    if (waiting === null) this.#failure = { error };
    else {
      waiting.disarm();
      waiting.fail(error);
    }
    this.#finish();
  }

  #finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#listening.stop();
    removeRelease(this.#release);
    this.#giveBack?.();
    const { waiting } = this;
    if (waiting === null) return;
    waiting.disarm();
    waiting.wake(END);
  }
}

const EVENTS_OPTIONS = { buffer: 'any', end: 'any' } as const;

/**
 * All events of one name, as a source: each value is the array of what a listener gets.
 *
 * Made inside a task it listens from the call on, else from the first `next`; it stops when it is closed, at its `end`
 * event, or with its scope: that in which it was made, else the run that reads it first. Events that nobody waits for are kept without bound, as Node's `events.on` keeps
 * them; with `buffer: n` only the newest `n`. One task reads it at a time.
 *
 * Cancellation: of a `next` loses nothing: the event is there for the following one.
 *
 * @param target an emitter with `on` and `off`, or an `EventTarget`
 * @param name the name of the event
 * @param options `buffer`: how many events to keep; `end`: the name of the event that ends the source
 * @throws what an emitter emits as 'error', from `next`, after the events before it; TypeError for what cannot be listened to, at the call.
 * @example
 * ```ts
 * import { events, run } from '@coloop/core';
 *
 * const door = new EventTarget();
 *
 * await run(function* () {
 *   const rings = events(door, 'bell');
 *   door.dispatchEvent(new Event('bell'));
 *   door.dispatchEvent(new Event('bell'));
 *   for (let i = 0; i < 2; i++) {
 *     const r = yield* rings.next();
 *     if (!r.done) console.log(r.value[0].type);
 *   }
 *   yield* rings.close();
 *   //> bell
 *   //> bell
 * });
 * ```
 * Source: Node's `events.on`.
 */
export function events<T extends Listenable, N extends EventName<T>>(
  target: T,
  name: N,
  options?: EventsOptions<T>,
): Source<EventArgs<T, N>>;
export function events<T extends Listenable, N extends EventName<T>>(
  target: T,
  name: N,
  options: EventsOptions<T> = {},
  ...more: unknown[]
): Source<EventArgs<T, N>> {
  refuseMore('events(target, name, options)', more);
  checkListenable('events', target, name);
  const { buffer = Number.POSITIVE_INFINITY, end } = readOptions('events', options, EVENTS_OPTIONS);
  checkCount("events: the option 'buffer'", buffer, 1, true);
  if (end !== undefined) checkListenable('events', target, end);
  return new EventsSource(target, name, buffer, end) as Source<unknown> as Source<EventArgs<T, N>>;
}
