/*
 * `Expect: 100-continue`: the codec refuses it, and writes head and body in one go, so here its writes are taken apart.
 * Source: RFC 9110, section 10.1.1.
 */
import type { Duplex } from 'node:stream';
import type { Timer } from '../waits.ts';

/** Holds the body of a request back behind its head, until the server says that it wants it. */
export class ExpectContinue {
  readonly #socket: Duplex;
  readonly #write: Duplex['write'];
  readonly #timer: Timer;
  readonly #milliseconds: number;
  readonly #held: { readonly chunk: unknown; readonly encoding: BufferEncoding | undefined }[] = [];
  #head = true;
  #chunked = false;
  #over = false;

  /** @param timer - is set when the head is written, and stopped here; its ring calls `sendBody` */
  constructor(socket: Duplex, timer: Timer, milliseconds: number) {
    this.#timer = timer;
    this.#milliseconds = milliseconds;
    this.#socket = socket;
    this.#write = socket.write.bind(socket);
    socket.write = ((chunk: unknown, encoding?: BufferEncoding) => this.#take(chunk, encoding)) as Duplex['write'];
  }

  /** Whether a part of the body is held back. */
  get holding(): boolean {
    return this.#held.length > 0;
  }

  /** Sends what was held back, and lets everything through from now on. */
  sendBody(): void {
    if (!this.#restore()) return;
    const { length } = this.#held;
    for (const { chunk, encoding } of this.#held.splice(0)) this.#write(chunk, encoding as BufferEncoding);
    if (length > 0 && !this.#socket.writableNeedDrain) this.#socket.emit('drain');
  }

  /**
   * The response has come: what is still held back is not sent.
   *
   * @returns true if the body was held back until now; the connection can then only be closed
   */
  discard(): boolean {
    const early = !this.#over;
    this.#held.length = 0;
    this.#over = true;
    this.#timer.stop();
    return early;
  }

  #restore(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#timer.stop();
    // The instance's own property hides the class's method.
    Reflect.deleteProperty(this.#socket, 'write');
    return true;
  }

  #take(chunk: unknown, encoding: BufferEncoding | undefined): boolean {
    if (this.#over) return true;
    if (this.#head && typeof chunk === 'string') return this.#takeHead(chunk, encoding);
    if (this.#chunked && typeof chunk === 'string' && chunk.startsWith('\r\n')) {
      // The end of the head went out with `Expect`; the codec sends it with the first chunk.
      this.#chunked = false;
      this.#held.push({ chunk: chunk.slice(2), encoding });
    } else {
      this.#held.push({ chunk, encoding });
    }
    return false;
  }

  #takeHead(text: string, encoding: BufferEncoding | undefined): boolean {
    this.#head = false;
    this.#chunked = !text.endsWith('\r\n\r\n');
    this.#timer.set(this.#milliseconds);
    const lines = this.#chunked ? text : text.slice(0, -2);
    return this.#write(`${lines}expect: 100-continue\r\n\r\n`, encoding as BufferEncoding);
  }
}
