import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { ByteBuffer } from './buffer.ts';

const bodies = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 30 });

test('what is gathered is what came, in order, whatever length was announced', () => {
  fc.assert(
    fc.property(bodies, fc.option(fc.nat(800), { nil: undefined }), (chunks, expected) => {
      const buffer = new ByteBuffer(expected);
      for (const chunk of chunks) {
        const copied = buffer.add(chunk.slice());
        expect(copied).toBe(expected !== undefined);
      }
      const whole = Buffer.concat(chunks);
      expect(buffer.size).toBe(whole.length);
      expect(Buffer.concat(buffer.chunks)).toEqual(whole);
      expect(Buffer.from(buffer.take())).toEqual(whole);
    }),
  );
});

test('a chunk that was copied may be overwritten', () => {
  const buffer = new ByteBuffer(4);
  const chunk = new Uint8Array([1, 2]);
  buffer.add(chunk);
  chunk.fill(9);
  buffer.add(chunk);
  expect([...buffer.take()]).toEqual([1, 2, 9, 9]);
});

test('an announced length takes memory only as far as bytes have come', () => {
  const buffer = new ByteBuffer(2 ** 40);
  buffer.add(new Uint8Array(100));
  expect(buffer.chunks[0]?.buffer.byteLength).toBeLessThanOrEqual(1_600);
});

test('where there is no room for what was announced, what is needed is taken', () => {
  const { Uint8Array: Real } = globalThis;
  class Small extends Real {
    constructor(length: number) {
      if (length > 150) throw new RangeError('Array buffer allocation failed');
      super(length);
    }
  }
  const chunk = new Uint8Array(100).fill(7);
  vi.stubGlobal('Uint8Array', Small);
  try {
    const buffer = new ByteBuffer(9e15);
    buffer.add(chunk);
    expect(buffer.chunks[0]?.buffer.byteLength).toBe(100);
    expect(() => buffer.add(chunk)).toThrow(RangeError);
  } finally {
    vi.unstubAllGlobals();
  }
});

test('a body of the announced length takes no more memory than that', () => {
  const buffer = new ByteBuffer(1_000);
  for (let i = 0; i < 10; i++) buffer.add(new Uint8Array(100));
  expect(buffer.take().buffer.byteLength).toBe(1_000);
});

test('a body without a length is kept in its chunks until it is taken', () => {
  const buffer = new ByteBuffer(undefined);
  const chunk = new Uint8Array([1]);
  buffer.add(chunk);
  expect(buffer.take()).toBe(chunk);
});
