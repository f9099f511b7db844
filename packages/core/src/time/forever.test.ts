import { describe, expect, expectTypeOf, test } from 'vitest';
import { forever, moveOnAfter, type Operation, spawn, tick } from '../index.ts';
import { coroutineTest, DeadlockError, runTest } from '../testing/index.ts';

describe('forever', () => {
  test(
    'waits until it is cancelled',
    coroutineTest(function* () {
      const task = spawn(forever());
      yield* tick();
      expect(task.status).toBe('waiting');
      yield* task.cancel();
      expect(task.status).toBe('cancelled');
      expect((yield* moveOnAfter(10, forever())).timedOut).toBe(true);
    }),
  );

  test('by itself is a deadlock, under virtual time', async () => {
    await expect(runTest(forever())).rejects.toThrow(DeadlockError);
  });

  test('never gives a value', () => {
    expectTypeOf(forever()).toEqualTypeOf<Operation<never>>();
  });
});
