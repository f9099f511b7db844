/* Everything that gives a body over time (web streams, async iterables, sources) as one source of bytes. */
import { type Operation, type Source, until } from '@coloop/core';
import { invalidKind } from '../../checks.ts';
import { ignore } from '../../waits.ts';

/** A stream of a body before it was turned into bytes. */
export type StreamInput = ReadableStream | AsyncIterable<unknown> | Source<unknown>;

/** Whether a value gives many values over time. */
export function isStream(value: unknown): value is StreamInput {
  if (typeof value !== 'object' || value === null) return false;
  return isReadableStream(value) || isSource(value) || Symbol.asyncIterator in value;
}

/**
 * Reads any stream as bytes; strings in it are encoded as UTF-8.
 *
 * Cancellation: `close()` ends the stream at its origin, also in the middle.
 *
 * @throws InvalidOptionError (from `next`) for a chunk that is neither bytes nor text
 */
export function byteSource(stream: StreamInput): Source<Uint8Array> {
  if (isReadableStream(stream)) return new WebStreamSource(stream);
  if (isSource(stream)) return new EncodedSource(stream);
  return new IterableSource(stream);
}

function isReadableStream(value: object): value is ReadableStream {
  return 'getReader' in value && typeof value.getReader === 'function';
}

function isSource(value: object): value is Source<unknown> {
  return 'next' in value && typeof value.next === 'function' && 'close' in value && typeof value.close === 'function';
}

function isDestroyable(value: object): value is { destroy(): void } {
  return 'destroy' in value && typeof value.destroy === 'function';
}

class EncodedSource implements Source<Uint8Array> {
  readonly #source: Source<unknown>;

  constructor(source: Source<unknown>) {
    this.#source = source;
  }

  *next(): Operation<IteratorResult<Uint8Array, void>> {
    const chunk = yield* this.#source.next();
    return chunk.done ? END : { done: false, value: bytesOf(chunk.value) };
  }

  close(): Operation<void> {
    return this.#source.close();
  }
}

class WebStreamSource implements Source<Uint8Array> {
  readonly #stream: ReadableStream;
  #reader: ReadableStreamDefaultReader | undefined;
  #done = false;

  constructor(stream: ReadableStream) {
    this.#stream = stream;
  }

  *next(): Operation<IteratorResult<Uint8Array, void>> {
    if (this.#done) return END;
    this.#reader ??= this.#stream.getReader();
    const chunk = yield* until(this.#reader.read());
    if (!chunk.done) return { done: false, value: bytesOf(chunk.value) };
    this.#done = true;
    return END;
  }

  *close(): Operation<void> {
    if (this.#done) return;
    this.#done = true;
    yield* until((this.#reader ?? this.#stream).cancel().catch(ignore));
  }
}

class IterableSource implements Source<Uint8Array> {
  readonly #iterable: AsyncIterable<unknown>;
  #iterator: AsyncIterator<unknown> | undefined;
  #done = false;

  constructor(iterable: AsyncIterable<unknown>) {
    this.#iterable = iterable;
  }

  *next(): Operation<IteratorResult<Uint8Array, void>> {
    if (this.#done) return END;
    this.#iterator ??= this.#iterable[Symbol.asyncIterator]();
    const chunk = yield* until(this.#iterator.next());
    if (!chunk.done) return { done: false, value: bytesOf(chunk.value) };
    this.#done = true;
    return END;
  }

  *close(): Operation<void> {
    if (this.#done) return;
    this.#done = true;
    if (this.#iterator === undefined) {
      // What was never begun has nothing to end, save a stream of Node, which may hold a file open.
      if (isDestroyable(this.#iterable)) this.#iterable.destroy();
      return;
    }
    const returned = this.#iterator.return?.();
    if (returned !== undefined) yield* until(returned.catch(ignore));
  }
}

/**
 * The bytes of one chunk.
 *
 * @throws InvalidOptionError for anything but text and binary data
 */
export function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (typeof chunk === 'string') return new TextEncoder().encode(chunk);
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  throw invalidKind("A chunk of the body's stream", chunk, 'give Uint8Array or string chunks');
}

const END: IteratorReturnResult<void> = { done: true, value: undefined };
