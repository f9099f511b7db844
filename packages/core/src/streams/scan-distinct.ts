/** `scan` and `distinct` of a stream: stages that remember what they have seen. */
import type { Source } from '../kernel/operation/source.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import { FilterStage, Through } from './map.ts';
import type { Stage } from './stage.ts';

/** Every state that the items lead to, one after the other. */
export class ScanStage<T, A> extends Through<T, A, A> {
  readonly label = 'stream.scan';
  readonly #fn: (state: A, item: T) => A | Operation<A>;
  #state: A;

  constructor(upstream: Source<T>, fn: (state: A, item: T) => A | Operation<A>, initial: A) {
    super(upstream);
    this.#fn = fn;
    this.#state = initial;
  }

  protected answer(item: T): A | Operation<A> {
    return this.#fn(this.#state, item);
  }

  protected pass(_item: T, state: A): IteratorYieldResult<A> {
    this.#state = state;
    return { done: false, value: state };
  }
}

/** The items of which none before had the same key. */
class DistinctStage<T> extends Through<T, unknown, T> {
  readonly label = 'stream.distinct';
  readonly #key: (item: T) => unknown;
  readonly #seen = new Set<unknown>();

  constructor(upstream: Source<T>, key: (item: T) => unknown) {
    super(upstream);
    this.#key = key;
  }

  protected answer(item: T): unknown {
    return this.#key(item);
  }

  protected pass(item: T, key: unknown): IteratorYieldResult<T> | null {
    return isNew(this.#seen, key) ? { done: false, value: item } : null;
  }
}

/** @param key - what makes two items the same; undefined: they are the same value */
export function distinctStage<T>(upstream: Source<T>, key: ((item: T) => unknown) | undefined): Stage<T> {
  if (key !== undefined) return new DistinctStage(upstream, key);
  // An item is never run, not even if it is an operation.
  const seen = new Set<unknown>();
  return new FilterStage(upstream, (item) => isNew(seen, item), 'stream.distinct');
}

function isNew(seen: Set<unknown>, key: unknown): boolean {
  const { size } = seen;
  return seen.add(key).size > size;
}
