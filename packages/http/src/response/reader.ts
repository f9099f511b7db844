import type { Operation, Source } from '@coloop/core';
import type { Recycling } from '../bytes/recycling.ts';
import { OneReader } from '../bytes/single-reader.ts';
import { InvalidOptionError } from '../errors.ts';

/** Puts what comes from a source into memory of the reader's; each piece is handed back once it is used up. */
export class MemoryReader {
  readonly #source: Source<Uint8Array> & Recycling;
  #piece: Uint8Array = NOTHING;
  #used = 0;
  readonly #reader = new OneReader();

  constructor(source: Source<Uint8Array> & Recycling) {
    this.#source = source;
  }

  /** Waits until there is something; how many bytes were put, 0 at the end. Cancellation: loses nothing. */
  *read(memory: Uint8Array): Operation<number> {
    while (this.#used === this.#piece.length) {
      const next = yield* this.#reader.run(() => this.#source.next());
      if (next.done) return 0;
      this.#piece = next.value;
      this.#used = 0;
    }
    // It may have been taken away, or made smaller, during the wait; 0 would say that the body has ended.
    if (memory.length === 0) checkMemory(memory);
    const piece = this.#piece;
    const end = Math.min(piece.length, this.#used + memory.length);
    const size = end - this.#used;
    memory.set(piece.subarray(this.#used, end));
    this.#used = end;
    if (end === piece.length) {
      this.#piece = NOTHING;
      this.#used = 0;
      this.#source.recycle?.(piece);
    }
    return size;
  }
}

/**
 * Looks at what a caller wants to read into.
 *
 * @throws InvalidOptionError for what is no `Uint8Array`, or has no room
 */
export function checkMemory(memory: Uint8Array): void {
  // Also one of another realm, as test runners have them.
  if (!ArrayBuffer.isView(memory) || Object.prototype.toString.call(memory) !== '[object Uint8Array]') {
    throw new InvalidOptionError(
      `readInto takes a Uint8Array to put bytes into, such as new Uint8Array(65_536), not ${memory === null ? 'null' : typeof memory}.`,
    );
  }
  if (memory.length === 0) {
    throw new InvalidOptionError('readInto was given no room: 0 bytes are what it answers at the end of the body.');
  }
}

const NOTHING = new Uint8Array(0);
