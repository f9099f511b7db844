/** What is an operation: one test, wherever one is taken. */
import { type Operation, Suspension } from './suspension.ts';

/**
 * Whether `value` is an operation: every object with `[Symbol.iterator]`, whoever made it (an instance of a class, a
 * generator that was compiled to ES5, an object of another realm), except for what the platform itself iterates: an array,
 * a Map, the Set that `set.add(item)` returns.
 */
export function isOperation(value: unknown): value is Operation<unknown> {
  if (typeof value !== 'object' || value === null) return false;
  if (typeof (value as Partial<Operation<unknown>>)[Symbol.iterator] !== 'function') return false;
  return isWait(value) || !isPlatformIterable(value);
}

/** Whether an iterable is a generator or a suspension: nothing of the platform that has only values takes an error. */
export function isWait(iterable: object): boolean {
  return 'throw' in iterable || iterable instanceof Suspension;
}

const tagOf = Object.prototype.toString;
/** Iterables of the platform whose class has no name of its own. */
const NAMELESS = /^(?:Arguments|Iterator Helper|.* Iterator)$/;

/** Whether an iterable is one of the platform's, of whatever realm: it has the name of a class that all realms have. */
function isPlatformIterable(iterable: object): boolean {
  const tag = tagOf.call(iterable).slice(8, -1);
  if (NAMELESS.test(tag)) return true;
  if (tag === 'Iterator') return false;
  const { prototype } = ((globalThis as Record<string, unknown>)[tag] ?? {}) as { prototype?: unknown };
  return typeof prototype === 'object' && prototype !== null && Symbol.iterator in prototype;
}

/** Refuses the promise that an async callback returned. */
export function refusePromise(what: string, value: unknown): void {
  if (typeof value !== 'object' || value === null || !('then' in value)) return;
  throw new TypeError(
    `${what} got a promise from its function. Return an operation in its place: \`(item) => until(work(item))\`.`,
  );
}
