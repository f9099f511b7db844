import type { HeaderLines } from '../body-stream.ts';

/** Header lines as the codec gives them: name, value, name, value, …; read only when asked for. */
export class LineList implements HeaderLines {
  readonly #raw: readonly (Buffer | string)[];

  constructor(raw: readonly (Buffer | string)[]) {
    this.#raw = raw;
  }

  /** The bytes of the head, line ends and separators included. */
  get size(): number {
    let size = this.#raw.length * 2;
    for (const text of this.#raw) size += text.length;
    return size;
  }

  has(lowerName: string): boolean {
    return this.#indexOf(lowerName, 0) !== -1;
  }

  get(lowerName: string): string | null {
    const first = this.#indexOf(lowerName, 0);
    if (first === -1) return null;
    let value = textOf(this.#raw[first + 1]);
    for (let at = this.#indexOf(lowerName, first + 2); at !== -1; at = this.#indexOf(lowerName, at + 2)) {
      value += `, ${textOf(this.#raw[at + 1])}`;
    }
    return value;
  }

  getAll(lowerName: string): readonly string[] {
    const values: string[] = [];
    for (let at = this.#indexOf(lowerName, 0); at !== -1; at = this.#indexOf(lowerName, at + 2)) {
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

  #indexOf(lowerName: string, from: number): number {
    const { length } = lowerName;
    const first = lowerName.charCodeAt(0) | LOWER;
    for (let index = from; index < this.#raw.length; index += 2) {
      const name = this.#raw[index];
      if (name?.length !== length) continue;
      // Most names of the same length differ in their first letter: no string is made for those.
      if (typeof name !== 'string' && ((name[0] ?? 0) | LOWER) !== first) continue;
      if (textOf(name).toLowerCase() === lowerName) return index;
    }
    return -1;
  }
}

/** The bit that makes an ASCII letter a small one; other characters with it are compared again. */
const LOWER = 0x20;

function textOf(bytes: Buffer | string | undefined): string {
  if (bytes === undefined) return '';
  return typeof bytes === 'string' ? bytes : bytes.toString('latin1');
}
