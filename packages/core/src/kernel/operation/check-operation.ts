/**
 * Refuses what is no operation, with a call that works in place of the one that was made.
 *
 * A call is given as its user writes it: by its word alone, `group`, or with `…` where the operation stands, `timeout(ms, …)`.
 */
import { isOperation } from './is-operation.ts';
import { show } from './options.ts';

const REWRITE = '`function*` in place of `async function`, and `yield* until(promise)` in place of `await promise`';

/** The call with `text` where the operation stands. */
function filled(call: string, text: string): string {
  return call.includes('…') ? call.replace('…', text) : `${call}(${text})`;
}

function wordOf(call: string): string {
  return call.replace(/\(.*/s, '');
}

/** An operation, or a function that returns one. */
export function checkOperation<B>(call: string, body: B): B {
  if (typeof body === 'function') return checkNotAsync(call, body);
  if (typeof body === 'object' && body !== null) {
    if (isOperation(body)) return body;
    if ('then' in body) {
      throw new TypeError(
        `${wordOf(call)} takes an operation, not a promise. Write \`${filled(call, 'until(promise)')}\`.`,
      );
    }
    if (Symbol.asyncIterator in body && 'next' in body) throw new TypeError(asyncGeneratorAdvice(call));
    if (Array.isArray(body)) {
      throw new TypeError(
        `${wordOf(call)} takes one operation, not an array. Write \`${filled(call, 'gather([a(), b()])')}\`.`,
      );
    }
  }
  throw new TypeError(
    `${wordOf(call)} takes an operation, such as a call of a generator function, or a function that returns one, not ${show(body)}. ` +
      `Write \`${filled(call, 'work()')}\`.`,
  );
}

/** An operation, and no function: one that was meant to be called is told so. */
export function checkOnlyOperation<B>(call: string, operation: B): B {
  if (typeof operation !== 'function' || isAsync(operation)) return checkOperation(call, operation);
  const name = operation.name || 'work';
  throw new TypeError(
    `${wordOf(call)} takes an operation, not ${show(operation)}. Write \`${filled(call, `${name}()`)}\`.`,
  );
}

function asyncGeneratorAdvice(call: string): string {
  return (
    `${wordOf(call)} takes an operation, not an async generator. Write \`function*\` in place of \`async function*\`, and ` +
    '`yield* until(promise)` in place of `await promise`.'
  );
}

function checkNotAsync<F>(call: string, fn: F & { readonly name: string }): F {
  if (!isAsync(fn)) return fn;
  if (Object.prototype.toString.call(fn) === ASYNC_GENERATOR) throw new TypeError(asyncGeneratorAdvice(call));
  throw new TypeError(
    `${wordOf(call)} takes an operation, not an async function. Write \`${filled(call, `until(${fn.name || 'fn'})`)}\`; ` +
      `or write ${REWRITE}.`,
  );
}

/**
 * The body of `resource`, `coroutine` and the like. Their calls are given with a whole generator function in them, and `…` is
 * the value that it hands out: `resource(function* (provide) { yield* provide(…); })`.
 */
export function checkBody<F>(call: string, fn: F, got = typeof fn === 'function' ? null : show(fn)): F {
  if (got === null && !isAsync(fn)) return fn;
  const isPromise = got === null || got === 'a promise';
  throw new TypeError(
    `${wordOf(call)} takes a generator function, not ${got ?? 'an async function'}. ` +
      `Write \`${filled(call, isPromise ? 'yield* until(promise)' : 'value')}\`.`,
  );
}

/** What a call of such a body has returned. */
export function checkMade<O>(call: string, made: O): O {
  if (isOperation(made)) return made;
  const isPromise = typeof made === 'object' && made !== null && ('then' in made || Symbol.asyncIterator in made);
  return checkBody(call, made, isPromise ? 'a promise' : `a function that returns ${show(made)}`);
}

/** The function of each item of a source: `forEach(source, …)`. */
export function checkItemFunction<F>(call: string, fn: F): F {
  if (typeof fn !== 'function') throw new TypeError(`${wordOf(call)} takes a function, not ${show(fn)}.`);
  if (!isAsync(fn)) return fn;
  const advice = filled(call, `(item) => until(${fn.name || 'fn'}(item))`);
  throw new TypeError(
    `${wordOf(call)} takes a function that returns an operation, not an async function. Write \`${advice}\`.`,
  );
}

const ASYNC_GENERATOR = '[object AsyncGeneratorFunction]';
const PLAIN: readonly unknown[] = [Function.prototype, Object.getPrototypeOf(function* () {})];

/** Whether a function is written with `async`, also in another realm. */
function isAsync(fn: unknown): boolean {
  // Nearly every function is of these two kinds, and the look at them costs nothing.
  if (PLAIN.includes(Object.getPrototypeOf(fn))) return false;
  const tag = Object.prototype.toString.call(fn);
  return tag === '[object AsyncFunction]' || tag === ASYNC_GENERATOR;
}
