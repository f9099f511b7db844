import type { Operation, Source } from '@coloop/core';
import type { BodyContent, RequestBody } from '../request/body/body.ts';
import { takeStream } from '../request/body/owned-stream.ts';
import { ignore } from '../waits.ts';

/**
 * Compresses a body while it is sent, with the platform's `CompressionStream`.
 *
 * Source: the Compression Streams standard; `deflate` with the zlib wrapper, as RFC 9110, section 8.4.1.2, asks.
 */
export class WebCompressedBody implements RequestBody {
  readonly length = undefined;
  readonly encoding: 'gzip' | 'deflate';
  readonly #body: RequestBody;

  constructor(body: RequestBody, coding: 'gzip' | 'deflate') {
    this.#body = body;
    this.encoding = coding;
  }

  get type(): string | undefined {
    return this.#body.type;
  }

  get replayable(): boolean {
    return this.#body.replayable;
  }

  get spent(): boolean {
    return this.#body.spent;
  }

  open(): BodyContent {
    const content = this.#body.open();
    const stream = new CompressionStream(this.encoding);
    const writer = stream.writable.getWriter();
    return new Compressed(content instanceof Uint8Array ? null : content, content, writer, takeStream(stream.readable));
  }
}

/** Feeds the one end of a stream and gives what comes out of the other; the stream holds what is between. */
class Compressed implements Source<Uint8Array> {
  readonly #input: Source<Uint8Array> | null;
  readonly #writer: WritableStreamDefaultWriter<BufferSource>;
  readonly #output: Source<Uint8Array>;
  #whole: Uint8Array | undefined;
  #fed = false;

  constructor(
    input: Source<Uint8Array> | null,
    content: BodyContent,
    writer: WritableStreamDefaultWriter<BufferSource>,
    output: Source<Uint8Array>,
  ) {
    this.#input = input;
    this.#whole = content instanceof Uint8Array ? content : undefined;
    this.#writer = writer;
    this.#output = output;
  }

  *next(): Operation<IteratorResult<Uint8Array, void>> {
    // The compressor gives its bytes in its own time, mostly at the end: all goes in before anything is taken out.
    while (!this.#fed) {
      const chunk = yield* this.#chunk();
      if (chunk === undefined) {
        this.#fed = true;
        this.#writer.close().catch(ignore);
      } else {
        this.#writer.write(chunk as BufferSource).catch(ignore);
      }
    }
    return yield* this.#output.next();
  }

  *close(): Operation<void> {
    this.#fed = true;
    this.#writer.abort().catch(ignore);
    if (this.#input !== null) yield* this.#input.close();
    yield* this.#output.close();
  }

  *#chunk(): Operation<Uint8Array | undefined> {
    if (this.#input === null) {
      const whole = this.#whole;
      this.#whole = undefined;
      return whole;
    }
    const chunk = yield* this.#input.next();
    return chunk.done ? undefined : chunk.value;
  }
}
