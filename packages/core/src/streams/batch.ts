import type { Source } from '../kernel/operation/source.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import { END, Stage } from './stage.ts';

/** Arrays of `size` items, the last one shorter. It needs no task: a reader that is cancelled leaves the batch begun. */
export class BatchStage<T> extends Stage<T[]> {
  readonly label = 'stream.batch';
  readonly #upstream: Source<T>;
  readonly #size: number;
  #begun: T[] = [];

  constructor(upstream: Source<T>, size: number) {
    super();
    this.#upstream = upstream;
    this.#size = size;
  }

  protected *read(): Operation<IteratorResult<T[], void>> {
    const batch = this.#begun;
    while (batch.length < this.#size) {
      const r = yield* this.#upstream.next();
      if (r.done) break;
      batch.push(r.value);
    }
    this.#begun = [];
    return batch.length === 0 ? END : { done: false, value: batch };
  }

  protected release(): Operation<void> {
    this.#begun = [];
    return this.#upstream.close();
  }
}
