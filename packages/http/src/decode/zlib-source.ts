/*
 * A stream of zlib between two sources: what the one gives goes in, what comes out is what the other gives.
 */
import type { Transform } from 'node:stream';
import type { Operation, Source } from '@coloop/core';
import { concat } from '../bytes/buffer.ts';
import { bodyReleased, SingleReader } from '../bytes/single-reader.ts';
import { HostWait } from '../waits.ts';

const NOTHING = new Uint8Array(0);
const END: IteratorReturnResult<void> = { done: true, value: undefined };

/** How one zlib stream stands between two sources. */
export interface ZlibStep {
  /** How many bytes `open` wants to see, unless the body is shorter. */
  readonly peek: number;
  /** Makes the stream. */
  open(beginning: Uint8Array): Transform;
  /** Whether a body without any byte goes through the stream; otherwise it stays empty. */
  readonly emptyToo: boolean;
  /** Looks at how many bytes were produced so far, and returns an error where they are too many. */
  watch?(produced: number): Error | undefined;
  /** Turns an error of zlib into one of ours. */
  failed(error: Error): Error;
}

/**
 * Passes a source through a zlib stream: compresses or decompresses, chunk by chunk, with backpressure on both sides.
 *
 * Cancellation: a cancelled `next()` loses nothing; the next call goes on where it stopped.
 */
export class ZlibSource implements Source<Uint8Array> {
  readonly #upstream: Source<Uint8Array>;
  readonly #step: ZlibStep;
  readonly #changed = (): void => {
    this.#hasChanged = true;
    this.#change?.wake(undefined);
  };
  #stream: Transform | undefined;
  #beginning: Uint8Array = NOTHING;
  #change: ZlibChange | undefined;
  #hasChanged = false;
  #writing = false;
  #handed = 0;
  /** True once zlib took only a part of what it was handed: the coding is about to end, and what follows does not belong to it. */
  #surplus = false;
  #inputDone = false;
  #ended = false;
  #error: Error | undefined;
  #produced = 0;
  readonly #reader = new SingleReader();

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
        if (!this.#inputDone) yield* this.#closeInput();
        return END;
      }
      this.#hasChanged = false;
      const chunk = this.#stream?.read() as Uint8Array | null | undefined;
      if (chunk != null && chunk.length > 0) {
        if (this.#allows(chunk.length)) return { done: false, value: chunk };
      } else if (this.#writing || this.#surplus || (this.#inputDone && this.#stream !== undefined)) {
        yield* this.#nextChange();
      } else {
        yield* this.#feed();
      }
    }
  }

  *close(): Operation<void> {
    // The task that is reading must not mistake this for the end of the body.
    if (this.#reader.busy) this.#error ??= bodyReleased();
    this.#ended = true;
    yield* this.#closeInput();
  }

  /** Also where the coding has ended and something follows: nobody reads that, and it would hold the connection. */
  *#closeInput(): Operation<void> {
    this.#inputDone = true;
    this.#stream?.destroy();
    this.#changed();
    yield* this.#upstream.close();
  }

  #allows(size: number): boolean {
    this.#produced += size;
    this.#error = this.#step.watch?.(this.#produced);
    return this.#error === undefined;
  }

  *#feed(): Operation<void> {
    const chunk = this.#inputDone ? END : yield* this.#upstream.next();
    if (chunk.done) {
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
    if (chunk.value.length === 0) return;
    if (this.#stream !== undefined) return this.#write(this.#stream, chunk.value);
    this.#beginning = this.#beginning.length === 0 ? chunk.value : concat([this.#beginning, chunk.value]);
    if (this.#beginning.length >= this.#step.peek) this.#open();
  }

  #open(): void {
    const stream = this.#step.open(this.#beginning);
    this.#stream = stream;
    stream.on('readable', this.#changed);
    stream.on('end', () => {
      this.#ended = true;
      this.#changed();
    });
    stream.on('error', (error) => {
      this.#error ??= this.#step.failed(error);
      this.#changed();
    });
    const beginning = this.#beginning;
    this.#beginning = NOTHING;
    if (beginning.length > 0) this.#write(stream, beginning);
  }

  #write(stream: Transform, chunk: Uint8Array): void {
    this.#writing = true;
    this.#handed += chunk.length;
    stream.write(chunk, () => {
      this.#writing = false;
      this.#surplus = (stream as Transform & { readonly bytesWritten: number }).bytesWritten < this.#handed;
      if (this.#inputDone && !stream.destroyed) stream.end();
      this.#changed();
    });
  }

  *#nextChange(): Operation<void> {
    const change = new ZlibChange(() => this.#hasChanged);
    this.#change = change;
    try {
      yield* change;
    } finally {
      this.#change = undefined;
    }
  }
}

/** Waits until the zlib stream did anything at all. */
class ZlibChange extends HostWait<void> {
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
