/** Streams for consumers in the host: as async iterables and as `ReadableStream`s. */
import type { Source } from '../kernel/operation/source.ts';
import { HostDriver } from './host-driver.ts';
import { readableStream } from './readable-stream.ts';
import { END } from './stage.ts';

class HostIterator<T> implements AsyncIterableIterator<T, void, unknown> {
  readonly #source: Source<T>;
  readonly #driver: HostDriver;
  #done = false;

  constructor(source: Source<T>) {
    this.#source = source;
    this.#driver = new HostDriver(() => source.close());
  }

  next(): Promise<IteratorResult<T, void>> {
    return this.#driver.inTurn(() => this.#next());
  }

  async #next(): Promise<IteratorResult<T, void>> {
    if (this.#done) return END;
    try {
      const result = await this.#driver.run(this.#source.next());
      if (result.done) this.#end();
      return result;
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  /** At once, and not in turn: a `next` that waits is ended by it. */
  async return(): Promise<IteratorReturnResult<void>> {
    if (this.#done) return END;
    try {
      await this.#driver.run(this.#source.close());
    } finally {
      this.#end();
    }
    return END;
  }

  #end(): void {
    this.#done = true;
    this.#driver.end();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

export function toAsyncIterable<T>(source: Source<T>): AsyncIterableIterator<T, void, unknown> {
  return new HostIterator(source);
}

export function toReadableStream<T>(source: Source<T>): ReadableStream<T> {
  const iterator = new HostIterator(source);
  return readableStream(
    () => iterator.next(),
    () => iterator.return(),
  );
}
