import { packError, show } from '@coloop/core/lowlevel';
import { UntransferableError } from '../errors.ts';
import { DEEPEST, FORBIDDEN, TAG, VIEWS } from './tags.ts';

/**
 * Writes a value as text: JSON, and beyond it undefined, NaN, the infinities, -0, BigInt, Date, Map, Set, bytes and errors.
 *
 * @param what how the value is called where a path begins, as in `arguments`
 * @param limit how many characters it may take
 * @throws UntransferableError for what cannot travel, with its path, and for what is too large.
 */
export function encode(value: unknown, what: string, limit = Number.POSITIVE_INFINITY): string {
  const text = JSON.stringify(new Encoder().write(value, what, 0));
  if (text.length <= limit) return text;
  throw new UntransferableError(
    `${what} takes ${text.length} characters, and a message may have ${limit}. Put large things into a file or a store, and send where they are.`,
    what,
  );
}

/** Writes what was thrown. An error of which a property cannot travel goes without its objects. */
export function encodeError(thrown: unknown): string {
  try {
    return encode(packError(thrown), 'the error');
  } catch {
    return encode(packError(thrown, true), 'the error');
  }
}

class Encoder {
  /** The objects that contain the current one. */
  readonly #around = new Set<object>();

  write(value: unknown, path: string, depth: number): unknown {
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
    if (value === undefined) return tagged('undefined');
    if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0) ? value : numberOf(value);
    if (typeof value === 'bigint') return tagged('bigint', String(value));
    if (typeof value !== 'object') throw refusal(value, path);
    if (depth > DEEPEST)
      throw new UntransferableError(`${path} lies more than ${DEEPEST} objects deep. Send it flat.`, path);
    if (this.#around.has(value)) {
      throw new UntransferableError(
        `${path} is an object that contains it, and such a circle cannot be sent. Send an identifier in its place.`,
        path,
      );
    }
    this.#around.add(value);
    const written = this.#object(value, path, depth + 1);
    this.#around.delete(value);
    return written;
  }

  #object(value: object, path: string, depth: number): unknown {
    if (Array.isArray(value)) return Array.from(value, (item, index) => this.write(item, `${path}[${index}]`, depth));
    if (value instanceof Date) return tagged('date', Number.isNaN(value.getTime()) ? null : value.getTime());
    if (value instanceof Map) {
      return tagged(
        'map',
        [...value].map(([key, item], index) => [
          this.write(key, `${path}.keys[${index}]`, depth),
          this.write(item, `${path}.get(${show(key)})`, depth),
        ]),
      );
    }
    if (value instanceof Set)
      return tagged(
        'set',
        [...value].map((item, index) => this.write(item, `${path}.values[${index}]`, depth)),
      );
    if (value instanceof ArrayBuffer) return tagged('ArrayBuffer', base64(new Uint8Array(value)));
    if (ArrayBuffer.isView(value)) return viewOf(value, path);
    if (value instanceof Error) return tagged('error', this.#fields({ ...packError(value) }, path, depth));
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== null && Object.getPrototypeOf(prototype) !== null) throw refusal(value, path);
    const fields = this.#fields(value as Record<string, unknown>, path, depth);
    return Object.hasOwn(fields, TAG) ? tagged('object', fields) : fields;
  }

  #fields(value: Readonly<Record<string, unknown>>, path: string, depth: number): Record<string, unknown> {
    const fields: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      const at = /^[A-Za-z_]\w*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
      if (FORBIDDEN.has(key)) {
        throw new UntransferableError(
          `${at} cannot be sent: no key may be ${key}. Send it under another name, or in a Map.`,
          at,
        );
      }
      fields[key] = this.write(value[key], at, depth);
    }
    return fields;
  }
}

function tagged(...parts: readonly unknown[]): Record<string, unknown> {
  return { [TAG]: parts };
}

function numberOf(value: number): unknown {
  return tagged('number', Object.is(value, -0) ? '-0' : String(value));
}

function viewOf(view: ArrayBufferView, path: string): unknown {
  // A `Buffer` arrives as the `Uint8Array` that it is.
  const name = view instanceof Uint8Array ? 'Uint8Array' : Object.prototype.toString.call(view).slice(8, -1);
  if (!Object.hasOwn(VIEWS, name)) throw refusal(view, path);
  return tagged(name, base64(new Uint8Array(view.buffer, view.byteOffset, view.byteLength)));
}

const CHUNK = 0x8000;

function base64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += CHUNK) binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(binary);
}

function refusal(value: unknown, path: string): UntransferableError {
  const shown = typeof value === 'symbol' ? 'a symbol' : show(value);
  return new UntransferableError(
    `${path} is ${shown}, which cannot be sent. Send plain objects, arrays, Map, Set, Date, BigInt, bytes and errors.`,
    path,
  );
}
