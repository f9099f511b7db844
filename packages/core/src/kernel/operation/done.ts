import type { Operation } from './suspension.ts';

/** The operation of something that was done at the call: it can be yielded any number of times and never waits. */
export const ALREADY_DONE: Operation<void> = {
  [Symbol.iterator]: () => ({ next: () => ({ done: true, value: undefined }) }),
};
