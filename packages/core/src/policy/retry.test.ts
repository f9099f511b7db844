import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  attempt,
  defer,
  exponential,
  fixed,
  forever,
  moveOnAfter,
  now,
  type Operation,
  retry,
  type Schedule,
  Scheduler,
  sleep,
  spawn,
  TimeoutError,
  tick,
  timeout,
} from '../index.ts';
import { coroutineTest, runTest } from '../testing/index.ts';

/** Fails so many times, then gives the number of its call; each call takes a while. */
function flaky(failures: number, calls: number[], ms = 0): () => Operation<number> {
  return function* () {
    calls.push(now());
    yield* sleep(ms);
    if (calls.length <= failures) throw new Error(`failure ${calls.length}`);
    return calls.length;
  };
}

describe('retry', () => {
  test(
    'calls again after the pauses of its schedule until a call succeeds',
    coroutineTest(function* () {
      const calls: number[] = [];
      expect(yield* retry(flaky(3, calls), exponential(100))).toBe(4);
      expect(calls).toEqual([0, 100, 300, 700]);
    }),
  );

  test(
    'counts calls, the first included, and throws the last error',
    coroutineTest(function* () {
      for (const most of [1, 3]) {
        const calls: number[] = [];
        const tried = yield* attempt(retry(flaky(9, calls), fixed(10).attempts(most)));
        expect(tried).toMatchObject({ ok: false, error: { message: `failure ${most}` } });
        expect(calls.length).toBe(most);
      }
    }),
  );

  test(
    'throws the very error that the last call threw',
    coroutineTest(function* () {
      const error = new Error('always the same');
      const tried = yield* attempt(
        retry(() => {
          throw error;
        }, fixed(1).attempts(2)),
      );
      expect(!tried.ok && tried.error).toBe(error);
      expect(now()).toBe(1);
    }),
  );

  test(
    'tries a deadline inside a call again, and ends with a deadline around it',
    coroutineTest(function* () {
      let calls = 0;
      const tried = yield* attempt(
        timeout(
          100,
          retry(() => {
            calls++;
            return timeout(10, forever());
          }, fixed(20)),
        ),
      );
      expect(tried).toMatchObject({ error: expect.any(TimeoutError) });
      expect([calls, now()]).toEqual([4, 100]);
    }),
  );

  test(
    'never retries its own cancel, in a call or in a pause, and does retry a cancelled task that it joined',
    coroutineTest(function* () {
      let calls = 0;
      const waiting = spawn(
        retry(() => {
          calls++;
          return forever();
        }, fixed(1)),
      );
      const pausing = spawn(retry(flaky(9, []), fixed(1_000)));
      yield* sleep(5);
      yield* waiting.cancel();
      yield* pausing.cancel();
      expect([waiting.status, pausing.status, calls, now()]).toEqual(['cancelled', 'cancelled', 1, 5]);

      const joined = spawn(forever());
      joined.cancel();
      calls = 0;
      yield* attempt(
        retry(() => {
          calls++;
          return joined;
        }, fixed(1).attempts(3)),
      );
      expect(calls).toBe(3);
    }),
  );

  test(
    'owns nothing: what its calls acquire is released with the scope around',
    coroutineTest(function* () {
      const log: string[] = [];
      const calls: number[] = [];
      const once = flaky(1, calls);
      yield* spawn(
        (function* () {
          yield* retry(function* () {
            defer(() => void log.push('released'));
            return yield* once();
          }, fixed(1));
          log.push('done');
        })(),
      );
      expect(log).toEqual(['done', 'released', 'released']);
    }),
  );
});

