import { ShownSource } from '../kernel/operation/shown.ts';
import { secondNext } from '../kernel/operation/single-reader.ts';
import type { Source } from '../kernel/operation/source.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import { isOwnCancel } from '../kernel/scope/cancel.ts';
import { attempt } from '../kernel/task/attempt.ts';
import { runningTask } from '../kernel/task/current.ts';

export const END: IteratorReturnResult<void> = { done: true, value: undefined };

/** One step of a stream: it has one reader at a time, and is closed once. A reader that waits then gets the end. */
export abstract class Stage<T> extends ShownSource implements Source<T> {
  /** How errors and labels call it. */
  abstract override readonly label: string;
  #reading = false;
  #closed = false;
  #failure: unknown;

  protected get closed(): boolean {
    return this.#closed;
  }

  protected get over(): boolean {
    return this.#closed;
  }

  /** What comes next; what it brings after the stage was closed by another task is not given to anybody. */
  protected abstract read(): Operation<IteratorResult<T, void>>;

  /** Gives up what is held, and closes what this stage reads from. */
  protected abstract release(): Operation<void>;

  *next(): Operation<IteratorResult<T, void>> {
    if (this.#reading) {
      throw secondNext(this.label, 'give each reader its own stream, as from the `subscribe()` of a broadcast');
    }
    if (this.#closed) return END;
    this.#reading = true;
    try {
      const result = yield* this.read();
      return this.#closed ? END : result;
    } catch (error) {
      if (this.#isEndedBy(error)) return END;
      throw error;
    } finally {
      this.#reading = false;
    }
  }

  /** Whether `error` comes only from the close by another task: not the stage's own failure, nor the reader's cancel. */
  #isEndedBy(error: unknown): boolean {
    if (!this.#closed || error === this.#failure) return false;
    return !isOwnCancel(error, runningTask(this.label).innermost);
  }

  /** Ends the stage with an error, which its reader gets. */
  protected *fail(error: unknown): Operation<never> {
    if (!this.#closed) {
      this.#failure = error;
      yield* attempt(this.close());
    }
    throw error;
  }

  *close(): Operation<void> {
    if (this.#closed) return;
    this.#closed = true;
    yield* this.release();
  }
}
