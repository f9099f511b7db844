import { selectable } from './selectable.ts';
import { type Operation, Suspension } from './suspension.ts';

/**
 * Whether what a callback returned is an operation to be waited for, and not a value that happens to be iterable, such as
 * an array or the Set that `set.add(item)` returns.
 */
export function isOperation(value: unknown): value is Operation<unknown> {
  if (typeof value !== 'object' || value === null || !(Symbol.iterator in value)) return false;
  if (value instanceof Suspension || selectable in value) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  return Object.prototype.toString.call(value) === '[object Generator]';
}

/** Refuses the promise that an async callback returned. */
export function refusePromise(what: string, value: unknown): void {
  if (typeof value !== 'object' || value === null || !('then' in value)) return;
  throw new TypeError(
    `${what} got a promise from its function. Return an operation in its place: \`(item) => until(work(item))\`.`,
  );
}
