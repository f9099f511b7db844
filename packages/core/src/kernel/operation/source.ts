import type { Operation } from './suspension.ts';

/**
 * Everything that gives many values.
 *
 * The loop is `for (let r = yield* s.next(); !r.done; r = yield* s.next())`; `forEach(s, fn)` is its short form.
 */
export interface Source<T> {
  /** The next value, or `{ done: true }` at the end. A value is taken only when the operation returns it. */
  next(): Operation<IteratorResult<T, void>>;
  /** Gives up what is left and releases what the source holds; `next`, also one that waits, then says done. Closing twice changes nothing. */
  close(): Operation<void>;
}
