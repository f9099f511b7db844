import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  attempt,
  CancelledError,
  coroutine,
  type Deadline,
  defer,
  Future,
  forever,
  group,
  isCancelled,
  now,
  type Operation,
  Queue,
  run,
  sleep,
  spawn,
  TimeoutError,
  tick,
  timeout,
} from '../index.ts';
import { failing } from '../kernel/fixtures/bodies.fixture.ts';
import { reports } from '../kernel/fixtures/reports.fixture.ts';
import { coroutineTest, runTest } from '../testing/index.ts';

describe('timeout', () => {
  test(
    'gives the value of an operation that ends in time, and leaves no timer behind',
    coroutineTest(function* () {
      expect(yield* timeout(10, sleep(5, 'value'))).toBe('value');
      expect(now()).toBe(5);
    }),
  );

  test('throws a TimeoutError at the deadline, which says how long it was and has no cancel as its cause', async () => {
    const error = await runTest(() => timeout(10, forever())).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(TimeoutError);
    expect((error as Error).message).toBe(
      'The deadline of 10 ms passed. Give more time, or look at what the body waits for.',
    );
    expect((error as Error).cause).toBeUndefined();
    expect(isCancelled(error)).toBe(false);
  });

  test(
    'covers everything inside, in any depth and however often it waits',
    coroutineTest(function* () {
      const deep = coroutine(function* (n: number): Operation<void> {
        if (n > 0) yield* deep(n - 1);
        else for (;;) yield* sleep(3);
      });
      const tried = yield* attempt(timeout(10, deep(500)));
      expect(tried).toMatchObject({ ok: false, error: { name: 'TimeoutError' } });
      expect(now()).toBe(10);
    }),
  );

  test(
    'waits for the cleanup of the body before it throws',
    coroutineTest(function* () {
      const log: string[] = [];
      function* body(): Operation<void> {
        try {
          yield* forever();
        } finally {
          yield* sleep(20);
          log.push('cleaned up');
        }
      }
      yield* attempt(timeout(10, body()));
      expect(log).toEqual(['cleaned up']);
      expect(now()).toBe(30);
    }),
  );

  test(
    'only the deadline that passed turns into an error: an inner one is seen inside, an outer one is not',
    coroutineTest(function* () {
      const log: string[] = [];
      function* inner(): Operation<string> {
        const tried = yield* attempt(timeout(5, forever()));
        log.push(`inner ${tried.ok}`);
        return yield* sleep(1, 'value');
      }
      expect(yield* timeout(10, inner())).toBe('value');
      function* patient(): Operation<void> {
        const tried = yield* attempt(timeout(50, forever()));
        log.push(`never ${tried.ok}`);
      }
      expect(yield* attempt(timeout(10, patient()))).toMatchObject({ ok: false });
      expect(log).toEqual(['inner false']);
    }),
  );

  test(
    'of two equal deadlines the outer one wins',
    coroutineTest(function* () {
      const log: string[] = [];
      function* inner(): Operation<void> {
        const tried = yield* attempt(timeout(10, forever()));
        log.push(`inner ${tried.ok}`);
      }
      const outer = yield* attempt(timeout(10, inner()));
      expect(outer.ok).toBe(false);
      expect(log).toEqual([]);
    }),
  );

  test(
    'of two equal deadlines the outer one wins, also when the inner one was set first',
    coroutineTest(function* () {
      const log: string[] = [];
      const outer = yield* attempt(
        timeout(1_000, function* (deadline) {
          const tried = yield* attempt(
            timeout(10, function* () {
              deadline.reschedule(10);
              yield* forever();
            }),
          );
          log.push(`inner ${tried.ok}`);
        }),
      );
      expect(outer.ok).toBe(false);
      expect(log).toEqual([]);
    }),
  );

  test(
    'a value that was handed over before the deadline is delivered, even at the same moment',
    coroutineTest(function* () {
      const future = new Future<string>();
      let deadline: Deadline | undefined;
      const tried = spawn(
        attempt(
          timeout(5, function* (handle: Deadline) {
            deadline = handle;
            return yield* future;
          }),
        ),
      );
      yield* tick();
      future.resolve('committed');
      deadline?.reschedule(0);
      expect(deadline?.expired).toBe(true);
      expect(yield* tried).toEqual({ ok: true, value: 'committed' });
    }),
  );

  test(
    'a value that comes when the deadline has passed is still there for the next one',
    coroutineTest(function* () {
      const queue = new Queue<string>();
      spawn(function* () {
        yield* sleep(10);
        queue.putNowait('item');
      });
      yield* tick();
      const tried = yield* attempt(timeout(10, queue.get()));
      expect(tried.ok ? tried.value : yield* queue.get()).toBe('item');
    }),
  );

  test(
    'an outside cancel stays a cancel, also after the deadline has passed during the cleanup',
    coroutineTest(function* () {
      let seen: unknown;
      const task = spawn(function* () {
        try {
          yield* timeout(
            10,
            (function* () {
              try {
                yield* forever();
              } finally {
                yield* sleep(50);
                expect(now()).toBe(55);
              }
            })(),
          );
        } catch (error) {
          seen = error;
          throw error;
        }
      });
      yield* sleep(5);
      yield* task.cancel('outside');
      expect(task.status).toBe('cancelled');
      expect(seen).toBeInstanceOf(CancelledError);
      expect(seen).toMatchObject({ reason: 'outside' });
    }),
  );

  test(
    'an outside cancel during the cleanup of a deadline is thrown behind the timeout',
    coroutineTest(function* () {
      const log: string[] = [];
      const task = spawn(function* () {
        const tried = yield* attempt(
          timeout(
            10,
            (function* () {
              try {
                yield* forever();
              } finally {
                yield* sleep(50);
                log.push('cleaned up');
              }
            })(),
          ),
        );
        log.push(`timed out ${!tried.ok}`);
        yield* sleep(1);
        log.push('never');
      });
      yield* sleep(20);
      yield* task.cancel();
      expect(log).toEqual(['cleaned up', 'timed out true']);
      expect(task.status).toBe('cancelled');
    }),
  );

  test(
    'a deadline inside a cleanup works, whatever the cleanup is for',
    coroutineTest(function* () {
      const log: string[] = [];
      const task = spawn(function* () {
        try {
          yield* timeout(100, forever());
        } finally {
          const tried = yield* attempt(timeout(5, forever()));
          log.push(`limited: ${!tried.ok} at ${now()}`);
        }
      });
      yield* sleep(10);
      yield* task.cancel();
      expect(log).toEqual(['limited: true at 15']);
      expect(task.status).toBe('cancelled');
    }),
  );

  test(
    'an error of the body is thrown as it is; one that takes the place of the timeout is reported',
    coroutineTest(function* () {
      const suppressed = reports('suppressed');
      const error = new Error('mine');
      expect(yield* attempt(timeout(10, failing(error)))).toEqual({ ok: false, error });
      expect(suppressed).toEqual([]);
      function* sticky(): Operation<void> {
        try {
          yield* forever();
        } finally {
          yield* failing(error);
        }
      }
      expect(yield* attempt(timeout(10, sticky()))).toEqual({ ok: false, error });
      expect(suppressed).toMatchObject([{ error, reason: 'the deadline has passed' }]);
    }),
  );

  test(
    'a body that catches its timeout and goes on is reported, and its value counts',
    coroutineTest(function* () {
      const swallowed = reports('swallowed');
      function* stubborn(): Operation<string> {
        try {
          return yield* forever();
        } catch {
          return 'went on';
        }
      }
      expect(yield* timeout(10, stubborn())).toBe('went on');
      expect(swallowed).toHaveLength(1);
    }),
  );

  test(
    'the error of a cleanup that the runtime runs is kept together with the timeout',
    coroutineTest(function* () {
      const error = new Error('cleanup');
      const tried = yield* attempt(
        timeout(10, () =>
          group(function* () {
            defer(() => failing(error));
            yield* forever();
          }),
        ),
      );
      expect(tried).toMatchObject({
        ok: false,
        error: { name: 'SuppressedError', error, suppressed: { name: 'TimeoutError' } },
      });
    }),
  );

  test(
    'covers tasks of a group inside of it, and not tasks spawned into an outer owner',
    coroutineTest(function* () {
      const log: string[] = [];
      function* slow(name: string): Operation<void> {
        yield* sleep(50);
        log.push(name);
      }
      yield* attempt(
        timeout(10, () =>
          group(function* () {
            spawn(slow('inside'));
          }),
        ),
      );
      function* spawning(): Operation<void> {
        spawn(slow('outer owner'));
        yield* forever();
      }
      yield* group(function* () {
        yield* attempt(timeout(10, spawning()));
      });
      expect(log).toEqual(['outer owner']);
    }),
  );

  test(
    'a deadline can be moved and taken away while its body runs',
    coroutineTest(function* () {
      const moved = yield* attempt(
        timeout(10, function* (deadline) {
          expect(deadline.at).toBe(10);
          deadline.reschedule(20);
          expect(deadline.at).toBe(20);
          yield* sleep(15);
          deadline.reschedule(10);
          expect(deadline.expired).toBe(false);
          yield* forever();
        }),
      );
      expect(moved.ok).toBe(false);
      expect(now()).toBe(25);
      const value = yield* timeout(10, function* (deadline) {
        deadline.reschedule(null);
        expect(deadline.at).toBe(Number.POSITIVE_INFINITY);
        return yield* sleep(100, 'no hurry');
      });
      expect(value).toBe('no hurry');
    }),
  );

  test(
    'a deadline cannot be moved after it has passed, nor after its body has ended',
    coroutineTest(function* () {
      let kept: Deadline | undefined;
      yield* timeout(10, function* (deadline) {
        kept = deadline;
        yield* tick();
      });
      expect(() => kept?.reschedule(5)).toThrow(
        'A deadline can be moved only before it has passed and while its body runs; this one is not running.',
      );
      yield* attempt(
        timeout(10, function* (deadline) {
          try {
            yield* forever();
          } finally {
            expect(deadline.expired).toBe(true);
            expect(() => deadline.reschedule(5)).toThrow('this one has passed.');
          }
        }),
      );
    }),
  );

  test(
    '0 and less are due at the first wait, and an operation that does not wait is not touched',
    coroutineTest(function* () {
      const log: string[] = [];
      function* body(): Operation<void> {
        log.push('begun');
        yield* tick();
        log.push('never');
      }
      expect(yield* attempt(timeout(-5, body()))).toMatchObject({ ok: false, error: { name: 'TimeoutError' } });
      expect(log).toEqual(['begun']);
      function* instant(): Operation<string> {
        return 'value';
      }
      expect(yield* timeout(0, instant())).toBe('value');
    }),
  );

  test(
    'Infinity sets no deadline, and delays beyond the range of host timers work',
    coroutineTest(function* () {
      expect(yield* timeout(Number.POSITIVE_INFINITY, sleep(10 ** 9, 'late'))).toBe('late');
      const tried = yield* attempt(timeout(3 * 10 ** 9, forever()));
      expect(tried.ok).toBe(false);
      expect(now()).toBe(4 * 10 ** 9);
    }),
  );

  test(
    'takes a Date, by the wall clock of the scheduler',
    coroutineTest(function* () {
      yield* sleep(100);
      const tried = yield* attempt(timeout(new Date(150), forever()));
      expect(tried.ok).toBe(false);
      expect(now()).toBe(150);
      expect((yield* attempt(timeout(new Date(0), sleep(1)))).ok).toBe(false);
    }),
  );

  test('bad input is refused at the call', () => {
    expect(() => timeout(Number.NaN, tick())).toThrow(
      'timeout got NaN as a duration. Give milliseconds, or Infinity for never.',
    );
    expect(() => timeout(Number.NaN, tick())).toThrow(RangeError);
    // @ts-expect-error a string is not a duration
    expect(() => timeout('10', tick())).toThrow('timeout takes milliseconds as a number, not "10".');
    expect(() => timeout(new Date(Number.NaN), tick())).toThrow(
      'timeout got an invalid Date. Give a Date that has a time, or milliseconds.',
    );
    // @ts-expect-error a promise is not an operation
    expect(() => timeout(10, Promise.resolve())).toThrow(
      'timeout takes an operation, not a promise. Write `timeout(ms, until(promise))`.',
    );
  });

  test('a function that throws before it returns an operation throws through it', async () => {
    const error = new Error('mine');
    const outcome = runTest(() =>
      timeout(10, () => {
        throw error;
      }),
    );
    await expect(outcome).rejects.toBe(error);
  });

  test('works on the clock of the host', async () => {
    await expect(run(timeout(1, forever()))).rejects.toThrow(TimeoutError);
  });

  test('is typed by its body', () => {
    expectTypeOf(timeout(1, sleep(1, 'a'))).toEqualTypeOf<Operation<string>>();
    expectTypeOf(timeout(1, (deadline) => sleep(1, deadline.at))).toEqualTypeOf<Operation<number>>();
  });
});
