/**
 * How values are written as JSON that JSON does not have: as `{ "$": [tag, data] }`. An object that has a key `$` of its own
 * is written as `{ "$": ["object", {…}] }`.
 */
export const TAG = '$';

/** Keys that reach the prototype of an object. */
export const FORBIDDEN: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** How deep values may lie in each other. */
export const DEEPEST = 500;

/** Views of memory, by the name that is written. */
export const VIEWS = {
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
} as const;

export type ViewName = keyof typeof VIEWS;
