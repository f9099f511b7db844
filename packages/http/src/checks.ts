/*
 * Checks of what users give. Options are read by own properties only, and every check throws before anything is sent.
 * All messages have one form: what was given where, the value, and what to give instead.
 */
import { show, unknownOption } from '@coloop/core/lowlevel';
import { type ErrorDetails, InvalidOptionError } from './errors.ts';

/** Reads a property that the object itself has; `Object.prototype` is never read for options. */
export function own<T extends object, K extends keyof T>(options: T, key: K): T[K] | undefined {
  return Object.hasOwn(options, key) ? options[key] : undefined;
}

/** The own, enumerable properties of a record, in order. */
export function ownEntries<V>(record: Readonly<Record<string, V>>): [name: string, value: V][] {
  return Object.keys(record).map((name) => [name, record[name] as V]);
}

/** A copy without a prototype: for functions of Node and of libraries, which read options through it. */
export function bare<T extends object>(options: T): T {
  return Object.assign(Object.create(null) as T, options);
}

/**
 * The error for a value that cannot be used.
 *
 * @param what - what the value was given as; begins with a capital
 * @param advice - what to give instead; ends without a period
 */
export function invalid(what: string, value: unknown, advice: string, details?: ErrorDetails): InvalidOptionError {
  return new InvalidOptionError(`${what} is ${shown(value)}: ${advice}.`, details);
}

function shown(value: unknown): string {
  if (value === undefined) return 'not given';
  return Array.isArray(value) && value.length === 0 ? 'an empty list' : show(value);
}

/** The same for an option; `name` is the path to it, as in 'retry.delay'. */
export function invalidOption(name: string, value: unknown, advice: string): InvalidOptionError {
  return invalid(`The option '${name}'`, value, advice);
}

/** The same for what may hold a secret: the message says only what kind of value it is. */
export function invalidKind(what: string, value: unknown, advice: string): InvalidOptionError {
  return new InvalidOptionError(`${what} is ${kindOf(value)}: ${advice}.`);
}

/** What kind of value something is, without the value itself. */
export function kindOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint'
    ? `a ${typeof value}`
    : shown(value);
}

/** How a message names a character that cannot be shown. */
export function codePoint(character: string): string {
  return `U+${character.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}`;
}

/**
 * Refuses options that do not exist, and names the one that was meant: misspelt, written as in Python, or as another
 * client calls it.
 *
 * @param what - the word that takes the options
 * @throws InvalidOptionError
 */
export function checkNames(what: string, options: object, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new InvalidOptionError(`${what} takes its options as an object, not ${show(options)}.`);
  }
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) throw new InvalidOptionError(unknownName(what, name, names));
  }
}

function unknownName(what: string, name: string, names: readonly string[]): string {
  const plain = plainName(name);
  const elsewhere = ELSEWHERE.get(plain);
  const meant = names.find((each) => plainName(each) === plain || each === elsewhere);
  if (meant === undefined) return unknownOption(what, name, [...new Set(names)]);
  return `${what} has no option '${name}'. Did you mean '${meant}'?`;
}

/** What other clients, and Python, call some options. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['allowredirects', 'redirect'],
  ['followredirects', 'redirect'],
  ['data', 'body'],
  ['query', 'params'],
  ['searchparams', 'params'],
  ['verify', 'verifySsl'],
  ['sockread', 'idle'],
  ['sockconnect', 'connect'],
]);

function plainName(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}

/** @throws InvalidOptionError if the value is neither a boolean nor undefined */
export function checkFlag(name: string, value: unknown, fallback: boolean): boolean {
  if (value === undefined) return fallback;
  if (typeof value === 'boolean') return value;
  throw invalidOption(name, value, 'give true or false');
}

/** @throws InvalidOptionError if the value is neither text nor undefined */
export function checkText(name: string, value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw invalidOption(name, value, 'give text');
}

/** @throws InvalidOptionError if the value is neither a function nor undefined */
export function checkCallback<F extends (...args: never[]) => unknown>(
  name: string,
  value: F | undefined,
): F | undefined {
  if (value === undefined || typeof value === 'function') return value;
  throw invalidOption(name, value, 'give a function');
}

/** @throws InvalidOptionError if the value is not a number of at least `least`; Infinity is one */
export function checkNumber(name: string, value: unknown, fallback: number, least = 0): number {
  if (value === undefined) return fallback;
  if (typeof value === 'number' && value >= least) return value;
  throw invalidOption(name, value, `give a number of at least ${least}`);
}

/** @throws InvalidOptionError if the value is not a duration: milliseconds, 0 or more */
export function checkMilliseconds(name: string, value: unknown, fallback: number): number {
  if (value === undefined) return fallback;
  if (typeof value === 'number' && value >= 0) return value;
  throw invalidOption(name, value, 'give milliseconds, 0 or more');
}

/** @throws InvalidOptionError if the value is not a whole number of at least `least` */
export function checkWhole(name: string, value: unknown, fallback: number, least = 0): number {
  if (value === undefined) return fallback;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value;
  throw invalidOption(name, value, `give a whole number of at least ${least}`);
}

/** @throws InvalidOptionError if the value is not a whole number of at least 1; Infinity stands for no limit */
export function checkCount(name: string, value: unknown, fallback: number): number {
  return value === Number.POSITIVE_INFINITY ? value : checkWhole(name, value, fallback, 1);
}

/** @throws InvalidOptionError if the value is not one of the choices */
export function checkChoice<T extends string>(
  name: string,
  value: T | undefined,
  choices: readonly T[],
  fallback: T,
): T {
  if (value === undefined) return fallback;
  if (choices.includes(value)) return value;
  throw invalidOption(name, value, `use one of ${choices.map((choice) => `'${choice}'`).join(', ')}`);
}
