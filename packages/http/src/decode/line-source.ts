/*
 * A body as lines of text: bytes are decoded as they come, and cut at line ends; lines that nobody took yet wait in a list.
 */
import type { Operation, Source } from '@coloop/core';
import { concat } from '../bytes/buffer.ts';
import type { Recycling } from '../bytes/recycling.ts';
import { SingleReader } from '../bytes/single-reader.ts';
import { mayBeMark, textDecoder } from './charset.ts';
import type { TextDecoding } from './encodings.ts';
import { LineSplitter } from './line-splitter.ts';

const NONE: readonly string[] = [];
const NO_BYTES = new Uint8Array(0);

/** The lines of a body, without their ends. */
export class LineSource implements Source<string> {
  readonly #chunks: Source<Uint8Array> & Recycling;
  readonly #contentType: string | null;
  readonly #splitter: LineSplitter;
  readonly #reader = new SingleReader();
  #lines: readonly string[] = NONE;
  /** Which of them is next; taking it out of the list takes time with the length of the list. */
  #at = 0;
  #decoder: TextDecoding | undefined;
  /** The first bytes, while they may be the beginning of a byte order mark. */
  #beginning: Uint8Array = NO_BYTES;
  #ended = false;
  /** Of a line that is too long: it comes after those before it. */
  #error: unknown;

  constructor(chunks: Source<Uint8Array>, contentType: string | null, most: number) {
    this.#chunks = chunks;
    this.#contentType = contentType;
    this.#splitter = new LineSplitter(most);
  }

  *next(): Operation<IteratorResult<string, void>> {
    for (;;) {
      const line = this.#nextNowait();
      if (line !== undefined) return line;
      yield* this.#reader.run(() => this.#readOn());
    }
  }

  close(): Operation<void> {
    this.#ended = true;
    this.#lines = NONE;
    return this.#chunks.close();
  }

  #nextNowait(): IteratorResult<string, void> | undefined {
    const line = this.#lines[this.#at];
    this.#at += 1;
    if (line !== undefined) return { done: false, value: line };
    if (this.#error !== undefined) throw this.#error;
    return this.#ended ? { done: true, value: undefined } : undefined;
  }

  *#readOn(): Operation<void> {
    this.#take(yield* this.#chunks.next());
    if (this.#error !== undefined) yield* this.#chunks.close();
  }

  #take(chunk: IteratorResult<Uint8Array, void>): void {
    if (chunk.done) {
      this.#ended = true;
      const decoder = this.#decoder ?? textDecoder(this.#beginning, this.#contentType, undefined);
      this.#split(decoder.decode(this.#beginning), true);
      return;
    }
    const text = this.#decode(chunk.value);
    this.#chunks.recycle?.(chunk.value);
    this.#split(text, false);
  }

  #decode(chunk: Uint8Array): string {
    if (this.#decoder !== undefined) return this.#decoder.decode(chunk, { stream: true });
    const bytes = concat([this.#beginning, chunk]);
    if (mayBeMark(bytes)) {
      this.#beginning = bytes;
      return '';
    }
    this.#beginning = NO_BYTES;
    this.#decoder = textDecoder(bytes, this.#contentType, undefined);
    return this.#decoder.decode(bytes, { stream: true });
  }

  #split(text: string, isLast: boolean): void {
    const lines = this.#lines.slice(this.#at);
    this.#lines = lines;
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
