import type { Transform } from 'node:stream';
import type { Operation, Source } from '@coloop/core';
import { bodyReleased } from '../bytes/body-errors.ts';
import { concat } from '../bytes/concat.ts';
import { OneReader } from '../bytes/single-reader.ts';
import { HostWait } from '../waits.ts';

/** How one zlib stream stands between two sources. */
export interface ZlibStep {
  /** How many bytes `open` wants to see, unless the body is shorter. */
  readonly peek: number;
  /** Makes the stream. */
  open(beginning: Uint8Array): Transform;
  /** Whether a body without any byte goes through the stream; otherwise it stays empty. */
  readonly emptyToo: boolean;
  /** Looks at the bytes produced so far, and answers with an error where they are too much. */
  watch?(produced: number): Error | undefined;
  /** Turns an error of zlib into one of ours. */
  failed(error: Error): Error;
}

/**
 * Passes a source through a zlib stream: compresses or decompresses, piece by piece, with backpressure on both sides.
 *
 * Cancellation: a cancelled `next()` loses nothing; the next call goes on where it stopped.
 */
export class ZlibSource implements Source<Uint8Array> {
  readonly #upstream: Source<Uint8Array>;
  readonly #step: ZlibStep;
  readonly #wait = (): void => {
    this.#stirred = true;
    this.#waiting?.wake(undefined);
  };
  #stream: Transform | undefined;
  #beginning: Uint8Array = NOTHING;
  #waiting: Stirred | undefined;
  #stirred = false;
  #writing = false;
  #handed = 0;
  /** Zlib took no more than a part of what it was handed: its end is near, and what follows is no part of it. */
  #surplus = false;
  #inputDone = false;
  #ended = false;
  #error: Error | undefined;
  #produced = 0;
  readonly #reader = new OneReader();

  constructor(upstream: Source<Uint8Array>, step: ZlibStep) {
    this.#upstream = upstream;
    this.#step = step;
  }

  next(): Operation<IteratorResult<Uint8Array, void>> {
    return this.#reader.run(() => this.#next());
  }

  *#next(): Operation<IteratorResult<Uint8Array, void>> {
    for (;;) {
      if (this.#error !== undefined) {
        this.#stream?.destroy();
        yield* this.#upstream.close();
        throw this.#error;
      }
      if (this.#ended) {
        if (!this.#inputDone) yield* this.#leave();
        return END;
      }
      this.#stirred = false;
      const piece = this.#stream?.read() as Uint8Array | null | undefined;
      if (piece != null && piece.length > 0) {
        if (this.#allows(piece.length)) return { done: false, value: piece };
      } else if (this.#writing || this.#surplus || (this.#inputDone && this.#stream !== undefined)) {
        yield* this.#stir();
      } else {
        yield* this.#feed();
      }
    }
  }

  *close(): Operation<void> {
    // For the task that is reading this is no end of the body.
    if (this.#reader.busy) this.#error ??= bodyReleased();
    this.#ended = true;
    yield* this.#leave();
  }

  /** Also where the coding has ended and something follows: that is nobody's, and would hold the connection. */
  *#leave(): Operation<void> {
    this.#inputDone = true;
    this.#stream?.destroy();
    this.#wait();
    yield* this.#upstream.close();
  }

  #allows(size: number): boolean {
    this.#produced += size;
    this.#error = this.#step.watch?.(this.#produced);
    return this.#error === undefined;
  }

  *#feed(): Operation<void> {
    const piece = this.#inputDone ? END : yield* this.#upstream.next();
    if (piece.done) {
      this.#inputDone = true;
      if (this.#stream === undefined) {
        if (this.#beginning.length === 0 && !this.#step.emptyToo) {
          this.#ended = true;
          return;
        }
        this.#open();
      }
      if (!this.#writing) this.#stream?.end();
      return;
    }
    if (piece.value.length === 0) return;
    if (this.#stream !== undefined) return this.#write(this.#stream, piece.value);
    this.#beginning = this.#beginning.length === 0 ? piece.value : concat([this.#beginning, piece.value]);
    if (this.#beginning.length >= this.#step.peek) this.#open();
  }

  #open(): void {
    const stream = this.#step.open(this.#beginning);
    this.#stream = stream;
    stream.on('readable', this.#wait);
    stream.on('end', () => {
      this.#ended = true;
      this.#wait();
    });
    stream.on('error', (error) => {
      this.#error ??= this.#step.failed(error);
      this.#wait();
    });
    const beginning = this.#beginning;
    this.#beginning = NOTHING;
    if (beginning.length > 0) this.#write(stream, beginning);
  }

  #write(stream: Transform, piece: Uint8Array): void {
    this.#writing = true;
    this.#handed += piece.length;
    stream.write(piece, () => {
      this.#writing = false;
      this.#surplus = (stream as Transform & { readonly bytesWritten: number }).bytesWritten < this.#handed;
      if (this.#inputDone && !stream.destroyed) stream.end();
      this.#wait();
    });
  }

  *#stir(): Operation<void> {
    const wait = new Stirred(() => this.#stirred);
    this.#waiting = wait;
    try {
      yield* wait;
    } finally {
      this.#waiting = undefined;
    }
  }
}

/** Waits until the zlib stream did anything at all. */
class Stirred extends HostWait<void> {
  readonly #already: () => boolean;

  constructor(already: () => boolean) {
    super();
    this.#already = already;
  }

  get label(): string {
    return 'zlib';
  }

  override get local(): boolean {
    return true;
  }

  override poll(waiter: Parameters<HostWait<void>['poll']>[0]): boolean {
    return this.#already() ? this.finish(undefined) : super.poll(waiter);
  }

  protected begin(): void {}

  protected end(): void {}
}

const NOTHING = new Uint8Array(0);
const END: IteratorReturnResult<void> = { done: true, value: undefined };
