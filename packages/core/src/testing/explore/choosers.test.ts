import { describe, expect, test } from 'vitest';
import { Follow, Force, Priorities, RandomWalk } from './choosers.ts';
import type { Chooser, Decision } from './decision.ts';

const next = (key: string, choices: number): Decision => ({ key, kind: 'next', choices, candidates: [], task: null });

function walk(chooser: Chooser, length = 200): number[] {
  return Array.from({ length }, (_, i) => chooser.choose(next(`s${i}`, 4)));
}

describe('Follow', () => {
  test('does what is written down, and what is plain elsewhere', () => {
    const follow = new Follow(new Map([['s2', 3]]));
    expect([follow.choose(next('s1', 4)), follow.choose(next('s2', 4)), follow.choose(next('s3', 4))]).toEqual([
      0, 3, 0,
    ]);
    expect(follow.unmet.size).toBe(0);
  });

  test('knows what did not come up, or not with so many choices', () => {
    const follow = new Follow(
      new Map([
        ['s2', 3],
        ['s9', 1],
      ]),
    );
    expect(follow.choose(next('s2', 2))).toBe(0);
    expect([...follow.unmet]).toEqual(['s2', 's9']);
  });
});

describe('Force', () => {
  test('takes one decision itself', () => {
    const force = new Force('c2.1w', new Follow(new Map()));
    expect(force.choose({ ...next('c2.1w', 2), kind: 'cancel' })).toBe(1);
    expect(force.choose(next('s1', 2))).toBe(0);
  });
});

describe('RandomWalk', () => {
  test('is decided by its seed', () => {
    expect(walk(new RandomWalk(5, false))).toEqual(walk(new RandomWalk(5, false)));
  });

  test('leaves the plain order seldom with some seeds, often with others', () => {
    const deviations = Array.from(
      { length: 40 },
      (_, seed) => walk(new RandomWalk(seed, false)).filter(Boolean).length,
    );
    expect(Math.min(...deviations)).toBeLessThan(20);
    expect(Math.max(...deviations)).toBeGreaterThan(120);
  });

  test('cancels nothing unless it is told to', () => {
    const cancel: Decision = { ...next('c1.1w', 2), kind: 'cancel' };
    const count = (cancels: boolean): number => {
      const walk = new RandomWalk(1, cancels);
      return Array.from({ length: 500 }, () => walk.choose(cancel)).filter(Boolean).length;
    };
    expect(count(false)).toBe(0);
    expect(count(true)).toBeGreaterThan(0);
  });
});

describe('Priorities', () => {
  const entry = () => ({ due: 0, order: 0, slot: -1, fire() {} });

  test('runs the same one as long as it can, but for the changes', () => {
    const candidates = [entry(), entry(), entry()];
    const chooser = new Priorities(3, 100, 3);
    const chosen = Array.from({ length: 100 }, (_, i) => chooser.choose({ ...next(`s${i}`, 3), candidates }));
    const changes = chosen.filter((choice, i) => i > 0 && choice !== chosen[i - 1]).length;
    expect(changes).toBeLessThanOrEqual(2);
  });

  test('different seeds prefer different ones', () => {
    const candidates = [entry(), entry(), entry()];
    const firsts = Array.from({ length: 20 }, (_, seed) =>
      new Priorities(seed, 10, 1).choose({ ...next('s1', 3), candidates }),
    );
    expect(new Set(firsts).size).toBe(3);
  });
});
