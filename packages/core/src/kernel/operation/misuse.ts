/** What to tell a caller that gave the engine something else than an operation. */
import { isOperation } from './is-operation.ts';
import { show } from './options.ts';
import { isFromAnotherCopy, isWaiting, isYielded, Suspension } from './suspension.ts';

const ARRAY = 'An array is not an operation. Write `yield* gather([a(), b()])`.';

/** For a value that came out of a plain `yield`. */
export function explainYield(value: unknown): string {
  if (value === undefined) {
    return 'A plain `yield` reached the scheduler. Write `yield* operation`, or `yield* tick()` to only give way.';
  }
  if (isPromise(value)) return 'A promise was yielded. Write `yield* until(promise)`.';
  if (isFromAnotherCopy(value)) {
    return 'This operation comes from a second copy of @coloop/core. Keep one: `npm ls @coloop/core` shows who brings them.';
  }
  if (value instanceof Suspension) {
    return `${value.label} was yielded with a plain \`yield\`. Write \`yield* ${value.label}\`.`;
  }
  if (isOperation(value)) {
    return 'An operation was yielded with a plain `yield`. Write `yield* operation`.';
  }
  return explain(value);
}

/** What an error that says what was yielded came back as: what `yield*` runs may take no errors, as an array takes none. */
export function explainThrown(thrown: unknown): unknown {
  // The end of what every engine says of an iterator without one.
  return thrown instanceof TypeError && thrown.message.endsWith(" a 'throw' method.") ? new TypeError(ARRAY) : thrown;
}

/** For what a body, a branch or a call of a coroutine turned out to be. */
export function explainBody(value: unknown): string {
  if (isPromise(value)) {
    return (
      'An async function was given where an operation belongs. Write `function*` in place of `async function`, and ' +
      '`yield* until(promise)` in place of `await promise`.'
    );
  }
  if (typeof value !== 'object' && typeof value !== 'function') {
    return `A function that was to return an operation returned ${show(value)}. Make it a \`function*\`, or return the operation.`;
  }
  return explain(value);
}

function explain(value: unknown): string {
  if (isAsyncGenerator(value)) {
    return (
      'An async generator is not an operation. Write `function*` in place of `async function*`, and ' +
      '`yield* until(promise)` in place of `await promise`.'
    );
  }
  if (Array.isArray(value)) return ARRAY;
  if (typeof value === 'function') {
    const name = value.name || 'fn';
    return `${show(value)} is not an operation, its call is. Write \`yield* ${name}()\`.`.replace(/^t/, 'T');
  }
  return `${show(value)} is not an operation. Write \`yield*\` before a call that returns one, such as \`yield* sleep(10)\`.`;
}

function isPromise(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value;
}

function isAsyncGenerator(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value && 'next' in value;
}

/** Whether what was yielded is no wait of any copy of this library, and no mistake that has an explanation of its own. */
export function yieldsData(result: IteratorYieldResult<unknown>): boolean {
  const { value } = result;
  if (isYielded(result) || isWaiting(value) || value instanceof Suspension || value === undefined) return false;
  return !isPromise(value) && !isFromAnotherCopy(value);
}
