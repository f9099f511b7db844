import type { Operation } from '../kernel/operation/suspension.ts';

/** The body of a combinator: everything happens in its branches. */
export const NOTHING: Operation<undefined> = {
  [Symbol.iterator]: () => ({ next: () => ({ done: true, value: undefined }) }),
};
