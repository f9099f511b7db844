import type { Operation } from './suspension.ts';

/**
 * An operation that has nothing to do: what was done at the call, or the body of a combinator whose branches do all. It can be
 * yielded any number of times and never waits.
 */
export const ALREADY_DONE: Operation<void> = {
  [Symbol.iterator]: () => ({ next: () => ({ done: true, value: undefined }) }),
};
