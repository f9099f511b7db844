import { concat } from './concat.ts';

/** A body is given all the room that it announces once this share of it has come; before, the room grows with it. */
const TRUST = 16;

/** Bytes that come in pieces and are wanted in one. */
export class GatheredBytes {
  readonly #expected: number | undefined;
  readonly #pieces: Uint8Array[] = [];
  #room = NOTHING;
  #size = 0;

  /** @param expected - how many there will be; undefined: nobody knows, and the pieces are kept until the end */
  constructor(expected: number | undefined) {
    this.#expected = expected;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds a piece, and answers whether it was copied: the memory of such a one is free again. */
  add(piece: Uint8Array): boolean {
    const at = this.#size;
    this.#size += piece.length;
    if (this.#expected === undefined) {
      this.#pieces.push(piece);
      return false;
    }
    if (this.#size > this.#room.length) this.#grow(at, this.#expected);
    this.#room.set(piece, at);
    return true;
  }

  /** What has come, in order. */
  get pieces(): readonly Uint8Array[] {
    if (this.#size === 0) return [];
    return this.#expected === undefined ? this.#pieces : [this.#room.subarray(0, this.#size)];
  }

  /** What has come, in one piece; gives it away. */
  take(): Uint8Array {
    const whole = joined(this.pieces);
    this.#pieces.length = 0;
    this.#room = NOTHING;
    this.#size = 0;
    return whole;
  }

  // A length is only a claim: memory is taken for what has come, and some.
  #grow(used: number, expected: number): void {
    const room = roomFor(Math.min(expected, TRUST * this.#size), this.#size);
    room.set(this.#room.subarray(0, used));
    this.#room = room;
  }
}

/** As much as is wanted, or what is needed where there is no more. */
function roomFor(wanted: number, needed: number): Uint8Array<ArrayBuffer> {
  if (wanted > needed) {
    try {
      return new Uint8Array(wanted);
    } catch {
      // The announced length is larger than an array of this platform, or than its memory.
    }
  }
  return new Uint8Array(needed);
}

/** Several pieces as one, which is the piece itself where there is one. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [first] = pieces;
  return first !== undefined && pieces.length === 1 ? first : concat(pieces);
}

/** The same bytes in memory of their own, of the same class. */
export function copyOf(bytes: Uint8Array): Uint8Array {
  return Uint8Array.prototype.slice.call(bytes);
}

const NOTHING = new Uint8Array(0);
