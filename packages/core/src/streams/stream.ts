/** `stream`: the chain of methods, each of which puts a stage behind the one before. */
import { checkItemFunction } from '../kernel/operation/check-operation.ts';
import { checkCount, checkDuration, readOptions, refuseMore } from '../kernel/operation/options.ts';
import { Shown } from '../kernel/operation/shown.ts';
import type { Source } from '../kernel/operation/source.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import { BatchStage } from './batch.ts';
import { flatMapStage, type Inner, switchMapStage } from './flat.ts';
import { type StreamInput, type StreamItem, sourceOf } from './input.ts';
import { FilterStage, MapStage } from './map.ts';
import { bufferStage, mergeStage } from './pumped.ts';
import { distinctStage, ScanStage } from './scan-distinct.ts';
import { DropStage, TakeStage } from './take-drop.ts';
import { debounceStage, throttleStage, timedBatchStage } from './timed.ts';
import { toAsyncIterable, toReadableStream } from './to-host.ts';
import { ZipStage } from './zip.ts';

/** What `stream.flatMap` may be given. */
export interface FlatMapOptions {
  /** How many items are worked on at once; 1 by default, which keeps their order. */
  concurrency?: number | undefined;
}

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
const FLAT_MAP_OPTIONS = { concurrency: 'count' } as const;
const THROTTLE_OPTIONS = { trailing: 'boolean' } as const;

/**
 * A source with operators; made by `stream`.
 *
 * Nothing is read before `next` asks for it, and a reader that is cancelled has lost nothing. Each operator is one reader
 * of the one before it; closing the last closes them all, and so does the end of the scope in which the stream was made.
 * `merge`, `buffer`, `flatMap`, `switchMap`, `debounce`, `throttle` and `batch` with a time work in tasks of their own, which end with that
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

  /** Every state that a function makes of the one before and an item, the first one of `initial`; it may return an operation. */
  scan<A>(fn: (state: A, item: T) => Operation<A>, initial: A): Stream<A>;
  scan<A>(fn: (state: A, item: T) => A, initial: A): Stream<A>;
  scan<A>(fn: (state: A, item: T) => A | Operation<A>, ...rest: unknown[]): Stream<A> {
    checkItemFunction('stream.scan(…)', fn);
    if (rest.length === 0)
      throw new TypeError('stream.scan takes the state before the first item behind its function.');
    refuseMore('stream.scan(fn, initial)', rest.slice(1));
    return new Stream<A>(new ScanStage(this.#source, fn, rest[0] as A));
  }

  /**
   * The items that did not come before; `key` says what makes two items the same, and may return an operation. Every key
   * is remembered until the stream is closed.
   */
  distinct(key?: (item: T) => unknown): Stream<T>;
  distinct(key?: (item: T) => unknown, ...more: unknown[]): Stream<T> {
    refuseMore('stream.distinct(key)', more);
    if (key !== undefined) checkItemFunction('stream.distinct(…)', key);
    return new Stream(distinctStage(this.#source, key));
  }

  /**
   * The items of what a function makes of each item: an array, a source, or anything else that `stream` takes. It may
   * return an operation that brings one. By default one is read after the other; with `concurrency` that many at once,
   * and their items come as they come. An error of one ends the stream; each is closed when it was read or is left.
   */
  flatMap<I extends StreamInput<unknown>>(
    fn: (item: T) => Operation<I>,
    options?: FlatMapOptions,
  ): Stream<StreamItem<I>>;
  flatMap<I extends StreamInput<unknown>>(fn: (item: T) => I, options?: FlatMapOptions): Stream<StreamItem<I>>;
  flatMap<U>(fn: Inner<T, U>, options: FlatMapOptions = {}, ...more: unknown[]): Stream<U> {
    refuseMore('stream.flatMap(fn, options)', more);
    const { concurrency = 1 } = readOptions('stream.flatMap', options, FLAT_MAP_OPTIONS);
    return new Stream(flatMapStage(this.#source, checkItemFunction('stream.flatMap(…)', fn), concurrency));
  }

  /**
   * As `flatMap`, but only of the latest item: when the next one comes, what the one before it became is cancelled, and
   * its cleanup awaited, before the function is called again.
   */
  switchMap<I extends StreamInput<unknown>>(fn: (item: T) => Operation<I>): Stream<StreamItem<I>>;
  switchMap<I extends StreamInput<unknown>>(fn: (item: T) => I): Stream<StreamItem<I>>;
  switchMap<U>(fn: Inner<T, U>, ...more: unknown[]): Stream<U> {
    refuseMore('stream.switchMap(fn)', more);
    return new Stream(switchMapStage(this.#source, checkItemFunction('stream.switchMap(…)', fn)));
  }

  /** Arrays of the first items of this and of others, then of the second ones, and so on; the first that ends closes all. */
  zip<I extends readonly StreamInput<unknown>[]>(
    ...others: I
  ): Stream<[T, ...{ -readonly [K in keyof I]: StreamItem<I[K]> }]> {
    const sources = [this.#source, ...others.map((other) => sourceOf('stream.zip', other))];
    return new Stream(new ZipStage(sources)) as Stream<never>;
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
    const sources = [this.#source, ...others.map((other) => sourceOf('stream.merge', other))] as Source<
      T | StreamItem<I[number]>
    >[];
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
  return input instanceof Stream ? input : new Stream(sourceOf('stream', input));
}
