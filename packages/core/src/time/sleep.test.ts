import { describe, expect, expectTypeOf, test } from 'vitest';
import { attempt, gather, now, type Operation, run, sleep, spawn, tick, timeout } from '../index.ts';
import { coroutineTest } from '../testing/index.ts';

describe('sleep', () => {
  test(
    'waits for its time and returns its value',
    coroutineTest(function* () {
      expect(yield* sleep(10, 'awake')).toBe('awake');
      expect(yield* sleep(5)).toBeUndefined();
      expect(now()).toBe(15);
    }),
  );

  test(
    'its time begins when it is waited for, not when it is made',
    coroutineTest(function* () {
      const later = sleep(10);
      yield* sleep(100);
      yield* later;
      expect(now()).toBe(110);
    }),
  );

  test(
    'sleeps that are due at the same moment end in the order in which they began',
    coroutineTest(function* () {
      const log: number[] = [];
      function* sleeper(i: number): Operation<void> {
        yield* sleep(10);
        log.push(i);
      }
      yield* gather([1, 2, 3].map(sleeper));
      expect(log).toEqual([1, 2, 3]);
    }),
  );

  test(
    '0 and less give way once, so that other tasks run',
    coroutineTest(function* () {
      const log: string[] = [];
      spawn(function* () {
        log.push('other');
        yield* tick();
      });
      expect(yield* sleep(0, 'value')).toBe('value');
      log.push('after 0');
      yield* sleep(-10);
      expect(log).toEqual(['other', 'after 0']);
      expect(now()).toBe(0);
    }),
  );

  test(
    'Infinity never ends by itself, and months do at their time',
    coroutineTest(function* () {
      yield* sleep(2 ** 31 + 1_000);
      expect(now()).toBe(2 ** 31 + 1_000);
      expect((yield* attempt(timeout(10, sleep(Number.POSITIVE_INFINITY)))).ok).toBe(false);
    }),
  );

  test(
    'a cancel ends it at once and leaves no timer',
    coroutineTest(function* () {
      const task = spawn(sleep(1_000));
      yield* sleep(5);
      yield* task.cancel();
      expect(now()).toBe(5);
      expect(task.status).toBe('cancelled');
    }),
  );

  test(
    'an operation of sleep runs once',
    coroutineTest(function* () {
      const nap = sleep(1);
      yield* nap;
      expect(yield* attempt(nap)).toMatchObject({
        ok: false,
        error: {
          message:
            'The operation sleep(1) was used a second time. An operation runs once: make a new one for every yield*, or share its result with `const task = spawn(op)` and `yield* task`.',
        },
      });
    }),
  );

  // Real time: this is about the clock of the host.
  test('takes real time on the clock of the host', async () => {
    const start = performance.now();
    await run(sleep(20));
    expect(performance.now() - start).toBeGreaterThanOrEqual(19);
  });

  test('bad input is refused at the call', () => {
    expect(() => sleep(Number.NaN)).toThrow('sleep got NaN as a duration. Give milliseconds, or Infinity for never.');
    expect(() => sleep(Number.NaN)).toThrow(RangeError);
    // @ts-expect-error a string is not a duration
    expect(() => sleep('1s')).toThrow('sleep takes milliseconds as a number, not "1s".');
    // @ts-expect-error a duration is needed
    expect(() => sleep()).toThrow('sleep takes milliseconds as a number, not undefined.');
    // @ts-expect-error a bigint is not a number
    expect(() => sleep(1n)).toThrow(TypeError);
  });

  test('is typed by its value', () => {
    expectTypeOf(sleep(1)).toEqualTypeOf<Operation<void>>();
    expectTypeOf(sleep(1, 'a')).toEqualTypeOf<Operation<string>>();
  });
});
