import { expect, test } from 'vitest';
import { Heap } from './heap.ts';

test('items come out in their order, whatever order they came in', () => {
  const heap = new Heap<number>((a, b) => a < b);
  for (let index = 0; index < 1_000; index++) heap.push((index * 7_919) % 1_000);
  expect(heap.first).toBe(0);
  expect(Array.from({ length: 1_000 }, () => heap.shift())).toEqual(Array.from({ length: 1_000 }, (_, index) => index));
  expect(heap.shift()).toBeUndefined();
});
