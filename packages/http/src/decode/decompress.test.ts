import * as zlib from 'node:zlib';
import { type Operation, run, type Source, tick } from '@coloop/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DecompressionError, LimitExceededError } from '../errors.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import type { Coding } from './codings.ts';
import { type DecodeLimits, decompressed, decompressNowait, KNOWN_CODINGS } from './decompress.ts';

class Chunks implements Source<Uint8Array> {
  readonly #chunks: Iterator<Uint8Array>;
  closed = 0;

  constructor(chunks: Iterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.iterator]();
  }

  *next(): Operation<IteratorResult<Uint8Array, void>> {
    yield* tick();
    return this.closed > 0
      ? { done: true, value: undefined }
      : (this.#chunks.next() as IteratorResult<Uint8Array, void>);
  }

  *close(): Operation<void> {
    this.closed++;
  }
}

function* all(source: Source<Uint8Array>): Operation<Buffer> {
  const chunks: Uint8Array[] = [];
  for (let r = yield* source.next(); !r.done; r = yield* source.next()) chunks.push(r.value);
  return Buffer.concat(chunks);
}

function cut(bytes: Uint8Array, size: number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  return chunks;
}

function decode(
  bytes: Uint8Array | Chunks,
  codings: Coding[],
  limits: DecodeLimits = DEFAULT_LIMITS,
  size = 1000,
): Promise<Buffer> {
  const source = bytes instanceof Chunks ? bytes : new Chunks(cut(bytes, size));
  return run(() => all(decompressed(source, codings, limits)));
}

function codeOf(error: unknown): unknown {
  return error instanceof DecompressionError ? error.code : error;
}

function decompressedAtOnce(body: Buffer, coding: Coding): unknown {
  try {
    return Buffer.from(decompressNowait([body], [coding], DEFAULT_LIMITS) ?? []);
  } catch (error) {
    return codeOf(error);
  }
}

// The default takes a second for what this takes a hundredth.
const FAST = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 5 } };

const encoders: [string, Coding, (bytes: Uint8Array) => Uint8Array][] = [
  ['gzip', 'gzip', zlib.gzipSync],
  ['deflate with its wrapper', 'deflate', zlib.deflateSync],
  ['deflate without its wrapper', 'deflate', zlib.deflateRawSync],
  ['br', 'br', (bytes) => zlib.brotliCompressSync(bytes, FAST)],
];
const zstd = (zlib as unknown as { zstdCompressSync?: (bytes: Uint8Array) => Uint8Array }).zstdCompressSync;
if (KNOWN_CODINGS.has('zstd')) encoders.push(['zstd', 'zstd', zstd as typeof zlib.gzipSync]);

const text = Buffer.from(Array.from({ length: 12_000 }, (_, i) => `line ${i * 7919}\n`).join(''));

test('promises zstd only where the platform notices a body that was truncated, and reads all of its frames', () => {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major < 24) expect(KNOWN_CODINGS.has('zstd')).toBe(false);
  if (major > 25) expect(KNOWN_CODINGS.has('zstd')).toBe(true);
  if (!KNOWN_CODINGS.has('zstd')) return;
  const frames = ['first', 'second'].map((part) => (zstd as typeof zlib.gzipSync)(Buffer.from(part)));
  expect(decompressedAtOnce(Buffer.concat(frames), 'zstd')).toEqual(Buffer.from('firstsecond'));
});

// Platforms differ in what they make of bytes behind a frame of zstd.
test.each(encoders.filter(([name]) => name !== 'zstd'))(
  'a %s body is read alike at once and chunk by chunk, whatever follows it and wherever it is damaged',
  async (_, coding, encode) => {
    const tails = [
      Buffer.alloc(0),
      Buffer.from('garbage'),
      Buffer.alloc(9),
      encode(Buffer.from('second')),
      Buffer.from([0x1f, 0x8b]),
    ];
    const cases = fc.asyncProperty(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom(...tails),
      fc.option(fc.tuple(fc.nat(400), fc.nat(255))),
      fc.constantFrom(1, 3, 10_000),
      async (content, tail, damage, size) => {
        const body = Buffer.concat([encode(content), tail]);
        if (damage !== null) body[damage[0] % body.length] = damage[1];
        const whole = decompressedAtOnce(body, coding);
        const parts = await decode(body, [coding], DEFAULT_LIMITS, size).catch(codeOf);
        expect(parts).toEqual(whole);
      },
    );
    await fc.assert(cases, { numRuns: 150 });
  },
);

