/** `map` and `filter` of a stream: each item goes through a function that may take time. */
import { isOperation, refusePromise } from '../kernel/operation/is-operation.ts';
import { returnedOperation } from '../kernel/operation/returned-operation.ts';
import type { Source } from '../kernel/operation/source.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import { SourceOwner } from '../kernel/task/source-owner.ts';
import { InHand } from './in-hand.ts';
import { END, Stage } from './stage.ts';

/** A function of one item, which may answer with an operation. */
export type ItemFunction<T, R> = (item: T) => R | Operation<R>;

/** What `map`, `filter`, `scan` and `distinct` have in common: each item goes through a function that may take time. */
export abstract class Through<T, R, U> extends Stage<U> {
  readonly #upstream: Source<T>;
  readonly #owner = new SourceOwner('This stream');
  #inHand: InHand<T, R> | null = null;

  constructor(upstream: Source<T>) {
    super();
    this.#upstream = upstream;
  }

  /** Asks the user's function about an item. */
  protected abstract answer(item: T): R | Operation<R>;

  /** What comes out for an item and its answer; null for nothing. */
  protected abstract pass(item: T, answer: R): IteratorYieldResult<U> | null;

  protected *read(): Operation<IteratorResult<U, void>> {
    for (;;) {
      const passed = this.#inHand === null ? yield* this.#take() : yield* this.#finish(this.#inHand);
      if (passed !== null) return passed;
    }
  }

  *#take(): Operation<IteratorResult<U, void> | null> {
    const r = yield* this.#upstream.next();
    if (r.done) return END;
    let answer: R | Operation<R>;
    try {
      answer = this.answer(r.value);
      refusePromise(this.label, answer);
    } catch (error) {
      return yield* this.fail(error);
    }
    if (!isOperation(answer)) return this.pass(r.value, answer);
    const work = returnedOperation(this.label, answer as Operation<R>);
    this.#inHand = new InHand(this.#owner, this.label, r.value, work);
    return null;
  }

  *#finish(inHand: InHand<T, R>): Operation<IteratorResult<U, void> | null> {
    const tried = yield* inHand.outcome();
    this.#inHand = null;
    if (!tried.ok) return yield* this.fail(tried.error);
    return this.pass(inHand.item, tried.value);
  }

  protected *release(): Operation<void> {
    const inHand = this.#inHand;
    this.#inHand = null;
    if (inHand !== null) yield* inHand.cancel();
    yield* this.#upstream.close();
  }
}

/** What asks a function about the item alone. */
abstract class Mapped<T, R, U> extends Through<T, R, U> {
  readonly #fn: ItemFunction<T, R>;

  constructor(upstream: Source<T>, fn: ItemFunction<T, R>) {
    super(upstream);
    this.#fn = fn;
  }

  protected answer(item: T): R | Operation<R> {
    return this.#fn(item);
  }
}

export class MapStage<T, U> extends Mapped<T, U, U> {
  readonly label = 'stream.map';

  protected pass(_item: T, answer: U): IteratorYieldResult<U> {
    return { done: false, value: answer };
  }
}

export class FilterStage<T> extends Mapped<T, boolean, T> {
  readonly label: string;

  constructor(upstream: Source<T>, fn: ItemFunction<T, boolean>, label = 'stream.filter') {
    super(upstream, fn);
    this.label = label;
  }

  protected pass(item: T, keep: boolean): IteratorYieldResult<T> | null {
    return keep ? { done: false, value: item } : null;
  }
}
