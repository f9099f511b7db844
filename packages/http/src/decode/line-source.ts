/*
 * A body as lines of text: bytes are decoded as they come, and cut at line ends; lines that nobody took yet wait in a list.
 */
import type { Operation, Source } from '@coloop/core';
import type { Recycling } from '../bytes/recycling.ts';
import { SingleReader } from '../bytes/single-reader.ts';
import { textDecoder } from './charset.ts';
import { LineSplitter } from './line-splitter.ts';

const NONE: readonly string[] = [];

/** The lines of a body, without their ends. */
export class LineSource implements Source<string> {
  readonly #chunks: Source<Uint8Array> & Recycling;
  readonly #contentType: string | null;
  readonly #splitter: LineSplitter;
  readonly #reader = new SingleReader();
  #lines: readonly string[] = NONE;
  /** Which of them is next; taking it out of the list takes time with the length of the list. */
  #at = 0;
  #decoder: TextDecoder | undefined;
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
      this.#split(this.#decoder?.decode() ?? '', true);
      return;
    }
    this.#decoder ??= textDecoder(chunk.value, this.#contentType, undefined);
    this.#split(this.#decoder.decode(chunk.value, { stream: true }), false);
    this.#chunks.recycle?.(chunk.value);
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
