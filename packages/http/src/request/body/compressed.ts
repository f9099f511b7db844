/* A request's body with a content coding: in memory if it is small, else while it is sent. */
import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import type { Operation, Source } from '@coloop/core';
import { ZlibSource, type ZlibStep } from '../../decode/zlib-source.ts';
import { ClientPayloadError } from '../../errors.ts';
import type { BodyContent, RequestBody, UploadCoding } from './body.ts';

/**
 * Compresses a body: at once if it is small and in memory, else while it is sent, in chunks.
 *
 * Source: RFC 9110, section 8.4.1; `deflate` with the zlib wrapper, as its section 8.4.1.2 asks.
 */
export function compressedBody(body: RequestBody, coding: UploadCoding): RequestBody {
  if (body.length === 0) return body;
  return new CompressedBody(body, coding);
}

class CompressedBody implements RequestBody {
  readonly encoding: string;
  readonly #body: RequestBody;
  readonly #coding: UploadCoding;
  readonly #whole: Uint8Array | undefined;

  constructor(body: RequestBody, coding: UploadCoding) {
    this.#body = body;
    this.#coding = coding;
    this.encoding = coding;
    this.#whole = compressSmall(body, coding);
  }

  get length(): number | undefined {
    return this.#whole?.length;
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
    if (this.#whole !== undefined) return this.#whole;
    const content = this.#body.open();
    const source = content instanceof Uint8Array ? new OneChunk(content) : content;
    return new ZlibSource(source, STEPS[this.#coding]);
  }
}

class OneChunk implements Source<Uint8Array> {
  #chunk: Uint8Array | undefined;

  constructor(chunk: Uint8Array) {
    this.#chunk = chunk;
  }

  *next(): Operation<IteratorResult<Uint8Array, void>> {
    const chunk = this.#chunk;
    this.#chunk = undefined;
    return chunk === undefined ? { done: true, value: undefined } : { done: false, value: chunk };
  }

  *close(): Operation<void> {
    this.#chunk = undefined;
  }
}

const SMALL = 65_536;

function compressSmall(body: RequestBody, coding: UploadCoding): Uint8Array | undefined {
  if (body.length === undefined || body.length > SMALL || !body.replayable) return undefined;
  const content = body.open();
  if (!(content instanceof Uint8Array)) return undefined;
  if (coding === 'gzip') return zlib.gzipSync(content);
  return coding === 'deflate' ? zlib.deflateSync(content) : zlib.brotliCompressSync(content, BROTLI);
}

// Level 11, the default, takes a second for what level 5 does in a hundredth, and gains little.
const BROTLI = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 5 } };

function step(open: () => Transform): ZlibStep {
  return {
    peek: 1,
    emptyToo: true,
    open,
    failed: (error) =>
      new ClientPayloadError(`The body could not be compressed: ${error.message}.`, { cause: error, phase: 'send' }),
  };
}

const STEPS: Readonly<Record<UploadCoding, ZlibStep>> = {
  gzip: step(() => zlib.createGzip()),
  deflate: step(() => zlib.createDeflate()),
  br: step(() => zlib.createBrotliCompress(BROTLI)),
};
