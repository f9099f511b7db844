/**
 * What a scheduler reports, and the emitter that it reports with.
 *
 * The emitter has the face of the package typed-emitter, which Node's own emitter has too, and runs in browsers.
 */
import type TypedEmitter from 'typed-emitter';
import type { EventMap } from 'typed-emitter';

/** The events of `scheduler.events`, each with one object. Tasks are given as `{ id, name }`. */
export type SchedulerEvents = {
  /** A task was made. */
  spawned: (event: { task: TaskLike; parent: string | null }) => void;
  /** A task has ended, together with all that it owned. */
  settled: (event: { task: TaskLike; status: string }) => void;
  /** A task was asked to end. */
  cancelled: (event: { task: TaskLike; reason: unknown; requestedBy: string }) => void;
  /** A task, or a part of it with a deadline, caught the cancel that was meant for it and went on to a normal end. */
  swallowed: (event: { task: string; reason: unknown }) => void;
  /** An error from a `finally` or `catch` took the place of a cancel or deadline. */
  suppressed: (event: { task: string; error: unknown; reason: unknown }) => void;
  /** Only children have kept a scope open for 5 s after its body had ended. */
  lingering: (event: { scope: string; tasks: readonly string[] }) => void;
  /** One step of a task held the thread for long. */
  'slow-step': (event: { task: string; ms: number }) => void;
  /** A cleanup outlived its grace: the cancel was thrown again, or, the last time, the task was abandoned. */
  'cleanup-timeout': (event: { task: string; wait: string; abandoned: boolean }) => void;
  /** A failure that nobody is there to receive. Without a listener it goes to the host, once. */
  unhandled: (event: { error: unknown; task: string }) => void;
};

/** A task, in an event. */
export interface TaskLike {
  readonly id: number;
  readonly name: string;
}

type Listener = (...args: never[]) => void;

/** An emitter with Node's method names; a listener that throws does not keep the others from being called. */
export class Emitter {
  readonly #listeners = new Map<string | symbol, Entry[]>();

  /** Whether nobody listens to anything: the one look that a spawn pays for. */
  get silent(): boolean {
    return this.#listeners.size === 0;
  }

  #add(name: string | symbol, listener: Listener, once: boolean, first: boolean): this {
    if (typeof listener !== 'function') {
      throw new TypeError(`A listener of '${String(name)}' must be a function, not ${typeof listener}.`);
    }
    const list = this.#listeners.get(name) ?? [];
    const entry = { listener, once };
    this.#listeners.set(name, first ? [entry, ...list] : [...list, entry]);
    return this;
  }

  addListener(name: string | symbol, listener: Listener): this {
    return this.#add(name, listener, false, false);
  }

  on(name: string | symbol, listener: Listener): this {
    return this.#add(name, listener, false, false);
  }

  once(name: string | symbol, listener: Listener): this {
    return this.#add(name, listener, true, false);
  }

  prependListener(name: string | symbol, listener: Listener): this {
    return this.#add(name, listener, false, true);
  }

  prependOnceListener(name: string | symbol, listener: Listener): this {
    return this.#add(name, listener, true, true);
  }

  off(name: string | symbol, listener: Listener): this {
    const list = this.#listeners.get(name);
    const at = list?.findLastIndex((entry) => entry.listener === listener) ?? -1;
    if (list === undefined || at < 0) return this;
    if (list.length === 1) this.#listeners.delete(name);
    else this.#listeners.set(name, list.toSpliced(at, 1));
    return this;
  }

  removeListener(name: string | symbol, listener: Listener): this {
    return this.off(name, listener);
  }

  removeAllListeners(name?: string | symbol): this {
    if (name === undefined) this.#listeners.clear();
    else this.#listeners.delete(name);
    return this;
  }

  emit(name: string | symbol, ...args: unknown[]): boolean {
    const list = this.#listeners.get(name);
    if (list === undefined) return false;
    for (const { listener, once } of list) {
      if (once) this.off(name, listener);
      try {
        (listener as (...given: unknown[]) => void)(...args);
      } catch (error) {
        // A report must not fail because a listener does.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
    return true;
  }

  eventNames(): (string | symbol)[] {
    return [...this.#listeners.keys()];
  }

  listeners(name: string | symbol): Listener[] {
    return (this.#listeners.get(name) ?? []).map((entry) => entry.listener);
  }

  rawListeners(name: string | symbol): Listener[] {
    return this.listeners(name);
  }

  listenerCount(name: string | symbol): number {
    return this.#listeners.get(name)?.length ?? 0;
  }

  getMaxListeners(): number {
    return Number.POSITIVE_INFINITY;
  }

  setMaxListeners(_limit: number): this {
    return this;
  }
}

interface Entry {
  readonly listener: Listener;
  readonly once: boolean;
}

/** An emitter, seen through the types of the package typed-emitter. */
export function typed<Events extends EventMap>(emitter: Emitter): TypedEmitter<Events> {
  return emitter as unknown as TypedEmitter<Events>;
}

/** Makes an emitter that is typed by the package typed-emitter. */
export function createEmitter<Events extends EventMap>(): TypedEmitter<Events> {
  return typed(new Emitter());
}
