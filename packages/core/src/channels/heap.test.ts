import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Heap } from './heap.ts';

type Item = { priority: number; no: number };
const byPriority = (a: Item, b: Item): number => a.priority - b.priority;

test('items come out smallest first, and equal ones in order of arrival', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 5 })), { maxLength: 200 }), (steps) => {
      const heap = new Heap<Item>(byPriority);
      const model: Item[] = [];
      let no = 0;
      for (const priority of steps) {
        if (priority !== null) {
          const item = { priority, no: no++ };
          heap.add(item);
          model.push(item);
          model.sort((a, b) => a.priority - b.priority || a.no - b.no);
        } else if (model.length > 0) expect(heap.take()).toBe(model.shift());
        expect(heap.size).toBe(model.length);
      }
      for (const item of model) expect(heap.take()).toBe(item);
    }),
  );
});

test('a compare function that throws leaves the heap as it was', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 2, maxLength: 40 }), fc.nat({ max: 8 }), (values, after) => {
      let calls = Number.POSITIVE_INFINITY;
      const heap = new Heap<number>((a, b) => {
        if (--calls < 0) throw new Error('compare failed');
        return a - b;
      });
      for (const value of values) heap.add(value);
      for (const change of [() => heap.add(0), () => heap.take()]) {
        const { size } = heap;
        calls = after;
        let failed = false;
        try {
          change();
        } catch {
          failed = true;
        }
        calls = Number.POSITIVE_INFINITY;
        if (failed) expect(heap.size).toBe(size);
      }
      const rest: number[] = [];
      while (heap.size > 0) rest.push(heap.take());
      expect(rest).toEqual(rest.toSorted((a, b) => a - b));
    }),
  );
});
