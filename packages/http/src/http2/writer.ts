/* The body of a request on its way into a stream: one chunk after the other, each when the peer has taken the last one. */
import type { Writable } from 'node:stream';
import type { Upload } from '../exchange/upload.ts';
import { ignore } from '../waits.ts';

/** The most that is written at once, so that what the peer takes can be seen. */
const CHUNK = 65_536;

/** Who is told how the writing goes on. */
export interface WriterOwner {
  /** So many bytes were taken. */
  written(bytes: number): void;
  /** The last byte is about to be sent; returns false if the stream is not to be ended. */
  ending(bytes: number): boolean;
  /** All of it was taken. */
  finished(): void;
}

/** Writes a body into a stream. */
export class BodyWriter {
  readonly #stream: Writable;
  readonly #body: Uint8Array | Upload;
  readonly #owner: WriterOwner;
  #bytes = 0;
  #begun = false;
  #pending = false;

  constructor(stream: Writable, body: Uint8Array | Upload, owner: WriterOwner) {
    this.#stream = stream;
    this.#body = body;
    this.#owner = owner;
  }

  /** How many bytes the peer has taken, while some wait for it. */
  get taken(): number | undefined {
    return this.#pending ? this.#bytes : undefined;
  }

  /** Writes from now on; a second call changes nothing. */
  begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    this.#next();
  }

  #next(): void {
    const body = this.#body;
    if (body instanceof Uint8Array) {
      if (this.#bytes < body.length) this.#write(body.subarray(this.#bytes, this.#bytes + CHUNK));
      else this.#end();
      return;
    }
    // It is refused where the request is over: then nobody waits for the rest.
    body.next().then((result) => (result.done === true ? this.#end() : this.#write(result.value)), ignore);
  }

  #write(chunk: Uint8Array): void {
    if (!this.#stream.writable) return;
    this.#pending = true;
    this.#stream.write(chunk, (error) => {
      this.#pending = false;
      // The stream tells the same to who waits for the response.
      if (error != null) return;
      this.#bytes += chunk.length;
      this.#owner.written(chunk.length);
      this.#next();
    });
  }

  #end(): void {
    if (!this.#stream.writable || !this.#owner.ending(this.#bytes)) return;
    this.#stream.end(() => this.#owner.finished());
  }
}
