import { expect, test } from 'vitest';
import { retryDelay } from './retry.ts';

const answer = (status: number, headers: Record<string, string> = {}) => ({ status, headers: new Headers(headers) });

test('a lost connection is tried again after a time that doubles', () => {
  expect([0, 1, 2].map((attempts) => retryDelay(attempts))).toEqual([500, 1_000, 2_000]);
});

test('a server that names its time gets it, by seconds or by its own clock', () => {
  expect(retryDelay(0, answer(503, { 'retry-after': '7' }))).toBe(7_000);
  expect(
    retryDelay(
      0,
      answer(429, { 'retry-after': 'Fri, 01 May 2026 00:00:09 GMT', date: 'Fri, 01 May 2026 00:00:00 GMT' }),
    ),
  ).toBe(9_000);
  expect(retryDelay(1, answer(429))).toBe(1_000);
});

test('an error page, a time that is far away and any other status are final', () => {
  expect(retryDelay(0, answer(503))).toBeUndefined();
  expect(retryDelay(0, answer(503, { 'retry-after': 'later' }))).toBeUndefined();
  expect(retryDelay(0, answer(429, { 'retry-after': '3600' }))).toBeUndefined();
  expect(retryDelay(0, answer(404, { 'retry-after': '1' }))).toBeUndefined();
});
