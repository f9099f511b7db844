import { type Operation, until } from '@coloop/core';
import { ExploreError, type ExploreOptions, explore } from '@coloop/core/testing';

/** Looks for a bug in a program, and prints it, or how far the search went. */
export function* huntFor(
  what: string,
  program: () => Operation<unknown>,
  options: ExploreOptions = {},
): Operation<void> {
  console.log(`-- ${what}`);
  try {
    console.log(String(yield* until(explore(program, { seeds: 100, ...options }))));
  } catch (error) {
    if (!(error instanceof ExploreError)) throw error;
    console.log(error.message);
  }
}
