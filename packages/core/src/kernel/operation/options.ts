/** Checks of what callers give: durations, counts and option objects. Every one throws before anything has changed. */

/**
 * A duration in ms: NaN and values other than numbers are refused, negative means 0, Infinity means never.
 *
 * @param what the call as the user wrote it, for the message
 */
export function checkDuration(what: string, ms: unknown): number {
  if (typeof ms !== 'number') throw new TypeError(`${what} takes milliseconds as a number, not ${show(ms)}.`);
  if (Number.isNaN(ms))
    throw new RangeError(`${what} got NaN as a duration. Give milliseconds, or Infinity for never.`);
  return ms > 0 ? ms : 0;
}

/** A whole number of at least `least`; Infinity is allowed where `unbounded`. */
export function checkCount(what: string, count: unknown, least = 1, unbounded = false): number {
  if (unbounded && count === Number.POSITIVE_INFINITY) return count;
  if (typeof count !== 'number') throw new TypeError(`${what} takes a whole number, not ${show(count)}.`);
  if (!Number.isSafeInteger(count) || count < least) {
    throw new RangeError(`${what} takes a whole number of at least ${least}, not ${show(count)}.`);
  }
  return count;
}

/** A function. */
export function checkFunction<F>(what: string, fn: F): F {
  if (typeof fn !== 'function') throw new TypeError(`${what} takes a function, not ${show(fn)}.`);
  return fn;
}

type Kind = 'any' | 'function' | 'duration' | 'count' | 'boolean' | 'string' | 'signal';

/**
 * The options that were given, own properties only, each checked; an unknown name is refused with the nearest known one.
 */
export function readOptions<O extends object>(what: string, options: O, kinds: { readonly [K in keyof O]-?: Kind }): O {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`${what} takes its options as an object, not ${show(options)}.`);
  }
  // Without a prototype: a property of `Object.prototype` is not an option.
  const read = Object.create(null) as Partial<O>;
  for (const key of Object.keys(options) as (keyof O & string)[]) {
    if (!Object.hasOwn(kinds, key)) throw new TypeError(unknownOption(what, key, Object.keys(kinds)));
    const value = options[key];
    if (value !== undefined)
      read[key] = checkOption(`${what}: the option '${key}'`, value, kinds[key]) as O[typeof key];
  }
  return read as O;
}

function checkOption(what: string, value: unknown, kind: Kind): unknown {
  if (kind === 'duration') return checkDuration(what, value);
  if (kind === 'count') return checkCount(what, value, 1, true);
  if (kind === 'function') return checkFunction(what, value);
  if (kind === 'signal') return checkSignal(what, value);
  if (kind !== 'any' && typeof value !== kind) throw new TypeError(`${what} takes a ${kind}, not ${show(value)}.`);
  return value;
}

/** An `AbortSignal`, of whatever realm or library. */
function checkSignal(what: string, value: unknown): unknown {
  if (typeof value === 'object' && value !== null) {
    const { aborted, addEventListener } = value as { aborted?: unknown; addEventListener?: unknown };
    if (typeof aborted === 'boolean' && typeof addEventListener === 'function') return value;
  }
  throw new TypeError(`${what} takes an AbortSignal, such as \`controller.signal\`, not ${show(value)}.`);
}

const NO_OPTIONS = 'It has no options beyond these.';
/** The advice where a limit of time was probably meant, as in other libraries. */
export const LIMIT = 'For a limit of time write `timeout(ms, …)` around it.';

/**
 * Refuses what was given behind the last argument that a word knows; `call` shows how the word is written.
 * What the methods of arrays hand to their callbacks, an index and the array, may come along: `operations.map(attempt)`.
 */
export function refuseMore(call: string, more: readonly unknown[], advice = NO_OPTIONS): void {
  // So short that it costs a call nothing: no array is made where nothing was given.
  if (more.length > 0) refuse(call, more, advice);
}

function refuse(call: string, more: readonly unknown[], advice: string): void {
  const index = more.findIndex((value) => value !== undefined);
  if (index < 0 || Array.isArray(more.at(-1))) return;
  // `Array.from({ length: 3 }, forever)` hands on an item that is not there, and an index.
  if (index === 1 && more.length === 2 && typeof more[1] === 'number') return;
  throw new TypeError(`${call} takes no further argument, but got ${show(more[index])}. ${advice}`);
}

/** The message for an option that does not exist: it names the nearest one that does. */
export function unknownOption(what: string, key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  return `${what} has no option '${key}'. ${near === null ? '' : `Did you mean '${near}'? `}It takes: ${known.join(', ')}.`;
}

/** The name that was probably meant, or null. */
export function nearest(given: string, known: readonly string[]): string | null {
  return known.find((name) => isNear(name.toLowerCase(), given.toLowerCase())) ?? null;
}

/** Whether all that `a` and `b` differ in are two letters next to each other, or fewer. */
function isNear(a: string, b: string): boolean {
  let begin = 0;
  while (begin < a.length && a[begin] === b[begin]) begin++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - begin && a.at(-1 - end) === b.at(-1 - end)) end++;
  return Math.max(a.length, b.length) - begin - end <= 2;
}

/** A value, short enough for a message. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (typeof value === 'function') return `the function ${value.name || '(anonymous)'}`;
  if (typeof value === 'bigint') return `${value}n`;
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) {
    const name = (value as { constructor?: { name?: string } }).constructor?.name;
    return name === undefined || name === 'Object' ? 'an object' : `an instance of ${name}`;
  }
  return String(value);
}
