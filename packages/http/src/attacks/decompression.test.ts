import * as zlib from 'node:zlib';
import { type Operation, run } from '@coloop/core';
import { serveBytes } from '@coloop/test-servers/vitest';
import { describe, expect, test } from 'vitest';
import { DecompressionError, LimitExceededError } from '../errors.ts';
import { Session } from '../node/session.ts';
import type { RequestOptions } from '../request/options.ts';
import type { Response } from '../response/response.ts';

function answer(coding: string, body: Uint8Array, chunked = false): Buffer {
  const framing = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`;
  const head = Buffer.from(`HTTP/1.1 200 OK\r\nContent-Encoding: ${coding}\r\n${framing}\r\n\r\n`);
  const chunk = [Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')];
  return Buffer.concat(chunked ? [head, ...chunk] : [head, body]);
}

// Made once: the compressor takes longer than everything else here.
const BROTLI_BOMB = zlib.brotliCompressSync(Buffer.alloc(20_000_000, 'a'), {
  params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 5 },
});

type Reader = (response: Response) => Operation<number>;

const readers: [string, Reader][] = [
  [
    'bytes()',
    function* (response) {
      return (yield* response.bytes()).length;
    },
  ],
  [
    'text()',
    function* (response) {
      return (yield* response.text()).length;
    },
  ],
  [
    'chunks()',
    function* (response) {
      let size = 0;
      const chunks = response.chunks();
      for (let r = yield* chunks.next(); !r.done; r = yield* chunks.next()) size += r.value.length;
      return size;
    },
  ],
  [
    'lines()',
    function* (response) {
      let size = 0;
      const lines = response.lines();
      for (let r = yield* lines.next(); !r.done; r = yield* lines.next()) size += r.value.length;
      return size;
    },
  ],
];

async function read(bytes: Buffer, reader: Reader, options: RequestOptions = {}): Promise<number> {
  const server = await serveBytes(bytes);
  return run(function* () {
    const session = yield* Session.open();
    return yield* reader(yield* session.get(server.url, options));
  });
}

describe.each(readers)('%s', (_, reader) => {
  test('is an error for a coded body that was cut, though its framing is whole', async () => {
    for (const [coding, body] of [
      ['gzip', zlib.gzipSync('hello '.repeat(100))],
      ['deflate', zlib.deflateSync('hello '.repeat(100))],
      ['br', zlib.brotliCompressSync('hello '.repeat(100))],
    ] as const) {
      for (const chunked of [false, true]) {
        await expect(read(answer(coding, body.subarray(0, -3), chunked), reader)).rejects.toThrow(DecompressionError);
        expect(await read(answer(coding, body, chunked), reader)).toBe(600);
      }
    }
  });

  test('is bounded by decompressed bytes', async () => {
    const bomb = zlib.gzipSync(Buffer.alloc(20_000_000, 'a'));
    const options = { limits: { decompressed: 2_000_000, ratio: Number.POSITIVE_INFINITY } };
    await expect(read(answer('gzip', bomb), reader, options)).rejects.toThrow(LimitExceededError);
    const small = zlib.gzipSync(Buffer.alloc(3000, 'a'));
    await expect(read(answer('gzip', small), reader, { limits: { decompressed: 2999 } })).rejects.toThrow(
      LimitExceededError,
    );
    expect(await read(answer('gzip', small), reader, { limits: { decompressed: 3000 } })).toBe(3000);
  });

  test('is bounded by the ratio, by default a thousand', async () => {
    expect(BROTLI_BOMB.length).toBeLessThan(1000);
    await expect(read(answer('br', BROTLI_BOMB), reader)).rejects.toThrow(/limits\.ratio/);
  });

  test('refuses more than five codings, and codings that nobody knows', async () => {
    let body: Uint8Array = Buffer.from('x');
    for (let i = 0; i < 5; i++) body = zlib.gzipSync(body);
    expect(await read(answer('gzip, gzip, gzip, gzip, gzip', body), reader)).toBe(1);
    await expect(read(answer('gzip, gzip, gzip, gzip, gzip, gzip', zlib.gzipSync(body)), reader)).rejects.toThrow(
      LimitExceededError,
    );
    await expect(read(answer('exi', body), reader)).rejects.toThrow(DecompressionError);
  });
});

test('a bomb that nobody reads is never decompressed', async () => {
  const server = await serveBytes(answer('gzip', zlib.gzipSync(Buffer.alloc(50_000_000))));
  const before = process.memoryUsage().arrayBuffers;
  await run(function* () {
    const session = yield* Session.open();
    const response = yield* session.get(server.url);
    yield* response.release();
    expect(response.released).toBe(true);
  });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
});

test('answers that have no body may name a coding', async () => {
  for (const head of [
    'HTTP/1.1 204 No Content\r\nContent-Encoding: gzip\r\n\r\n',
    'HTTP/1.1 304 Not Modified\r\nContent-Encoding: gzip\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n',
  ]) {
    const size = await read(Buffer.from(head), function* (response) {
      return (yield* response.bytes()).length;
    });
    expect(size).toBe(0);
  }
});
