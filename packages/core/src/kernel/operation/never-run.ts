/** What a body returned in place of running it: `return work()` where `return yield* work()` was meant. */
import { FRESH, Suspension } from './suspension.ts';

/**
 * The error for a body that ended with an operation that never ran; null for every other value.
 *
 * Where the body itself is a wait, as in `timeout(100, queue.get())`, its value is what somebody else put there.
 *
 * @param what the task or scope whose body it was
 */
export function neverRun(what: string, body: unknown, outcome: object): TypeError | null {
  const list = Array.isArray(outcome);
  const value: unknown = list ? (outcome as unknown[])[0] : outcome;
  if (!isUnstarted(value) || (body instanceof Suspension && body.taskName === undefined)) return null;
  const name = value instanceof Suspension ? value.label : 'it';
  const advice = list
    ? 'Write `return yield* gather([a(), b()])`'
    : `Write \`return yield* ${name === 'it' ? 'work()' : name}\``;
  return new TypeError(
    `The body of ${what} returned ${list ? 'an array of operations' : 'an operation'} that never ran. ${advice}; to hand ` +
      'it on as a value, return an object that holds it, as in `{ operation }`.',
  );
}

/** A generator cannot tell whether it has begun; one that is handed on was made to be run. */
function isUnstarted(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (value instanceof Suspension) return value.state === FRESH && value.mustStart;
  const generator = value as { next?: unknown; [Symbol.toStringTag]?: string };
  return generator[Symbol.toStringTag] === 'Generator' && typeof generator.next === 'function';
}
