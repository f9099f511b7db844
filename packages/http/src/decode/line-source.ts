import type { Operation, Source } from '@coloop/core';
import { bodyBusy } from '../body-busy.ts';
import type { Recycling } from '../recycling.ts';
import { textDecoder } from './charset.ts';
import { LineSplitter } from './line-splitter.ts';

/** The body as lines of text. */
export class Lines implements Source<string> {
  readonly #chunks: Source<Uint8Array> & Recycling;
  readonly #contentType: string | null;
  readonly #splitter: LineSplitter;
  #waiting: readonly string[] = [];
  /** Which of them is next; taking it out of the list takes time with the length of the list. */
  #at = 0;
  #decoder: TextDecoder | undefined;
  #ended = false;
  #busy = false;

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
    return this.#chunks.close();
  }

  /** @internal */
  nowait(): IteratorResult<string, void> | undefined {
    const line = this.#waiting[this.#at];
    this.#at += 1;
    if (line !== undefined) return { done: false, value: line };
    return this.#ended ? { done: true, value: undefined } : undefined;
  }

  /** @internal Reads on, until there are lines or the end. */
  *more(): Operation<void> {
    if (this.#busy) throw bodyBusy();
    this.#busy = true;
    try {
      this.#take(yield* this.#chunks.next());
    } finally {
      this.#busy = false;
    }
  }

  #take(piece: IteratorResult<Uint8Array, void>): void {
    if (piece.done) {
      this.#ended = true;
      const lines = this.#splitter.push(this.#decoder?.decode() ?? '');
      const last = this.#splitter.end();
      this.#hold(last === undefined ? lines : [...lines, last]);
      return;
    }
    this.#decoder ??= textDecoder(piece.value, this.#contentType, undefined);
    this.#hold(this.#splitter.push(this.#decoder.decode(piece.value, { stream: true })));
    this.#chunks.recycle?.(piece.value);
  }

  #hold(lines: readonly string[]): void {
    this.#waiting = this.#waiting.slice(this.#at).concat(lines);
    this.#at = 0;
  }
}

function* nextLine(lines: Lines): Operation<IteratorResult<string, void>> {
  for (;;) {
    const line = lines.nowait();
    if (line !== undefined) return line;
    yield* lines.more();
  }
}
