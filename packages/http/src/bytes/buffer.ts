/*
 * Bytes that come in chunks and are wanted in one: gathered as they come, joined, copied.
 */

/** A body is given all the room that it announces once this share of it has come; before, the room grows with it. */
const TRUST = 16;
const NOTHING = new Uint8Array(0);

/** Gathers the chunks of a body, in order. */
export class ByteBuffer {
  readonly #expected: number | undefined;
  readonly #chunks: Uint8Array[] = [];
  #room = NOTHING;
  #size = 0;

  /** @param expected - how many bytes were announced; undefined: nothing was, and the chunks are kept until the end */
  constructor(expected: number | undefined) {
    this.#expected = expected;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds a chunk, and returns whether it was copied: its memory is free again then. */
  add(chunk: Uint8Array): boolean {
    const at = this.#size;
    this.#size += chunk.length;
    if (this.#expected === undefined) {
      this.#chunks.push(chunk);
      return false;
    }
    if (this.#size > this.#room.length) this.#grow(at, this.#expected);
    this.#room.set(chunk, at);
    return true;
  }

  /** What has come, in order. */
  get chunks(): readonly Uint8Array[] {
    if (this.#size === 0) return [];
    return this.#expected === undefined ? this.#chunks : [this.#room.subarray(0, this.#size)];
  }

  /** What has come, as one chunk; the buffer is empty afterwards. */
  take(): Uint8Array {
    const whole = joined(this.chunks);
    this.#chunks.length = 0;
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

/** Several chunks as one; a single chunk is returned as it is, without a copy. */
export function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [first] = chunks;
  return first !== undefined && chunks.length === 1 ? first : concat(chunks);
}

/** Chunks one after the other, copied into one; `length` is that of all of them, where it is known. */
export function concat(
  chunks: readonly Uint8Array[],
  length: number = chunks.reduce((sum, chunk) => sum + chunk.length, 0),
): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** The same bytes in memory of their own, of the same class. */
export function copyOf(bytes: Uint8Array): Uint8Array {
  return Uint8Array.prototype.slice.call(bytes);
}
