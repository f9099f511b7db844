import { show } from '../kernel/operation/options.ts';

/** What is to be moved with a value, until the value is sent. */
const lists = new WeakMap<object, readonly unknown[]>();

/** What the platforms can move, by the name of the class; not every platform has all of them. */
const MOVABLE = [
  'ArrayBuffer',
  'MessagePort',
  'ReadableStream',
  'WritableStream',
  'TransformStream',
  'ImageBitmap',
  'OffscreenCanvas',
  'VideoFrame',
  'AudioData',
];

/**
 * Marks a value to be moved to the other thread and not copied, when it is an argument or a result of a call, or an item
 * of a stream. Afterwards it is empty here.
 *
 * Without a list, what is moved is the value itself, or the memory of a typed array that covers all of it (one that
 * covers a part is copied, since the rest belongs to others). Give the list for what lies inside of a value. Processes
 * share no memory: there everything is copied.
 *
 * @param value an argument or a result
 * @param list what is moved with it
 * @returns the value
 * @throws TypeError for a value that cannot be moved, when no list is given.
 * @example
 * ```ts
 * import { transfer } from '@coloop/core/workers';
 *
 * const pixels = new Uint8Array(1024);
 * console.log(transfer(pixels) === pixels); //> true
 * ```
 * Source: `postMessage` with a list of transferable objects; Comlink's `transfer`.
 */
export function transfer<T extends object>(value: T, list?: readonly object[]): T {
  if (typeof value !== 'object' || value === null) {
    throw new TypeError(
      `transfer takes an object, such as a typed array, not ${show(value)}. Plain values are copied.`,
    );
  }
  lists.set(value, list === undefined ? movableIn(value) : [...list]);
  return value;
}

function movableIn(value: object): readonly unknown[] {
  if (ArrayBuffer.isView(value)) {
    const { buffer } = value;
    return value.byteLength === buffer.byteLength && buffer instanceof ArrayBuffer ? [buffer] : [];
  }
  for (const name of MOVABLE) {
    const Movable = (globalThis as Record<string, unknown>)[name];
    if (typeof Movable === 'function' && value instanceof Movable) return [value];
  }
  throw new TypeError(
    `transfer got ${show(value)}, which cannot be moved as a whole. Give a list of what is inside it: \`transfer(value, [value.pixels.buffer])\`.`,
  );
}

/** What is to be moved with `value`, or null; asked once, when it is sent. */
export function takeTransfer(value: unknown): readonly unknown[] | null {
  if (typeof value !== 'object' || value === null) return null;
  const list = lists.get(value);
  if (list === undefined) return null;
  lists.delete(value);
  return list;
}

/** What is to be moved with any of `values`, or null. */
export function takeTransfers(values: readonly unknown[]): readonly unknown[] | null {
  let all: readonly unknown[] | null = null;
  for (const value of values) {
    const list = takeTransfer(value);
    if (list !== null) all = all === null ? list : [...all, ...list];
  }
  return all;
}
