/** `stream`: the chain of methods, each of which puts a stage behind the one before. */
import { checkItemFunction } from '../kernel/operation/check-operation.ts';
import { checkCount, checkDuration, readOptions, refuseMore, show } from '../kernel/operation/options.ts';
import { Shown } from '../kernel/operation/shown.ts';
import type { Source } from '../kernel/operation/source.ts';
import { type Operation, Suspension } from '../kernel/operation/suspension.ts';
import { BatchStage } from './batch.ts';
import { checkSource, isSource } from './for-each.ts';
import { AsyncIterableStage, ReadableStage } from './from-host.ts';
import { IterableStage, notManyValues } from './from-iterable.ts';
import { FilterStage, MapStage } from './map.ts';
import { bufferStage, mergeStage } from './pumped.ts';
import { DropStage, TakeStage } from './take-drop.ts';
import { debounceStage, throttleStage, timedBatchStage } from './timed.ts';
import { toAsyncIterable, toReadableStream } from './to-host.ts';

/** What `stream` can be made of. */
export type StreamInput<T> = Source<T> | AsyncIterable<T> | ReadableStream<T> | Iterable<T>;

/** The items of what a stream can be made of. */
export type StreamItem<I> =
  I extends Source<infer T>
    ? T
    : I extends AsyncIterable<infer T>
      ? T
      : I extends ReadableStream<infer T>
        ? T
        : I extends Iterable<infer T>
          ? T
          : never;

/** What `stream.batch` takes; at least one of them. */
export interface BatchOptions {
  /** How many items make a batch. */
  size?: number | undefined;
  /** How long a batch waits for more after its first item, in ms. */
  ms?: number | undefined;
}

/** What `stream.throttle` may be given. */
export interface ThrottleOptions {
  /** Pass on the last of the items that came during the pause, at its end; false by default. */
  trailing?: boolean | undefined;
}

const BATCH_OPTIONS = { size: 'count', ms: 'duration' } as const;
const THROTTLE_OPTIONS = { trailing: 'boolean' } as const;

/**
 * A source with operators; made by `stream`.
 *
 * Nothing is read before `next` asks for it, and a reader that is cancelled has lost nothing. Each operator is one reader
 * of the one before it; closing the last closes them all, and so does the end of the scope in which the stream was made.
 * `merge`, `buffer`, `debounce`, `throttle` and `batch` with a time work in tasks of their own, which end with that
 * scope and are at most one item (`buffer`: as many as you say) ahead of their reader.
 */
export class Stream<T> extends Shown implements Source<T> {
  readonly #source: Source<T>;

  /** @internal Use `stream`. */
  constructor(source: Source<T>) {
    super();
    this.#source = source;
  }