describe.each(encoders)('a %s body', (name, coding, encode) => {
  test('comes out as it went in, however it is cut', async () => {
    const body = encode(text);
    for (const size of [1000, 1_000_000]) {
      expect((await decode(body, [coding], DEFAULT_LIMITS, size)).equals(text)).toBe(true);
    }
    for (const size of [1, 7]) {
      const short = encode(text.subarray(0, 900));
      expect((await decode(short, [coding], DEFAULT_LIMITS, size)).equals(text.subarray(0, 900))).toBe(true);
    }
    expect(decompressNowait(cut(body, 999), [coding], DEFAULT_LIMITS)?.length).toBe(text.length);
  });

  test('may be empty, and then was not coded at all', async () => {
    expect((await decode(new Uint8Array(0), [coding])).length).toBe(0);
    expect(decompressNowait([], [coding], DEFAULT_LIMITS)).toHaveLength(0);
  });

  test('is an error when it is truncated at any byte', async () => {
    const body = encode(text.subarray(0, 300));
    for (let length = 1; length < body.length; length++) {
      expect(() => decompressNowait([body.subarray(0, length)], [coding], DEFAULT_LIMITS)).toThrow(DecompressionError);
      await expect(decode(body.subarray(0, length), [coding])).rejects.toThrow(DecompressionError);
    }
  });

  test('is an error when it is damaged', async () => {
    const body = Buffer.from(encode(text));
    body.fill(0xff, body.length >> 1, (body.length >> 1) + 400);
    // Raw deflate has no checksum: damage in its middle may give other bytes, as on every platform.
    if (!name.includes('without')) await expect(decode(body, [coding])).rejects.toThrow(DecompressionError);
    const first = Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff]);
    expect(() => decompressNowait([first], [coding], DEFAULT_LIMITS)).toThrow(/is not valid|truncated/);
  });

  test('cannot outgrow the limit in bytes', async () => {
    const bomb = encode(Buffer.alloc(5_000_000));
    await expect(decode(bomb, [coding], { decompressed: 100_000, ratio: 1e9 })).rejects.toThrow(/100000 bytes/);
    expect(decompressNowait([bomb], [coding], { decompressed: 100_000, ratio: 1e9 })).toBeUndefined();
    const exact = await decode(encode(Buffer.alloc(100_000)), [coding], { decompressed: 100_000, ratio: 1e9 });
    expect(exact.length).toBe(100_000);
  });

  test('cannot outgrow the limit in proportion, which counts from the first MiB on', async () => {
    const limits = { decompressed: Number.POSITIVE_INFINITY, ratio: 100 };
    await expect(decode(encode(Buffer.alloc(5_000_000)), [coding], limits)).rejects.toThrow(LimitExceededError);
    expect((await decode(encode(Buffer.alloc(1_000_000)), [coding], limits)).length).toBe(1_000_000);
  });
});

describe('a chain of codings', () => {
  test('comes off from the outside in', async () => {
    const body = zlib.brotliCompressSync(zlib.gzipSync(zlib.deflateSync(text)));
    expect((await decode(body, ['br', 'gzip', 'deflate'])).equals(text)).toBe(true);
    expect(decompressNowait([body], ['br', 'gzip', 'deflate'], DEFAULT_LIMITS)?.length).toBe(text.length);
  });

  test('is held to the limits at every stage, also where little comes out at the end', async () => {
    const members = Buffer.alloc(6_000_000, zlib.gzipSync(new Uint8Array(0)));
    const body = zlib.gzipSync(members);
    expect(members.length).toBeGreaterThan(5_000_000);
    await expect(decode(body, ['gzip', 'gzip'], { decompressed: 3_000_000, ratio: 1e9 })).rejects.toThrow(
      LimitExceededError,
    );
    await expect(decode(body, ['gzip', 'gzip'], { decompressed: 1e9, ratio: 100 })).rejects.toThrow(LimitExceededError);
  });
});

describe('decompressed', () => {
  test('closes what it reads from when the body is broken', async () => {
    const source = new Chunks([Buffer.from('not gzip at all')]);
    await expect(decode(source, ['gzip'])).rejects.toThrow(/not valid gzip/);
    expect(source.closed).toBeGreaterThan(0);
  });

  test('asks for no more than it needs: a bomb is decompressed only as far as somebody reads', async () => {
    let asked = 0;
    const bomb = zlib.gzipSync(Buffer.alloc(50_000_000));
    function* chunks(): Generator<Uint8Array> {
      for (const chunk of cut(bomb, 1000)) {
        asked++;
        yield chunk;
      }
    }
    await run(function* () {
      const source = decompressed(new Chunks(chunks()), ['gzip'], { decompressed: 1e9, ratio: 1e9 });
      yield* source.next();
      yield* source.close();
    });
    expect(asked).toBeLessThan(5);
  });

  test('hands an error of its source on as it is', async () => {
    const failing: Source<Uint8Array> = {
      *next() {
        throw new Error('the line is cut');
      },
      *close() {},
    };
    await expect(run(() => all(decompressed(failing, ['gzip'], DEFAULT_LIMITS)))).rejects.toThrow('the line is cut');
  });

  test('ends its zlib stream when it is closed in the middle', async () => {
    const source = new Chunks(cut(zlib.gzipSync(text), 100));
    await run(function* () {
      const body = decompressed(source, ['gzip'], DEFAULT_LIMITS);
      yield* body.next();
      yield* body.close();
      expect((yield* body.next()).done).toBe(true);
    });
    expect(source.closed).toBe(1);
  });
});
