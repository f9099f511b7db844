import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { GatheredBytes } from './buffer.ts';

const bodies = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 30 });

test('what is gathered is what came, in order, whatever length was announced', () => {
  fc.assert(
    fc.property(bodies, fc.option(fc.nat(800), { nil: undefined }), (pieces, expected) => {
      const gathered = new GatheredBytes(expected);
      for (const piece of pieces) {
        const copied = gathered.add(piece.slice());
        expect(copied).toBe(expected !== undefined);
      }
      const whole = Buffer.concat(pieces);
      expect(gathered.size).toBe(whole.length);
      expect(Buffer.concat(gathered.pieces)).toEqual(whole);
      expect(Buffer.from(gathered.take())).toEqual(whole);
    }),
  );
});

test('a piece that was copied may be overwritten', () => {
  const gathered = new GatheredBytes(4);
  const piece = new Uint8Array([1, 2]);
  gathered.add(piece);
  piece.fill(9);
  gathered.add(piece);
  expect([...gathered.take()]).toEqual([1, 2, 9, 9]);
});

test('an announced length takes memory only as far as bytes have come', () => {
  const gathered = new GatheredBytes(2 ** 40);
  gathered.add(new Uint8Array(100));
  expect(gathered.pieces[0]?.buffer.byteLength).toBeLessThanOrEqual(1_600);
});

test('where there is no room for what was announced, what is needed is taken', () => {
  const { Uint8Array: Real } = globalThis;
  class Small extends Real {
    constructor(length: number) {
      if (length > 150) throw new RangeError('Array buffer allocation failed');
      super(length);
    }
  }
  const piece = new Uint8Array(100).fill(7);
  vi.stubGlobal('Uint8Array', Small);
  try {
    const gathered = new GatheredBytes(9e15);
    gathered.add(piece);
    expect(gathered.pieces[0]?.buffer.byteLength).toBe(100);
    expect(() => gathered.add(piece)).toThrow(RangeError);
  } finally {
    vi.unstubAllGlobals();
  }
});

test('a body of the announced length takes no more memory than that', () => {
  const gathered = new GatheredBytes(1_000);
  for (let i = 0; i < 10; i++) gathered.add(new Uint8Array(100));
  expect(gathered.take().buffer.byteLength).toBe(1_000);
});

test('a body without a length is kept in its pieces until it is taken', () => {
  const gathered = new GatheredBytes(undefined);
  const piece = new Uint8Array([1]);
  gathered.add(piece);
  expect(gathered.take()).toBe(piece);
});
