import * as zlib from 'node:zlib';
import { run } from '@coloop/core';
import { describe, expect, test } from 'vitest';
import type { RequestBody, UploadCoding } from './body.ts';
import { BufferedBody } from './buffered.ts';
import { compressedBody } from './compressed.ts';
import { makeBody } from './make.ts';

function sent(body: RequestBody): Promise<Buffer> {
  return run(function* () {
    const content = body.open();
    if (content instanceof Uint8Array) return Buffer.from(content);
    const chunks: Uint8Array[] = [];
    for (let r = yield* content.next(); !r.done; r = yield* content.next()) chunks.push(r.value);
    yield* content.close();
    return Buffer.concat(chunks);
  });
}

const decoders: [UploadCoding, (bytes: Uint8Array) => Uint8Array][] = [
  ['gzip', zlib.gunzipSync],
  ['deflate', zlib.inflateSync],
  ['br', zlib.brotliDecompressSync],
];

describe.each(decoders)('a body compressed with %s', (coding, decode) => {
  test('has a length where it is small and in memory', async () => {
    const body = compressedBody(new BufferedBody(Buffer.from('a'.repeat(5000)), 'text/plain'), coding);
    expect(body).toMatchObject({ encoding: coding, type: 'text/plain', replayable: true });
    expect(body.length).toBeLessThan(200);
    expect(Buffer.from(decode(await sent(body))).toString()).toBe('a'.repeat(5000));
  });

  test('is compressed while it is sent where it is large or a stream', async () => {
    const large = compressedBody(new BufferedBody(Buffer.alloc(1_000_000, 'abc'), undefined), coding);
    expect(large.length).toBeUndefined();
    for (let pass = 0; pass < 2; pass++) {
      expect(Buffer.from(decode(await sent(large))).equals(Buffer.alloc(1_000_000, 'abc'))).toBe(true);
    }
    async function* stream(): AsyncGenerator<string> {
      for (let i = 0; i < 100; i++) yield `chunk ${i}\n`;
    }
    const once = makeBody({ body: stream() }, (bytes) => bytes);
    if (once === null) throw new Error('no body');
    const streamed = compressedBody(once, coding);
    expect(Buffer.from(decode(await sent(streamed))).toString()).toContain('chunk 99');
    expect([streamed.replayable, streamed.spent]).toEqual([false, true]);
  });
});

test('leaves an empty body empty', () => {
  const empty = new BufferedBody(new Uint8Array(0), undefined);
  expect(compressedBody(empty, 'gzip')).toBe(empty);
});
