import { describe, expect, test } from 'vitest';
import { now, run, Scheduler, sleep } from '../index.ts';
import { runTest, VirtualClock } from '../testing/index.ts';

describe('now', () => {
  test('is the time of the scheduler that runs the task; virtual time starts at 0', async () => {
    await runTest(function* () {
      expect(now()).toBe(0);
      yield* sleep(25);
      expect(now()).toBe(25);
    });
    const scheduler = new Scheduler({ clock: new VirtualClock() });
    await run(sleep(7), { scheduler });
    expect(scheduler.now()).toBe(7);
  });

  test('outside of every task is the time of the host, which does not go back', () => {
    const before = now();
    expect(now()).toBeGreaterThanOrEqual(before);
  });
});
