/** An iterable of the host as a stage of a stream. */
import { type Operation, Suspension } from '../kernel/operation/suspension.ts';
import { END, Stage } from './stage.ts';

/** Not a wait, but what every one begins with: a cancel is thrown, and a task that has used up its turn gives way to the others. */
class Turn extends Suspension<void> {
  get label(): string {
    return 'stream(iterable).next()';
  }

  poll(): boolean {
    return this.finish(undefined);
  }

  arm(): void {}

  disarm(): void {}
}

/** The items of an array, a Set, a generator: of everything that `for … of` takes. */
export class IterableStage<T> extends Stage<T> {
  readonly label = 'stream(iterable)';
  readonly #iterable: Iterable<T>;
  #iterator: Iterator<T, unknown> | null = null;
  #ended = false;

  constructor(iterable: Iterable<T>) {
    super();
    this.#iterable = iterable;
  }

  protected *read(): Operation<IteratorResult<T, void>> {
    yield* new Turn();
    if (this.#ended) return END;
    this.#iterator ??= this.#iterable[Symbol.iterator]();
    const r = this.#iterator.next();
    if (r.done) {
      this.#ended = true;
      return END;
    }
    if (r.value instanceof Suspension) {
      takeBack(this.#iterator);
      throw notManyValues();
    }
    return { done: false, value: r.value };
  }

  protected *release(): Operation<void> {
    if (!this.#ended) this.#iterator?.return?.();
    this.#ended = true;
  }
}

/** Takes back what an operation has begun by its first step. */
function takeBack(operation: Iterator<unknown>): void {
  try {
    operation.return?.();
  } catch {
    // That it must not be driven by hand; what was meant is known better here.
  }
}

/** The error for an operation where many values are wanted. */
export function notManyValues(): TypeError {
  return new TypeError(
    'stream got an operation, which has one value. Give what has many: a source, an array, an async iterable.',
  );
}