  /** What `console.log` and `JSON.stringify` show of it: what it reads from. */
  override toJSON(): Record<string, unknown> {
    return { source: String(this.#source) };
  }

  next(): Operation<IteratorResult<T, void>> {
    return this.#source.next();
  }

  close(): Operation<void> {
    return this.#source.close();
  }

  /**
   * The results of a function for each item, in order, one after the other. The function may return an operation; it runs
   * in a task of its own, so that a reader that is cancelled meanwhile loses nothing. An error of it ends the stream.
   */
  map<U>(fn: (item: T) => Operation<U>): Stream<U>;
  map<U>(fn: (item: T) => U): Stream<U>;
  map<U>(fn: (item: T) => U | Operation<U>): Stream<U> {
    return new Stream<U>(new MapStage<T, U>(this.#source, checkItemFunction('stream.map(…)', fn)));
  }

  /** The items for which a function says true; it may return an operation, as with `map`. */
  filter<U extends T>(fn: (item: T) => item is U): Stream<U>;
  filter(fn: (item: T) => boolean | Operation<boolean>): Stream<T>;
  filter(fn: (item: T) => boolean | Operation<boolean>): Stream<T> {
    return new Stream(new FilterStage(this.#source, checkItemFunction('stream.filter(…)', fn)));
  }

  /** The first `count` items; then what is read from is closed. */
  take(count: number): Stream<T>;
  take(count: number, ...more: unknown[]): Stream<T> {
    refuseMore('stream.take(count)', more);
    return new Stream(new TakeStage(this.#source, checkCount('stream.take', count, 0, true)));
  }

  /** All but the first `count` items. */
  drop(count: number): Stream<T>;
  drop(count: number, ...more: unknown[]): Stream<T> {
    refuseMore('stream.drop(count)', more);
    return new Stream(new DropStage(this.#source, checkCount('stream.drop', count, 0, true)));
  }

  /** The items of this and of others as they come, until all have ended. The first failure ends it. */
  merge<I extends readonly StreamInput<unknown>[]>(...others: I): Stream<T | StreamItem<I[number]>> {
    const sources = [this.#source, ...others.map(sourceOf)] as Source<T | StreamItem<I[number]>>[];
    return new Stream(mergeStage(sources));
  }

  /** Reads up to `count` items ahead of its reader. */
  buffer(count: number): Stream<T>;
  buffer(count: number, ...more: unknown[]): Stream<T> {
    refuseMore('stream.buffer(count)', more);
    return new Stream(bufferStage(this.#source, checkCount('stream.buffer', count, 1, true)));
  }

  /** Arrays of items: of `size`, or of those that came within `ms` after the first, or whichever is reached first. */
  batch(options: BatchOptions): Stream<T[]>;
  batch(options: BatchOptions, ...more: unknown[]): Stream<T[]> {
    refuseMore('stream.batch(options)', more);
    const { size, ms } = readOptions('stream.batch', options, BATCH_OPTIONS);
    if (ms !== undefined) return new Stream(timedBatchStage(this.#source, size ?? Number.POSITIVE_INFINITY, ms));
    if (size !== undefined) return new Stream(new BatchStage(this.#source, size));
    throw new TypeError('stream.batch needs `size`, `ms` or both: without them a batch would never be complete.');
  }

  /** An item when no other has come for `ms` milliseconds; those before it are dropped. The last one comes at the end. */
  debounce(ms: number): Stream<T>;
  debounce(ms: number, ...more: unknown[]): Stream<T> {
    refuseMore('stream.debounce(ms)', more);
    return new Stream(debounceStage(this.#source, checkDuration('stream.debounce', ms)));
  }

  /** An item, and then none for `ms` milliseconds; what comes meanwhile is dropped, all but the last with `trailing`. */
  throttle(ms: number, options?: ThrottleOptions): Stream<T>;
  throttle(ms: number, options: ThrottleOptions = {}, ...more: unknown[]): Stream<T> {
    refuseMore('stream.throttle(ms, options)', more);
    const { trailing = false } = readOptions('stream.throttle', options, THROTTLE_OPTIONS);
    return new Stream(throttleStage(this.#source, checkDuration('stream.throttle', ms), trailing));
  }

  /** All items that are left, as an array. */
  collect(): Operation<T[]>;
  collect(...more: unknown[]): Operation<T[]> {
    refuseMore('stream.collect()', more);
    return collecting(this.#source);
  }

  /**
   * This stream for `for await` in async code. Made inside a task it is read in that task's scope, and ends with it;
   * leaving the loop closes the stream.
   */
  toAsyncIterable(): AsyncIterableIterator<T, void, unknown> {
    return toAsyncIterable(this.#source);
  }

  /** This stream as the platform's; nothing is read before its consumer asks, and its `cancel` closes the stream. */
  toReadableStream(): ReadableStream<T> {
    return toReadableStream(this.#source);
  }
}

function* collecting<T>(source: Source<T>): Operation<T[]> {
  const items: T[] = [];
  for (let r = yield* source.next(); !r.done; r = yield* source.next()) items.push(r.value);
  return items;
}

/**
 * Makes a stream of anything that gives many values: a source (receivers, intervals, `events(emitter, name)`), an async
 * iterable, a `ReadableStream`, an array or another iterable.
 *
 * Cancellation: of a `next` loses nothing. When the stream is closed, or the scope ends in which it was made, the
 * iterator's `return` is called, or the reader cancelled.
 *
 * @throws TypeError for anything else, at the call; an `Error` from a `next` that begins while another one waits.
 * @example
 * ```ts
 * import { run, stream } from '@coloop/core';
 *
 * const squares = await run(() =>
 *   stream([0, 1, 2, 3, 4, 5])
 *     .map((n) => n * n)
 *     .filter((n) => n % 2 === 0)
 *     .take(3)
 *     .collect(),
 * );
 * console.log(squares); //> [ 0, 4, 16 ]
 * ```
 * Source: Kotlin's `Flow`, TC39's iterator helpers.
 */
export function stream<T>(input: StreamInput<T>): Stream<T>;
export function stream<T>(input: StreamInput<T>, ...more: unknown[]): Stream<T> {
  refuseMore('stream(input)', more);
  return input instanceof Stream ? input : new Stream(sourceOf(input));
}

function sourceOf<T>(input: StreamInput<T>): Source<T> {
  if (typeof input === 'object' && input !== null) {
    if (input instanceof Suspension) throw notManyValues();
    if ('getReader' in input) return new ReadableStage(input);
    if (Symbol.asyncIterator in input) return new AsyncIterableStage(input);
    if (Symbol.iterator in input) return new IterableStage(input);
    if (isSource(input)) return input;
    refuse(input);
  }
  checkSource('stream', input);
  throw new TypeError(
    `stream takes a source, an array, an iterable, an async iterable or a ReadableStream, not ${show(input)}.`,
  );
}

function refuse(input: object): void {
  if ('then' in input)
    throw new TypeError(
      'stream takes what has many values, not a promise. Write `stream(yield* until(promise))` for what it brings.',
    );
  if ('on' in input || 'addEventListener' in input) {
    throw new TypeError(
      'stream takes the events of an emitter, not the emitter: write `stream(events(emitter, name))`.',
    );
  }
}
