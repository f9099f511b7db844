import type { Operation, Source } from '@coloop/core';
import { copyOf } from '../bytes/buffer.ts';
import type { Recycling } from '../bytes/recycling.ts';
import type { WholeBody } from './body.ts';

/** The pieces of a body, until somebody lets go of it. */
export class BodyPieces implements Source<Uint8Array>, Recycling {
  readonly #body: WholeBody;
  readonly #source: Source<Uint8Array> & Recycling;
  #closed = false;

  constructor(body: WholeBody) {
    this.#body = body;
    this.#source = body.pieces();
  }

  *next(): Operation<IteratorResult<Uint8Array, void>> {
    if (this.#closed) return { done: true, value: undefined };
    this.#body.checkReleased();
    return yield* this.#source.next();
  }

  *close(): Operation<void> {
    this.#closed = true;
    yield* this.#source.close();
  }

  recycle(piece: Uint8Array): void {
    this.#source.recycle?.(piece);
  }
}

/** Smaller pieces may lie in a pool of the platform's; one that is larger was a read of its own. */
const POOLED = 32_768;

/** The same for a program: what it is given is its own, to keep, to change and to hand to a worker; nobody recycles it. */
export class OwnPieces implements Source<Uint8Array> {
  readonly #pieces: BodyPieces;
  readonly #shares: boolean;

  /** @param shares - whether several pieces may be parts of the same memory */
  constructor(pieces: BodyPieces, shares: boolean) {
    this.#pieces = pieces;
    this.#shares = shares;
  }

  *next(): Operation<IteratorResult<Uint8Array, void>> {
    const piece = yield* this.#pieces.next();
    return piece.done || this.#isAlone(piece.value) ? piece : { done: false, value: copyOf(piece.value) };
  }

  #isAlone({ length, buffer }: Uint8Array): boolean {
    return length === buffer.byteLength || (!this.#shares && length > POOLED);
  }

  close(): Operation<void> {
    return this.#pieces.close();
  }
}
