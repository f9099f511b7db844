/* The headers of a request: read from all forms in which they are given, checked, and immutable. */
import { codePoint, invalid, invalidKind, ownEntries } from './checks.ts';
import { InvalidOptionError } from './errors.ts';
import type { Fields } from './fields.ts';
import { showAs, shownHeaders } from './inspect.ts';

/** What is accepted wherever headers are given. */
export type HeadersInit =
  | Headers
  | RequestHeaders
  | Readonly<Record<string, string | number | boolean | readonly (string | number | boolean)[] | null | undefined>>
  | Iterable<readonly [string, string]>
  | Fields;

/**
 * The headers of a request: immutable, in the order given, names as written, duplicates kept.
 *
 * The web's `Headers` folds duplicates into one line and lowers names, which some servers and all signatures notice.
 */
export class RequestHeaders {
  static readonly empty: RequestHeaders = new RequestHeaders([]);
  /** Name, value, name, value and so on: the form in which the codec takes them. */
  readonly flat: readonly string[];

  private constructor(flat: readonly string[]) {
    this.flat = flat;
  }

  /**
   * Reads and checks headers; `null`, `false` and `undefined` values mean "not this one" and are left out.
   *
   * @throws InvalidOptionError for names that are not tokens, control characters, and second values of headers that must be single.
   */
  static from(init: HeadersInit | undefined): RequestHeaders {
    if (init === undefined) return RequestHeaders.empty;
    if (init instanceof RequestHeaders) return init;
    const flat: string[] = [];
    for (const [name, value] of entriesOf(init)) appendTo(flat, name, value);
    return flat.length === 0 ? RequestHeaders.empty : new RequestHeaders(flat);
  }

  /** The first value of a header, in any case of its name. */
  get(name: string): string | undefined {
    const index = indexOf(this.flat, name.toLowerCase(), 0);
    return index === -1 ? undefined : this.flat[index + 1];
  }

  has(name: string): boolean {
    return indexOf(this.flat, name.toLowerCase(), 0) !== -1;
  }

  /** Replaces every header of this name by one. */
  set(name: string, value: string): RequestHeaders {
    checkHeader(name, value);
    const flat = without(this.flat, name.toLowerCase());
    flat.push(name, value);
    return new RequestHeaders(flat);
  }

  /** Adds a header and keeps those of the same name. */
  append(name: string, value: string): RequestHeaders {
    const flat = [...this.flat];
    appendTo(flat, name, value);
    return new RequestHeaders(flat);
  }

  /** Leaves out every header of these names. */
  delete(...names: readonly string[]): RequestHeaders {
    const lowered = new Set(names.map((name) => name.toLowerCase()));
    return this.filter((name) => !lowered.has(name));
  }

  /** Keeps the headers for which `keep` says so; it is given the name in lower case. */
  filter(keep: (lowerName: string, value: string) => boolean): RequestHeaders {
    const flat: string[] = [];
    for (const [name, value] of this) if (keep(name.toLowerCase(), value)) flat.push(name, value);
    return flat.length === this.flat.length ? this : new RequestHeaders(flat);
  }

  /** These headers under the others: a name that `over` has, in any case, is taken from there alone. */
  merge(over: RequestHeaders): RequestHeaders {
    if (over.flat.length === 0) return this;
    if (this.flat.length === 0) return over;
    const flat: string[] = [];
    for (const [name, value] of this) if (!over.has(name)) flat.push(name, value);
    for (const text of over.flat) flat.push(text);
    return new RequestHeaders(flat);
  }

  *[Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    for (let index = 0; index < this.flat.length; index += 2) {
      yield [this.flat[index] as string, this.flat[index + 1] as string];
    }
  }

  /** The web's form of these headers. */
  toHeaders(): Headers {
    return new Headers([...this]);
  }
}

/**
 * Checks one header before anything is sent.
 *
 * Names are tokens of RFC 9110, section 5.6.2; values are visible characters, spaces and tabs up to U+00FF (section 5.5).
 *
 * @throws InvalidOptionError naming the header and the offending character.
 */
export function checkHeader(name: string, value: string): void {
  if (typeof name !== 'string' || !TOKEN.test(name)) {
    throw invalid('The name of a header', name, "write letters, digits and ! # $ % & ' * + - . ^ _ ` | ~ only");
  }
  const bad = BAD_VALUE.exec(value);
  if (bad !== null) {
    throw new InvalidOptionError(
      `The value of the header ${name} has the character ${codePoint(bad[0])} at position ${bad.index}: a header carries visible characters up to U+00FF, spaces and tabs; encode anything else.`,
    );
  }
}

/** A token of RFC 9110, section 5.6.2: header names and methods. */
export const TOKEN: RegExp = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const BAD_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

// Their meaning hangs on being there once: a second one is how requests are smuggled and credentials are confused.
const SINGLE: ReadonlySet<string> = new Set(['content-length', 'host', 'authorization', 'transfer-encoding']);

function appendTo(flat: string[], name: string, value: unknown): void {
  if (value === null || value === undefined || value === false) return;
  if (Array.isArray(value)) {
    for (const each of value as readonly unknown[]) appendTo(flat, name, each);
    return;
  }
  const text = textOf(name, value);
  checkHeader(name, text);
  const lower = name.toLowerCase();
  if (SINGLE.has(lower) && indexOf(flat, lower, 0) !== -1) {
    throw new InvalidOptionError(`The header ${name} is given twice: a request carries it once; leave one out.`);
  }
  flat.push(name, text);
}

// Coerced once, then checked: an object whose toString() answers differently the second time gets no second time.
function textOf(name: string, value: unknown): string {
  if (typeof value === 'string') return trimOws(value);
  if (typeof value === 'number' || typeof value === 'bigint' || value === true) return String(value);
  throw invalidKind(`The value of the header ${String(name)}`, value, 'give a string, a number or a list of them');
}

/**
 * A value without the spaces and tabs around it: RFC 9110, section 5.6.3.
 *
 * By hand: a pattern that looks for the end would try at each space within the value.
 */
export function trimOws(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isOws(value.charCodeAt(start))) start++;
  while (end > start && isOws(value.charCodeAt(end - 1))) end--;
  return value.slice(start, end);
}

function isOws(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function entriesOf(init: HeadersInit): Iterable<readonly [string, unknown]> {
  if (typeof init !== 'object' || init === null) {
    throw invalidKind("The option 'headers'", init, 'give a record, Headers, or a list of [name, value]');
  }
  if (typeof (init as Iterable<unknown>)[Symbol.iterator] !== 'function') {
    return ownEntries(init as Readonly<Record<string, unknown>>);
  }
  return pairsOf(init as Iterable<unknown>);
}

function* pairsOf(pairs: Iterable<unknown>): IterableIterator<readonly [string, unknown]> {
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2) {
      throw invalidKind("An item of the option 'headers'", pair, 'give [name, value]');
    }
    yield [pair[0] as string, pair[1]];
  }
}

function indexOf(flat: readonly string[], lowerName: string, from: number): number {
  for (let index = from; index < flat.length; index += 2) {
    const name = flat[index] as string;
    if (name.length === lowerName.length && (name === lowerName || name.toLowerCase() === lowerName)) return index;
  }
  return -1;
}

function without(flat: readonly string[], lowerName: string): string[] {
  const kept: string[] = [];
  for (let index = 0; index < flat.length; index += 2) {
    const name = flat[index] as string;
    if (name.toLowerCase() !== lowerName) kept.push(name, flat[index + 1] as string);
  }
  return kept;
}

showAs(RequestHeaders, 'RequestHeaders', shownHeaders);
