/* What gives a body over time (web streams, async iterables, sources), and the bytes of one chunk of it. */
import type { Source } from '@coloop/core';
import { invalidKind } from '../../checks.ts';

/** A stream of a body before it was turned into bytes. */
export type StreamInput = ReadableStream | AsyncIterable<unknown> | Source<unknown>;

/** Whether a value gives many values over time. */
export function isStream(value: unknown): value is StreamInput {
  if (typeof value !== 'object' || value === null) return false;
  return isReadableStream(value) || isSource(value) || Symbol.asyncIterator in value;
}

/** Whether it is a stream of the web platform, of any realm. */
export function isReadableStream(value: object): value is ReadableStream {
  return 'getReader' in value && typeof value.getReader === 'function';
}

/** Whether it is a source of ours. */
export function isSource(value: object): value is Source<unknown> {
  return 'next' in value && typeof value.next === 'function' && 'close' in value && typeof value.close === 'function';
}

/**
 * The bytes of one chunk.
 *
 * @throws InvalidOptionError for anything but text and binary data
 */
export function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (typeof chunk === 'string') return new TextEncoder().encode(chunk);
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  throw invalidKind("A chunk of the body's stream", chunk, 'give Uint8Array or string chunks');
}
