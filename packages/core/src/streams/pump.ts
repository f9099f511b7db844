/**
 * What lets a stream work while nobody reads it: tasks of its own that read the sources below and pass on what they make.
 *
 * They are daemons of the stream's owner, so no deadline and no context of a reader reaches into them (PEP 789), and they
 * end with their scope. What they send goes through a channel: without capacity one item is ahead of the reader.
 */

import { ChannelCore, SendWait } from '../channels/channel-core.ts';
import { type End, NextMessageWait } from '../channels/receiving.ts';
import { suppressedError } from '../errors.ts';
import { type Selectable, selectable } from '../kernel/operation/selectable.ts';
import type { Source } from '../kernel/operation/source.ts';
import type { Operation, Suspension } from '../kernel/operation/suspension.ts';
import { addRelease, removeRelease } from '../kernel/scope/releases.ts';
import { handedOver } from '../kernel/stack/trail.ts';
import { attempt } from '../kernel/task/attempt.ts';
import { currentTaskOrNull, runningTask } from '../kernel/task/current.ts';
import type { SourceOwner } from '../kernel/task/source-owner.ts';
import type { Task } from '../kernel/task/task.ts';
import { takeAll } from './take-all.ts';

/** Passes one item on; waits until it is taken or stored. */
export type EmitItem<T> = (item: T) => Operation<void>;

/** One task of a pump, and what it reads. */
export interface PumpPart<T> {
  readonly upstream: Source<unknown>;
  body(emit: EmitItem<T>): Operation<void>;
}

export class Pump<T> implements Selectable<IteratorResult<T, void>> {
  readonly label: string;
  readonly #owner: SourceOwner;
  readonly #parts: readonly PumpPart<T>[];
  readonly #core: ChannelCore<T>;
  readonly #sending: End = { closed: false, waits: null };
  readonly #receiving: End = { closed: false, waits: null };
  #tasks: Task<void>[] | null = null;
  #failure: { error: unknown } | null = null;
  #closed = false;

  constructor(label: string, owner: SourceOwner, capacity: number, parts: readonly PumpPart<T>[]) {
    this.label = label;
    this.#owner = owner;
    this.#parts = parts;
    this.#core = new ChannelCore(capacity);
    this.#core.senders = 1;
    this.#core.receivers = 1;
  }

  /** Starts the tasks, once. */
  start(): void {
    if (this.#tasks !== null || this.#closed) return;
    this.#tasks = [];
    const tasks = this.#tasks;
    let left = this.#parts.length;
    if (left === 0) this.#end();
    for (const part of this.#parts) {
      const task = this.#owner.spawn(this.#run(part), this.label);
      tasks.push(task);
      task.whenSettled(() => {
        if (task.status === 'cancelled') this.#fail(new Error(endedWithScope(this.label)));
        if (--left === 0) this.#end();
      });
    }
  }

  /** The next item, once `start` was called; the failure of a part after the items before it, and then the end. */
  *next(): Operation<IteratorResult<T, void>> {
    const result = yield* this.arrival();
    if (result.done) this.throwFailure();
    return result;
  }

  /** As a branch of `select`: the next item, or the end, after which `throwFailure` has to be called. */
  [selectable](): Suspension<IteratorResult<T, void>> {
    return this.arrival();
  }

  arrival(): NextMessageWait<T> {
    return new NextMessageWait(this.#core, this.#receiving);
  }

  throwFailure(): void {
    const failure = this.#failure;
    this.#failure = null;
    if (failure !== null) throw failure.error;
  }

  /** Ends the tasks, waits for them, and closes what they read. */
  *close(): Operation<void> {
    if (this.#closed) return;
    this.#closed = true;
    const tasks = this.#tasks ?? [];
    const teardowns = tasks.map((task) => task.cancel('its stream was closed'));
    this.#end();
    // A task that was cancelled before it began has not closed what it would have read; closing twice changes nothing.
    yield* takeAll([...teardowns, ...this.#parts.map(({ upstream }) => upstream.close())]);
  }

  readonly #emit: EmitItem<T> = (item) => new SendWait(this.#core, this.#sending, item);

  *#run(part: PumpPart<T>): Operation<void> {
    const task = runningTask('a stream');
    // However this task ends, what it reads is closed: here if it is cancelled, below if not.
    const release = addRelease(task, () => part.upstream.close());
    const ran = yield* attempt(part.body(this.#emit));
    const closed = yield* attempt(part.upstream.close());
    removeRelease(release);
    if (!ran.ok) this.#fail(closed.ok ? ran.error : suppressedError(closed.error, ran.error));
    else if (!closed.ok) this.#fail(closed.error);
  }

  /** The first failure counts; the other parts have nothing to work for any more. */
  #fail(error: unknown): void {
    handedOver(error);
    if (this.#failure !== null || this.#closed) return;
    this.#failure = { error };
    for (const task of this.#tasks ?? []) {
      if (task === currentTaskOrNull()) continue;
      task.cancelBy({ reason: error, requestedBy: this.label, from: null });
    }
  }

  #end(): void {
    if (this.#sending.closed) return;
    this.#sending.closed = true;
    this.#core.senderClosed(this.#sending);
  }
}

function endedWithScope(label: string): string {
  return `${label}: the scope of this stream has ended, and its task with it. Make the stream in the scope that reads it, or in one that lives longer.`;
}

/** Passes everything on. */
export function* copy<T>(upstream: Source<T>, emit: EmitItem<T>): Operation<void> {
  for (let r = yield* upstream.next(); !r.done; r = yield* upstream.next()) yield* emit(r.value);
}
