import { ErrorClasses, type PackedError } from '@coloop/core/lowlevel';
import { FORBIDDEN, TAG, VIEWS, type ViewName } from './tags.ts';

/**
 * Reads what `encode` has written. The keys `__proto__`, `constructor` and `prototype`, which it never writes, are left out.
 *
 * @param classes the errors that arrive as themselves
 * @param where what the stack of an error says of the place that it comes from
 * @throws SyntaxError for what it has not written.
 */
export function decode(text: string, classes = new ErrorClasses(), where = 'a message'): unknown {
  return new Decoder(classes, where).read(JSON.parse(text));
}

/** Reads what `encodeError` has written. */
export function decodeError(text: string, classes: ErrorClasses, where: string): unknown {
  return classes.unpack(decode(text, classes, where) as PackedError, where);
}

class Decoder {
  readonly #classes: ErrorClasses;
  readonly #where: string;

  constructor(classes: ErrorClasses, where: string) {
    this.#classes = classes;
    this.#where = where;
  }

  read(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((item) => this.read(item));
    const fields = value as Record<string, unknown>;
    return Object.hasOwn(fields, TAG) ? this.#tagged(fields[TAG]) : this.#fields(fields);
  }

  #fields(fields: Record<string, unknown>): Record<string, unknown> {
    const read: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(fields)) if (!FORBIDDEN.has(key)) read[key] = this.read(item);
    return read;
  }

  #tagged(parts: unknown): unknown {
    const [tag, data] = Array.isArray(parts) ? (parts as [string, never]) : [String(parts), undefined as never];
    if (Object.hasOwn(VIEWS, tag)) return new VIEWS[tag as ViewName](memoryOf(data));
    switch (tag) {
      case 'undefined':
        return undefined;
      case 'number':
        return Number(data);
      case 'bigint':
        return BigInt(data);
      case 'date':
        return new Date(data ?? Number.NaN);
      case 'map':
        return new Map((data as [unknown, unknown][]).map(([key, item]) => [this.read(key), this.read(item)]));
      case 'set':
        return new Set((data as unknown[]).map((item) => this.read(item)));
      case 'ArrayBuffer':
        return memoryOf(data);
      case 'object':
        return this.#fields(data);
      case 'error':
        return this.#classes.unpack(this.#fields(data) as unknown as PackedError, this.#where);
      default:
        throw new SyntaxError(
          `A message has a value of the unknown kind ${JSON.stringify(tag)}. Its sender has another version.`,
        );
    }
  }
}

function memoryOf(base64: string): ArrayBuffer {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes.buffer;
}
