import { secondNext } from '../kernel/operation/single-reader.ts';
import type { Source } from '../kernel/operation/source.ts';
import type { Operation } from '../kernel/operation/suspension.ts';

export const END: IteratorReturnResult<void> = { done: true, value: undefined };

/** One step of a stream: it has one reader at a time, and is closed once. */
export abstract class Stage<T> implements Source<T> {
  /** How errors and labels call it. */
  abstract readonly label: string;
  #reading = false;
  #closed = false;

  abstract next(): Operation<IteratorResult<T, void>>;

  /** Gives up what is held, and closes what this stage reads from. */
  protected abstract release(): Operation<void>;

  protected get closed(): boolean {
    return this.#closed;
  }

  /** The first line of every `next`: false when the stage was closed; throws while another `next` waits. */
  protected begin(): boolean {
    if (this.#reading) {
      throw secondNext(this.label, 'give each reader its own stream, as from the `subscribe()` of a broadcast');
    }
    if (this.#closed) return false;
    this.#reading = true;
    return true;
  }

  /** The last line of every `next` that has begun, in a `finally`. */
  protected end(): void {
    this.#reading = false;
  }

  *close(): Operation<void> {
    if (this.#closed) return;
    this.#closed = true;
    yield* this.release();
  }
}
