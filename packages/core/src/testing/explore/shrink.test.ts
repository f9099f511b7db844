import { describe, expect, test } from 'vitest';
import type { Deviations } from './decision.ts';
import { shrink } from './shrink.ts';

const many: Deviations = new Map(Array.from({ length: 60 }, (_, i) => [`s${i}`, 3]));

describe('shrink', () => {
  test('leaves what is needed, with the smallest choices that fail', async () => {
    let runs = 0;
    const shortest = await shrink(
      many,
      async (deviations) => {
        runs++;
        return deviations.has('s7') && (deviations.get('s42') ?? 0) >= 2 ? deviations : null;
      },
      1_000,
    );
    expect([...shortest]).toEqual([
      ['s7', 1],
      ['s42', 2],
    ]);
    expect(runs).toBeLessThan(100);
  });

  test('leaves nothing where nothing is needed', async () => {
    expect((await shrink(many, async (deviations) => deviations, 1_000)).size).toBe(0);
  });

  test('goes on with what really happened, not with what was asked for', async () => {
    const really = new Map([['s1', 1]]);
    expect(await shrink(many, async () => really, 1_000)).toEqual(really);
  });

  test('does not take more runs than it may', async () => {
    let runs = 0;
    await shrink(
      many,
      async () => {
        runs++;
        return null;
      },
      10,
    );
    expect(runs).toBe(10);
  });
});
