/*
 * Content codings of Node: small bodies are decoded at once, all others chunk by chunk through zlib, under limits.
 */
import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import type { Operation, Source } from '@coloop/core';
import { DecompressionError, type ErrorDetails, LimitExceededError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { Coding } from './codings.ts';
import { ZlibSource, type ZlibStep } from './zlib-source.ts';

// Node has zstd from 22.15 on, and the types that we build with are older.
const { createZstdDecompress, zstdDecompressSync } = zlib as unknown as {
  readonly createZstdDecompress?: (options: zlib.ZlibOptions) => Transform;
  readonly zstdDecompressSync?: (input: Uint8Array, options: zlib.ZlibOptions) => Uint8Array;
};

/** One frame with the letter a: RFC 8878, section 3.1.1; it begins with a number of four bytes. */
const ZSTD_FRAME = [0x28, 0xb5, 0x2f, 0xfd, 0x20, 0x01, 0x09, 0x00, 0x00, 0x61];

/** The content codings that can be decoded here. */
export const KNOWN_CODINGS: ReadonlySet<string> = new Set(
  readsZstd() ? ['gzip', 'deflate', 'br', 'zstd'] : ['gzip', 'deflate', 'br'],
);

/** The Accept-Encoding header that promises no more than that. */
export const ACCEPT_ENCODING: string = [...KNOWN_CODINGS].join(', ');

/** The part of `limits` that concerns decompression. */
export type DecodeLimits = Pick<Limits, 'decompressed' | 'ratio'>;

const MIB = 1_048_576;
/** Up to this size a complete body is decompressed at once: a zlib stream costs fifteen times as much to set up. */
const SMALL = 65_536;

/**
 * Decodes a small body that has arrived whole.
 *
 * @returns undefined where it is not small, before or after: {@link decompressed} decodes it chunk by chunk then
 * @throws DecompressionError for a broken or truncated body
 */
export function decompressNowait(
  chunks: readonly Uint8Array[],
  codings: readonly Coding[],
  limits: DecodeLimits,
  details: () => ErrorDetails = NO_DETAILS,
): Uint8Array | undefined {
  let size = 0;
  for (const chunk of chunks) size += chunk.length;
  if (size > SMALL) return undefined;
  let bytes: Uint8Array = chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks, size);
  const maxOutputLength = Math.max(1, Math.min(MIB, limits.decompressed));
  for (const coding of codings) {
    if (bytes.length === 0) return bytes;
    try {
      bytes = decompressOne(coding, bytes, { maxOutputLength });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return undefined;
      throw broken(coding, error as Error, details());
    }
  }
  return bytes.length > limits.decompressed ? undefined : bytes;
}

/**
 * Decodes a body that comes chunk by chunk; every stage is held to the limits.
 *
 * @throws DecompressionError (from `next`) for a broken or truncated body
 * @throws LimitExceededError (from `next`) for more than `limits` allows
 *
 * Source: RFC 9110, section 8.4.1. A `deflate` body without the zlib wrapper is taken too, as every browser does.
 */
export function decompressed(
  body: Source<Uint8Array>,
  codings: readonly Coding[],
  limits: DecodeLimits,
  details: () => ErrorDetails = NO_DETAILS,
): Source<Uint8Array> {
  if (codings.length === 0) return body;
  const wire = new Counted(body);
  let source: Source<Uint8Array> = wire;
  for (const coding of codings) source = new ZlibSource(source, stepFor(coding, wire, limits, details));
  return source;
}

/** Counts what comes from the wire: the measure of every stage's ratio. */
class Counted implements Source<Uint8Array> {
  readonly #source: Source<Uint8Array>;
  size = 0;

  constructor(source: Source<Uint8Array>) {
    this.#source = source;
  }

  *next(): Operation<IteratorResult<Uint8Array, void>> {
    const chunk = yield* this.#source.next();
    if (!chunk.done) this.size += chunk.value.length;
    return chunk;
  }

  close(): Operation<void> {
    return this.#source.close();
  }
}

function stepFor(coding: Coding, wire: Counted, limits: DecodeLimits, details: () => ErrorDetails): ZlibStep {
  return {
    peek: coding === 'deflate' ? 2 : 1,
    emptyToo: false,
    open: (beginning) => decompressor(coding, beginning),
    failed: (error) => broken(coding, error, details()),
    watch(produced) {
      if (produced > limits.decompressed) {
        return new LimitExceededError(
          `The body is larger than ${limits.decompressed} bytes after decompression (limits.decompressed): raise the limit if the server means well.`,
          details(),
        );
      }
      if (produced > MIB && produced > wire.size * limits.ratio) {
        return new LimitExceededError(
          `The body grew from ${wire.size} to more than ${produced} bytes by decompression, beyond ${limits.ratio} times (limits.ratio): raise the limit if the server means well.`,
          details(),
        );
      }
      return undefined;
    },
  };
}

function decompressor(coding: Coding, beginning: Uint8Array): Transform {
  const options = { chunkSize: SMALL, highWaterMark: SMALL };
  switch (coding) {
    case 'gzip':
      return zlib.createGunzip(options);
    case 'deflate':
      return isRaw(beginning) ? zlib.createInflateRaw(options) : zlib.createInflate(options);
    case 'br':
      return zlib.createBrotliDecompress(options);
    case 'zstd':
      return (createZstdDecompress ?? unknown)(options);
  }
}

function decompressOne(coding: Coding, bytes: Uint8Array, options: zlib.ZlibOptions): Uint8Array {
  switch (coding) {
    case 'gzip':
      return zlib.gunzipSync(bytes, options);
    case 'deflate':
      return isRaw(bytes) ? zlib.inflateRawSync(bytes, options) : zlib.inflateSync(bytes, options);
    case 'br':
      return zlib.brotliDecompressSync(bytes, options);
    case 'zstd':
      return (zstdDecompressSync ?? unknown)(bytes, options);
  }
}

// RFC 1950, section 2.2: method 8 in the low bits, and both bytes together a multiple of 31.
function isRaw(beginning: Uint8Array): boolean {
  const [first = 0, second = 0] = beginning;
  return (first & 0x0f) !== 8 || (first * 256 + second) % 31 !== 0;
}

function broken(coding: Coding, error: Error, details: ErrorDetails): DecompressionError {
  const truncated = error.message.includes('unexpected end of file');
  return new DecompressionError(
    truncated
      ? `The body ends in the middle of its ${coding} coding: it was truncated on the way, so ask again.`
      : `The body is not valid ${coding} (${error.message}): ask for another coding with Accept-Encoding, or read it as it is with decompress: false.`,
    { ...details, code: truncated ? 'TRUNCATED' : 'DECOMPRESSION', cause: error },
  );
}

function unknown(): never {
  throw new DecompressionError('This platform has no zstd: ask for another coding with Accept-Encoding.');
}

/**
 * Node 22 accepts a frame that ends too early as a whole one, and Node 24 drops the frames after the first of a chunk: zstd is not
 * offered there, since a part of a body would pass for all of it.
 */
function readsZstd(): boolean {
  if (zstdDecompressSync === undefined) return false;
  try {
    if (zstdDecompressSync(Uint8Array.of(...ZSTD_FRAME, ...ZSTD_FRAME), {}).length !== 2) return false;
    zstdDecompressSync(Uint8Array.of(...ZSTD_FRAME.slice(0, 4)), {});
    return false;
  } catch {
    return true;
  }
}

const NO_DETAILS = (): ErrorDetails => ({});
