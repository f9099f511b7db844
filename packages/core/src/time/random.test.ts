import { describe, expect, test } from 'vitest';
import { random, run, Scheduler } from '../index.ts';
import { runTest } from '../testing/index.ts';

describe('random', () => {
  test('comes from the scheduler that runs the task', async () => {
    const scheduler = new Scheduler({ random: () => 0.25 });
    expect(
      await run(
        function* () {
          return random();
        },
        { scheduler },
      ),
    ).toBe(0.25);
  });

  test('repeats exactly with the seed of a test, and lies between 0 and 1', async () => {
    function* draw() {
      return Array.from({ length: 50 }, random);
    }
    const first = await runTest(draw, { seed: 3 });
    expect(await runTest(draw, { seed: 3 })).toEqual(first);
    for (const number of first) {
      expect(number).toBeGreaterThanOrEqual(0);
      expect(number).toBeLessThan(1);
    }
  });

  test('outside of every task comes from the host', () => {
    expect(random()).toBeLessThan(1);
  });
});
