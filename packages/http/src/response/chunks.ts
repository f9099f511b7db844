import type { Operation, Source } from '@coloop/core';
import { copyOf } from '../bytes/buffer.ts';
import type { Recycling } from '../bytes/recycling.ts';
import type { ResponseBody } from './body.ts';

/** A smaller chunk may lie in a pool of the platform's; a larger one was a read of its own. */
const POOLED = 32_768;

/**
 * The decoded chunks of a body, until the response is released.
 *
 * A program owns the chunks that it gets: it may keep them, change them, or transfer them to a worker, so they are copied
 * where they share memory. The client's own readers use up each chunk and hand its memory back instead.
 */
export class BodyChunks implements Source<Uint8Array>, Recycling {
  readonly #body: ResponseBody;
  readonly #source: Source<Uint8Array> & Recycling;
  readonly #owned: boolean;
  #closed = false;

  /** @param owned - whether the reader owns the chunks; otherwise it hands them back with `recycle` */
  constructor(body: ResponseBody, owned: boolean) {
    this.#body = body;
    this.#source = body.chunks();
    this.#owned = owned;
  }

  *next(): Operation<IteratorResult<Uint8Array, void>> {
    if (this.#closed) return { done: true, value: undefined };
    this.#body.checkReleased();
    const chunk = yield* this.#source.next();
    if (chunk.done || !this.#owned || this.#isAlone(chunk.value)) return chunk;
    return { done: false, value: copyOf(chunk.value) };
  }

  *close(): Operation<void> {
    this.#closed = true;
    yield* this.#source.close();
  }

  recycle(chunk: Uint8Array): void {
    if (!this.#owned) this.#source.recycle?.(chunk);
  }

  /** Whether nothing else lies in the memory of a chunk. */
  #isAlone({ length, buffer }: Uint8Array): boolean {
    return length === buffer.byteLength || (!this.#body.sharesMemory && length > POOLED);
  }
}
