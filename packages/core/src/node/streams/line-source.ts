import type { Source } from '../../kernel/operation/source.ts';
import type { Operation } from '../../kernel/operation/suspension.ts';

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;

/** Lines of text, made of lines of bytes. */
export class LineSource implements Source<string> {
  readonly #line: () => Operation<Uint8Array | null>;
  readonly #close: () => Operation<void>;
  #first = true;

  /**
   * @param line the next line with its end; null at the end
   * @param close closes what the lines come from
   */
  constructor(line: () => Operation<Uint8Array | null>, close: () => Operation<void>) {
    this.#line = line;
    this.#close = close;
  }

  *next(): Operation<IteratorResult<string, void>> {
    const line = yield* this.#line();
    if (line === null) return { done: true, value: undefined };
    const value = textOf(line);
    const first = this.#first;
    this.#first = false;
    // A byte order mark is no part of the text.
    return { done: false, value: first ? value.replace(/^\uFEFF/, '') : value };
  }

  close(): Operation<void> {
    return this.#close();
  }
}

function textOf(line: Uint8Array): string {
  let { length } = line;
  if (line[length - 1] === NEWLINE) {
    length--;
    if (line[length - 1] === CARRIAGE_RETURN) length--;
  }
  return Buffer.from(line.buffer, line.byteOffset, length).toString();
}
