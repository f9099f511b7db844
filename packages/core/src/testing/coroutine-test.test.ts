import { describe, expect, test } from 'vitest';
import { now, sleep } from '../index.ts';
import { coroutineTest } from './index.ts';

describe('coroutineTest', () => {
  test(
    'makes a generator function a test on virtual time',
    coroutineTest(function* () {
      yield* sleep(3_600_000);
      expect(now()).toBe(3_600_000);
    }),
  );

  const withFixture = test.extend<{ lamp: string }>({
    lamp: async ({ task }, use) => {
      await use(`lamp of ${task.type}`);
    },
  });

  withFixture(
    'is given the fixtures that it names',
    coroutineTest(function* ({ lamp }: { lamp: string }) {
      yield* sleep(1);
      expect(lamp).toBe('lamp of test');
    }),
  );
});