describe('a schedule', () => {
  test(
    'elapsed lets no call begin later than that',
    coroutineTest(function* () {
      const calls: number[] = [];
      yield* attempt(retry(flaky(99, calls, 5), fixed(10).elapsed(45)));
      expect(calls).toEqual([0, 15, 30, 45]);
    }),
  );

  test(
    'maxDelay caps a pause, and factor decides how they grow',
    coroutineTest(function* () {
      const calls: number[] = [];
      yield* attempt(retry(flaky(99, calls), exponential(10, 3).maxDelay(50).attempts(5)));
      expect(calls).toEqual([0, 10, 40, 90, 140]);
    }),
  );

  test('jitter is a random part of the whole pause, decided by the scheduler', async () => {
    const draws = [0.5, 0, 0.25];
    const scheduler = new Scheduler({ random: () => draws.shift() ?? 0 });
    const pauses: number[] = [];
    const schedule = exponential(100).jitter();
    await scheduler.run(function* () {
      for (let attempts = 1; attempts <= 3; attempts++) {
        pauses.push(
          schedule.delay({ error: null, attempt: attempts, elapsed: 0, random: () => scheduler.random() }) ?? -1,
        );
      }
    });
    expect(pauses).toEqual([50, 0, 100]);
    const times = (seed: number) =>
      runTest(
        function* () {
          const calls: number[] = [];
          yield* attempt(retry(flaky(9, calls), exponential(100).jitter().attempts(4)));
          return calls;
        },
        { seed },
      );
    expect(await times(1)).toEqual(await times(1));
    expect(await times(1)).not.toEqual(await times(2));
  });

  test(
    'when decides by the error',
    coroutineTest(function* () {
      const calls: number[] = [];
      const schedule = fixed(1).when((error) => (error as Error).message === 'failure 1');
      expect(yield* attempt(retry(flaky(9, calls), schedule))).toMatchObject({ error: { message: 'failure 2' } });
      expect(calls.length).toBe(2);
    }),
  );

  test(
    'can be shared, and is not changed by its methods',
    coroutineTest(function* () {
      const base = fixed(10);
      const twice = base.attempts(2);
      for (let i = 0; i < 2; i++) {
        const calls: number[] = [];
        yield* attempt(retry(flaky(9, calls), twice));
        expect(calls.length).toBe(2);
      }
      const calls: number[] = [];
      expect((yield* moveOnAfter(95, retry(flaky(99, calls), base))).timedOut).toBe(true);
      expect(calls.length).toBe(10);
    }),
  );

  test(
    'without a limit goes on for ever, with pauses that never overflow',
    coroutineTest(function* () {
      const delay = (attempts: number) =>
        exponential(1).delay({ error: null, attempt: attempts, elapsed: 0, random: () => 0 });
      expect([delay(1), delay(11), delay(5_000)]).toEqual([1, 1_024, Number.POSITIVE_INFINITY]);
      expect(exponential(0).delay({ error: null, attempt: 5_000, elapsed: 0, random: () => 0 })).toBe(0);
      yield* tick();
    }),
  );
});

describe('bad calls of retry and schedules', () => {
  test('are refused with what to write', () => {
    const good = fixed(1);
    expect(() => retry(sleep(1) as never, good)).toThrow(
      'retry takes a function that makes the operation anew for each call. Write `retry(() => work(), schedule)`.',
    );
    expect(() => retry(() => sleep(1), { attempts: 3 } as never)).toThrow(
      'retry takes a schedule, such as `exponential(100).jitter().attempts(5)`, not an object.',
    );
    expect(() => exponential(Number.NaN)).toThrow('exponential got NaN as a duration.');
    expect(() => exponential(1, 0.5)).toThrow('exponential: factor takes a number of at least 1, not 0.5.');
    expect(() => exponential(1, '2' as never)).toThrow('exponential: factor takes a number, not "2".');
    expect(() => fixed('1' as never)).toThrow('fixed takes milliseconds as a number, not "1".');
    expect(() => good.attempts(0)).toThrow('schedule.attempts takes a whole number of at least 1, not 0.');
    expect(() => good.elapsed(Number.NaN)).toThrow('schedule.elapsed got NaN as a duration.');
    expect(() => good.maxDelay(Number.NaN)).toThrow('schedule.maxDelay got NaN as a duration.');
    expect(() => good.when(5 as never)).toThrow('schedule.when takes a function, not 5.');
  });

  test(
    'a promise from the function is refused by every call',
    coroutineTest(function* () {
      const tried = yield* attempt(retry((() => Promise.resolve(1)) as never, fixed(1).attempts(1)));
      expect(tried).toMatchObject({ error: { message: /retry takes an operation, not a promise/ } });
    }),
  );
});

test('types follow the call', () => {
  expectTypeOf(retry(() => sleep(1, 'x'), fixed(1))).toEqualTypeOf<Operation<string>>();
  expectTypeOf(exponential(1).jitter().attempts(2).elapsed(3).maxDelay(4)).toEqualTypeOf<Schedule>();
  // @ts-expect-error: an operation runs once, so retry takes a function
  expect(() => retry(sleep(1), fixed(1))).toThrow(TypeError);
});
