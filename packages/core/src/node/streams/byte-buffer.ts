const EMPTY = Buffer.alloc(0);

/**
 * Bytes that came and were not taken yet.
 *
 * What is taken is a view: memory that was given out is never written again.
 */
export class ByteBuffer {
  #bytes: Buffer = EMPTY;
  #start = 0;
  #end = 0;

  get size(): number {
    return this.#end - this.#start;
  }

  append(chunk: Uint8Array): void {
    const { size } = this;
    if (size === 0) {
      this.#bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      this.#start = 0;
      this.#end = chunk.length;
      return;
    }
    if (this.#end + chunk.length > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(2 * (size + chunk.length));
      this.#bytes.copy(larger, 0, this.#start, this.#end);
      this.#bytes = larger;
      this.#start = 0;
      this.#end = size;
    }
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** Takes up to `most` bytes. */
  take(most: number): Uint8Array {
    const length = Math.min(most, this.size);
    const { buffer, byteOffset } = this.#bytes;
    const taken = new Uint8Array(buffer, byteOffset + this.#start, length);
    this.#start += length;
    return taken;
  }

  /** Where `separator` begins, looked for from `from` on; -1 where it is not there. */
  indexOf(separator: Uint8Array, from: number): number {
    return this.#bytes.subarray(this.#start, this.#end).indexOf(separator, from);
  }
}
