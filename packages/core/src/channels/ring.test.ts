import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Ring } from './ring.ts';

test('a ring is an array with push and shift, however it grows and wraps', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 40 })), { maxLength: 60 }), (steps) => {
      const ring = new Ring<number>();
      const model: number[] = [];
      let next = 0;
      for (const [add, count] of steps) {
        for (let i = 0; i < count; i++) {
          if (add) {
            ring.add(next);
            model.push(next++);
          } else if (model.length > 0) expect(ring.take()).toBe(model.shift());
        }
        expect(ring.size).toBe(model.length);
        for (const [i, item] of model.entries()) expect(ring.at(i)).toBe(item);
      }
    }),
  );
});

test('a ring that has grown large gives its memory back when it is empty, and works on', () => {
  const ring = new Ring<number>();
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 10_000; i++) ring.add(i);
    for (let i = 0; i < 10_000; i++) expect(ring.take()).toBe(i);
    expect(ring.size).toBe(0);
  }
});
