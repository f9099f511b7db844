import type { Operation, Source } from '@coloop/core';
import type { Recycling } from '../bytes/recycling.ts';
import { OneReader } from '../bytes/single-reader.ts';
import { textDecoder } from './charset.ts';
import { LineSplitter } from './line-splitter.ts';

/** The body as lines of text. */
export class Lines implements Source<string> {
  readonly #chunks: Source<Uint8Array> & Recycling;
  readonly #contentType: string | null;
  readonly #splitter: LineSplitter;
  #waiting: readonly string[] = NONE;
  /** Which of them is next; taking it out of the list takes time with the length of the list. */
  #at = 0;
  #decoder: TextDecoder | undefined;
  #ended = false;
  readonly #reader = new OneReader();
  /** Of a line that is too long: it comes after those before it. */
  #error: unknown;

  constructor(chunks: Source<Uint8Array>, contentType: string | null, most: number) {
    this.#chunks = chunks;
    this.#contentType = contentType;
    this.#splitter = new LineSplitter(most);
  }

  next(): Operation<IteratorResult<string, void>> {
    return nextLine(this);
  }

  close(): Operation<void> {
    this.#ended = true;
    this.#waiting = NONE;
    return this.#chunks.close();
  }

  /** @internal */
  nowait(): IteratorResult<string, void> | undefined {
    const line = this.#waiting[this.#at];
    this.#at += 1;
    if (line !== undefined) return { done: false, value: line };
    if (this.#error !== undefined) throw this.#error;
    return this.#ended ? { done: true, value: undefined } : undefined;
  }

  /** @internal Reads on, until there are lines or the end. */
  more(): Operation<void> {
    return this.#reader.run(() => this.#more());
  }

  *#more(): Operation<void> {
    this.#take(yield* this.#chunks.next());
    if (this.#error !== undefined) yield* this.#chunks.close();
  }

  #take(piece: IteratorResult<Uint8Array, void>): void {
    if (piece.done) {
      this.#ended = true;
      this.#split(this.#decoder?.decode() ?? '', true);
      return;
    }
    this.#decoder ??= textDecoder(piece.value, this.#contentType, undefined);
    this.#split(this.#decoder.decode(piece.value, { stream: true }), false);
    this.#chunks.recycle?.(piece.value);
  }

  #split(text: string, isLast: boolean): void {
    const lines = this.#waiting.slice(this.#at);
    this.#waiting = lines;
    this.#at = 0;
    try {
      this.#splitter.push(text, lines);
      const last = isLast ? this.#splitter.end() : undefined;
      if (last !== undefined) lines.push(last);
    } catch (error) {
      this.#error = error;
    }
  }
}

const NONE: readonly string[] = [];

function* nextLine(lines: Lines): Operation<IteratorResult<string, void>> {
  for (;;) {
    const line = lines.nowait();
    if (line !== undefined) return line;
    yield* lines.more();
  }
}
