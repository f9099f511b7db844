import { describe, expect, test } from 'vitest';
import { SeededRandom } from './seeded.ts';

describe('SeededRandom', () => {
  test('gives these very numbers on every engine', () => {
    const chance = new SeededRandom(1);
    expect(Array.from({ length: 4 }, () => chance.uint32())).toMatchInlineSnapshot(`
      [
        3212403724,
        2089036190,
        3559068212,
        3916262368,
      ]
    `);
  });

  test('seeds that differ by one, by a fraction or in sign give unrelated numbers', () => {
    const firsts = [0, 1, 2, -1, 0.5, 1.5, 2 ** 40, 2 ** 40 + 1].map((seed) => new SeededRandom(seed).uint32());
    expect(new Set(firsts).size).toBe(firsts.length);
  });

  test('numbers are spread evenly from 0 up to 1', () => {
    const chance = new SeededRandom(7);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) {
      const number = chance.next();
      expect(number >= 0 && number < 1).toBe(true);
      counts[Math.floor(number * 10)] = (counts[Math.floor(number * 10)] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  test('fills bytes', () => {
    const bytes = new SeededRandom(3).fill(new Uint8Array(64));
    expect(new Set(bytes).size).toBeGreaterThan(32);
    expect(new SeededRandom(3).fill(new Uint8Array(64))).toEqual(bytes);
  });
});
