import type { Suspension } from './suspension.ts';

/** The method that makes something a branch of `select`. */
export const selectable: unique symbol = Symbol('coloop.selectable');

/**
 * What `select` can wait for: queues, receivers, locks, flags, futures, tasks and `after(ms)`.
 *
 * To make one, return a new suspension for every call. It has to keep the rule of every suspension: `poll` commits at
 * once or changes nothing, and `disarm` takes the registration back, so that a branch that was not chosen has taken
 * nothing.
 */
export interface Selectable<T> {
  [selectable](): Suspension<T>;
}
