/** `take` and `drop` of a stream: stages that only count, and need no task. */
import type { Source } from '../kernel/operation/source.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import { END, Stage } from './stage.ts';

export class TakeStage<T> extends Stage<T> {
  readonly label = 'stream.take';
  readonly #upstream: Source<T>;
  #left: number;

  constructor(upstream: Source<T>, count: number) {
    super();
    this.#upstream = upstream;
    this.#left = count;
  }

  protected *read(): Operation<IteratorResult<T, void>> {
    if (this.#left === 0) {
      yield* this.close();
      return END;
    }
    const r = yield* this.#upstream.next();
    this.#left = r.done ? 0 : this.#left - 1;
    return r;
  }

  protected release(): Operation<void> {
    return this.#upstream.close();
  }
}

export class DropStage<T> extends Stage<T> {
  readonly label = 'stream.drop';
  readonly #upstream: Source<T>;
  #left: number;

  constructor(upstream: Source<T>, count: number) {
    super();
    this.#upstream = upstream;
    this.#left = count;
  }

  protected *read(): Operation<IteratorResult<T, void>> {
    for (; this.#left > 0; this.#left--) {
      const r = yield* this.#upstream.next();
      if (r.done) return r;
    }
    return yield* this.#upstream.next();
  }

  protected release(): Operation<void> {
    return this.#upstream.close();
  }
}
