import { expect, test } from 'vitest';
import { place } from './placement.ts';

const worker = (load: number, rank = 0, gone = false) => ({ load, rank, gone });

test('a call goes to the worker with the fewest calls, the first of equal ones', () => {
  const [a, b, c] = [worker(2), worker(1), worker(1)];
  expect(place([a, b, c], Number.POSITIVE_INFINITY)).toBe(b);
});

test('a worker that starts, or does not answer, gets a call only where there is no better one', () => {
  const [busy, starting, silent] = [worker(9), worker(0, 1), worker(0, 2)];
  expect(place([silent, starting, busy], Number.POSITIVE_INFINITY)).toBe(busy);
  expect(place([silent, starting, busy], 9)).toBe(starting);
  expect(place([silent, busy], 9)).toBe(silent);
});

test('no worker has room: none is given', () => {
  expect(place([worker(2), worker(2), worker(0, 0, true)], 2)).toBeNull();
});
