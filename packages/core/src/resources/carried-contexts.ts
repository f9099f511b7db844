/** Contexts with `travelsAs`, for a library that carries calls to another place. */
import { runningTask } from '../kernel/task/current.ts';
import { packContexts, unpackContexts } from './travelling.ts';

/** The values that go along with a call of the running task, as names and values one after the other; null for none. */
export function carriedContexts(): readonly unknown[] | null {
  return packContexts(runningTask('carriedContexts()').context);
}

/** Gives the running task, and what it spawns from now on, the values that `carriedContexts` gave elsewhere, and no others. */
export function adoptContexts(carried: readonly unknown[]): void {
  runningTask('adoptContexts()').context = unpackContexts(carried);
}
