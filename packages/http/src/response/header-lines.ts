/*
 * Header lines as the codec gives them: name, value, name, value, …; decoded only when they are asked for.
 */
import type { HeaderLines } from './stream.ts';

const UPPER_A = 0x41;
const UPPER_Z = 0x5a;
const TO_LOWER = 0x20;

/** The header lines of one response. */
export class LineList implements HeaderLines {
  readonly #raw: readonly (Buffer | string)[];

  constructor(raw: readonly (Buffer | string)[]) {
    this.#raw = raw;
  }

  /** How many bytes the head has, line ends and separators included. */
  get size(): number {
    let size = this.#raw.length * 2;
    for (const text of this.#raw) size += text.length;
    return size;
  }

  has(lowerName: string): boolean {
    return this.indexOf(lowerName, 0) !== -1;
  }

  get(lowerName: string): string | null {
    const first = this.indexOf(lowerName, 0);
    if (first === -1) return null;
    let value = textOf(this.#raw[first + 1]);
    for (let at = this.indexOf(lowerName, first + 2); at !== -1; at = this.indexOf(lowerName, at + 2)) {
      value += `, ${textOf(this.#raw[at + 1])}`;
    }
    return value;
  }

  getAll(lowerName: string): readonly string[] {
    const values: string[] = [];
    for (let at = this.indexOf(lowerName, 0); at !== -1; at = this.indexOf(lowerName, at + 2)) {
      values.push(textOf(this.#raw[at + 1]));
    }
    return values;
  }

  toHeaders(): Headers {
    const headers = new Headers();
    for (let index = 0; index + 1 < this.#raw.length; index += 2) {
      headers.append(textOf(this.#raw[index]), textOf(this.#raw[index + 1]));
    }
    return headers;
  }

  private indexOf(lowerName: string, from: number): number {
    const { length } = lowerName;
    for (let index = from; index < this.#raw.length; index += 2) {
      const name = this.#raw[index];
      if (name?.length === length && spells(name, lowerName)) return index;
    }
    return -1;
  }
}

// Byte by byte: a string for every name that is looked at costs more than all else that is done with a head.
function spells(name: Buffer | string, lowerName: string): boolean {
  if (typeof name === 'string') return name.toLowerCase() === lowerName;
  for (let index = 0; index < lowerName.length; index++) {
    const byte = name[index] as number;
    const lower = byte >= UPPER_A && byte <= UPPER_Z ? byte + TO_LOWER : byte;
    if (lower !== lowerName.charCodeAt(index)) return false;
  }
  return true;
}

function textOf(bytes: Buffer | string | undefined): string {
  if (bytes === undefined) return '';
  return typeof bytes === 'string' ? bytes : bytes.toString('latin1');
}
