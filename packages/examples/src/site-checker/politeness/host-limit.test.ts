import { describe, expect, test } from 'vitest';
import { HostLimit } from './host-limit.ts';

/** Answers one round after the other, each as large as the limit, and each taking what `took` says of its size. */
function rounds(limit: HostLimit, count: number, took: (size: number) => number): number[] {
  const limits: number[] = [];
  let now = 0;
  for (let round = 0; round < count; round++) {
    const size = limit.limit;
    const ms = took(size);
    const startedAt = now;
    now += ms;
    for (let index = 0; index < size; index++) limit.answered(startedAt, ms, size, now);
    limits.push(limit.limit);
  }
  return limits;
}

describe('the limit of a host', () => {
  test('grows to the most that is allowed while answers come as fast as before', () => {
    const limits = rounds(new HostLimit(20, 10_000), 6, () => 30);
    expect(limits.slice(0, 2)).toEqual([8, 16]);
    expect(limits.at(-1)).toBe(20);
  });

  test('stays far from the timeout where the host answers one request after the other', () => {
    const limit = new HostLimit(20, 2_000);
    const longest = Math.max(...rounds(limit, 50, (size) => size * 150)) * 150;
    expect(longest).toBeLessThan(2_000);
    expect(limit.limit).toBeGreaterThanOrEqual(1);
  });

  test('is not lowered for a host that is always slow', () => {
    expect(rounds(new HostLimit(20, 10_000), 8, () => 1_500).at(-1)).toBe(20);
  });

  test('is lowered once for what was under way together, and never to nothing', () => {
    const limit = new HostLimit(8, 1_000);
    rounds(limit, 4, () => 20);
    for (let index = 0; index < 8; index++) limit.answered(100, 900, 8, 1_000);
    expect(limit.limit).toBe(4);
    for (let index = 0; index < 9; index++) limit.lower(2_000);
    expect(limit.limit).toBe(1);
  });
});
