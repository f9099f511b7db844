import type { Operation, Source } from '@coloop/core';
import type { Recycling } from '../bytes/recycling.ts';
import { SingleReader } from '../bytes/single-reader.ts';
import { InvalidOptionError } from '../errors.ts';

const NOTHING = new Uint8Array(0);

/** Puts what comes from a source into memory of its caller; each chunk is handed back once it is used up. */
export class MemoryReader {
  readonly #source: Source<Uint8Array> & Recycling;
  #chunk: Uint8Array = NOTHING;
  #used = 0;
  readonly #reader = new SingleReader();

  constructor(source: Source<Uint8Array> & Recycling) {
    this.#source = source;
  }

  /** Waits until something has come, and returns how many bytes were put, 0 at the end. Cancellation: loses nothing. */
  *read(memory: Uint8Array): Operation<number> {
    while (this.#used === this.#chunk.length) {
      const next = yield* this.#reader.run(() => this.#source.next());
      if (next.done) return 0;
      this.#chunk = next.value;
      this.#used = 0;
    }
    // The memory may have been transferred, or made smaller, during the wait; 0 would say that the body has ended.
    if (memory.length === 0) checkMemory(memory);
    const chunk = this.#chunk;
    const end = Math.min(chunk.length, this.#used + memory.length);
    const size = end - this.#used;
    memory.set(chunk.subarray(this.#used, end));
    this.#used = end;
    if (end === chunk.length) {
      this.#chunk = NOTHING;
      this.#used = 0;
      this.#source.recycle?.(chunk);
    }
    return size;
  }
}

/**
 * Checks the memory that a caller wants to read into.
 *
 * @throws InvalidOptionError if it is not a `Uint8Array`, or has no room
 */
export function checkMemory(memory: Uint8Array): void {
  // A Uint8Array of another realm is one too: test runners have them.
  if (!ArrayBuffer.isView(memory) || Object.prototype.toString.call(memory) !== '[object Uint8Array]') {
    throw new InvalidOptionError(
      `The memory for readInto is ${memory === null ? 'null' : `of type ${typeof memory}`}: give a Uint8Array to put bytes into, such as new Uint8Array(65_536).`,
    );
  }
  if (memory.length === 0) {
    throw new InvalidOptionError(
      'The memory for readInto has no room: give memory of at least one byte, since a result of 0 means the end of the body.',
    );
  }
}
