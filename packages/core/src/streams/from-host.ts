/** Sources of the host: async iterables and `ReadableStream`s. */
import { PromiseWait, type Settlement, settlementOf } from '../bridge/promise-wait.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import { removeRelease } from '../kernel/scope/releases.ts';
import type { Release } from '../kernel/scope/scope.ts';
import { SourceOwner } from '../kernel/task/source-owner.ts';
import { END, Stage } from './stage.ts';

/** What a host source is asked, once for each item: `next()` of an async iterator, `read()` of a stream's reader. */
type HostResult<T> = IteratorResult<T, unknown>;

/** The waits of one reading: the question that is on its way stays there when its reader is cancelled. */
abstract class HostStage<T> extends Stage<T> {
  readonly #owner = new SourceOwner('This stream');
  #release: Release | null = null;
  #asked: Settlement<HostResult<T>> | null = null;
  #wait: PromiseWait<HostResult<T>> | null = null;
  #ended = false;

  protected abstract ask(): PromiseLike<HostResult<T>>;
  /** Tells the host that nothing more is read; undefined when there is nothing to wait for. */
  protected abstract stop(asked: boolean): PromiseLike<unknown> | undefined;

  protected *read(): Operation<IteratorResult<T, void>> {
    if (this.#ended) return END;
    this.#release ??= this.#owner.addRelease(() => this.close());
    try {
      this.#wait = new PromiseWait(`${this.label}.next()`, this.#question());
      const r = yield* this.#wait;
      this.#asked = null;
      checkResult(this.label, r);
      if (!r.done) return r;
      this.#end();
      return END;
    } catch (error) {
      // Where the source itself has failed, also at the question, it is at its end; where the reader was cancelled the question
      // stays, and so does its answer.
      if (this.#asked === null || this.#asked.failedWith(error)) {
        this.#asked = null;
        this.#end();
      }
      throw error;
    } finally {
      this.#wait = null;
    }
  }

  #question(): Settlement<HostResult<T>> {
    this.#asked ??= settlementOf(this.ask());
    return this.#asked;
  }

  #end(): void {
    this.#ended = true;
    removeRelease(this.#release);
  }

  protected *release(): Operation<void> {
    const isAsked = this.#asked !== null && !this.#asked.settled;
    this.#endReader();
    if (this.#ended) return;
    this.#end();
    const stopped = this.stop(isAsked);
    if (stopped === undefined) return;
    yield* new PromiseWait(`${this.label}.close()`, settlementOf(stopped));
  }

  /** The reader that waits for the next item gets the end. */
  #endReader(): void {
    this.#wait?.endWith(END);
  }
}

function checkResult(label: string, result: unknown): void {
  if (typeof result === 'object' && result !== null) return;
  throw new TypeError(`${label}: the iterator gave ${String(result)} in place of { done, value }.`);
}

export class AsyncIterableStage<T> extends HostStage<T> {
  readonly label = 'stream(asyncIterable)';
  readonly #iterable: AsyncIterable<T>;
  #iterator: AsyncIterator<T, unknown> | null = null;

  constructor(iterable: AsyncIterable<T>) {
    super();
    this.#iterable = iterable;
  }

  protected ask(): PromiseLike<HostResult<T>> {
    this.#iterator ??= this.#iterable[Symbol.asyncIterator]();
    return this.#iterator.next();
  }

  protected stop(asked: boolean): PromiseLike<unknown> | undefined {
    const returned = this.#iterator?.return?.();
    // An async generator returns only after the step that is on its way, which may never end: nobody waits for that.
    if (!asked || returned === undefined) return returned;
    settlementOf(returned);
    return undefined;
  }
}

export class ReadableStage<T> extends HostStage<T> {
  readonly label = 'stream(ReadableStream)';
  readonly #stream: ReadableStream<T>;
  #reader: ReadableStreamDefaultReader<T> | null = null;

  constructor(stream: ReadableStream<T>) {
    super();
    this.#stream = stream;
  }

  protected ask(): PromiseLike<HostResult<T>> {
    this.#reader ??= this.#stream.getReader();
    return this.#reader.read();
  }

  protected stop(): PromiseLike<unknown> {
    return this.#reader === null ? this.#stream.cancel() : this.#reader.cancel();
  }
}
