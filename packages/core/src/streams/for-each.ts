import { checkItemFunction } from '../kernel/operation/check-operation.ts';
import { isOperation, refusePromise } from '../kernel/operation/is-operation.ts';
import { refuseMore, show } from '../kernel/operation/options.ts';
import { returnedOperation } from '../kernel/operation/returned-operation.ts';
import type { Source } from '../kernel/operation/source.ts';
import type { Operation } from '../kernel/operation/suspension.ts';

/**
 * Calls a function with every item of a source, one after the other, until the source ends.
 *
 * The source is not closed when the loop ends early, since others may read it too; it is released with its own scope.
 *
 * Cancellation: of the wait for an item has taken nothing; in `fn` it is that of the operation which `fn` returned.
 *
 * @param source a receiver, a stream, an interval, the events of an emitter; wrap anything else with `stream(…)`
 * @param fn what to do with an item: a generator function, or a plain function
 * @throws TypeError if `source` is not a source, at the call; the errors of the source and of `fn`.
 * @example
 * ```ts
 * import { forEach, run, sleep, stream } from '@coloop/core';
 *
 * await run(() =>
 *   forEach(stream(['a', 'b']), function* (letter) {
 *     yield* sleep(5);
 *     console.log(letter);
 *     //> a
 *     //> b
 *   }),
 * );
 * ```
 * Source: Python's `async for`.
 */
export function forEach<T>(source: Source<T>, fn: (item: T) => Operation<void> | void): Operation<void>;
export function forEach<T>(
  source: Source<T>,
  fn: (item: T) => Operation<void> | void,
  ...more: unknown[]
): Operation<void> {
  checkSource('forEach', source);
  refuseMore('forEach(source, fn)', more);
  return looping(source, checkItemFunction('forEach(source, …)', fn));
}

function* looping<T>(source: Source<T>, fn: (item: T) => Operation<void> | void): Operation<void> {
  for (let r = yield* source.next(); !r.done; r = yield* source.next()) {
    const work: unknown = fn(r.value);
    if (isOperation(work)) yield* returnedOperation('forEach', work);
    else refusePromise('forEach', work);
  }
}

/** Whether `value` has the shape of a source. */
export function isSource(value: unknown): value is Source<unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const { next, close } = value as Partial<Source<unknown>>;
  return typeof next === 'function' && typeof close === 'function';
}

export function checkSource(what: string, source: unknown): void {
  if (isSource(source)) return;
  throw new TypeError(
    `${what} takes a source, with next() and close(), not ${show(source)}. Make one with \`stream(…)\`, from an array, an async iterable or a ReadableStream, or with \`events(emitter, name)\`.`,
  );
}
