import { describe, expect, expectTypeOf, test } from 'vitest';
import { suppressedError } from '../../errors.ts';
import {
  type Attempt,
  attempt,
  CancelledError,
  currentTask,
  forever,
  group,
  isCancelled,
  moveOnAfter,
  type Operation,
  sleep,
  spawn,
  type Task,
  tick,
  timeout,
} from '../../index.ts';
import { coroutineTest } from '../../testing/index.ts';
import { failing } from '../fixtures/bodies.fixture.ts';

describe('attempt', () => {
  test(
    'turns a value and a failure into an answer',
    coroutineTest(function* () {
      const error = new Error('mine');
      expect(yield* attempt(sleep(1, 'value'))).toEqual({ ok: true, value: 'value' });
      const tried = yield* attempt(failing(error));
      expect(tried.ok ? undefined : tried.error).toBe(error);
    }),
  );

  test(
    'captures whatever is thrown, also before the first wait, and a value that is not an error',
    coroutineTest(function* () {
      function* throwing(): Operation<never> {
        throw undefined;
      }
      expect(yield* attempt(throwing())).toEqual({ ok: false, error: undefined });
    }),
  );

  test(
    'captures the failure of an operation that was used before',
    coroutineTest(function* () {
      const used = sleep(1);
      yield* used;
      expect(yield* attempt(used)).toMatchObject({ ok: false, error: { name: 'TypeError' } });
    }),
  );

  test(
    'never captures the cancel of its own task',
    coroutineTest(function* () {
      const log: string[] = [];
      const task = spawn(function* () {
        yield* attempt(forever());
        log.push('never');
      });
      yield* tick();
      yield* task.cancel();
      expect(task.status).toBe('cancelled');
      expect(log).toEqual([]);
    }),
  );

  test(
    'never captures the cancel of a deadline or group around it',
    coroutineTest(function* () {
      const log: string[] = [];
      function* trying(): Operation<void> {
        yield* attempt(forever());
        log.push('never');
      }
      expect((yield* moveOnAfter(5, trying())).timedOut).toBe(true);
      yield* group(function* (g) {
        g.spawn(function* () {
          yield* sleep(5);
          g.cancel();
        });
        yield* trying();
      });
      expect(log).toEqual([]);
    }),
  );

  test(
    'captures the timeout of a deadline inside of it',
    coroutineTest(function* () {
      expect(yield* attempt(timeout(5, forever()))).toMatchObject({ ok: false, error: { name: 'TimeoutError' } });
    }),
  );

  test(
    'captures the cancel of a task that was joined: that is an ordinary failure',
    coroutineTest(function* () {
      const task = spawn(forever());
      yield* tick();
      task.cancel('why');
      const tried = yield* attempt(task);
      expect(tried).toMatchObject({ ok: false, error: { name: 'CancelledError', reason: 'why' } });
      expect(isCancelled(tried.ok ? undefined : tried.error)).toBe(true);
    }),
  );

  test(
    'a joined cancel that is passed on fails the task: it is not its own',
    coroutineTest(function* () {
      const joined = spawn(forever());
      const joiner: Task<unknown> = spawn(
        attempt(
          group(function* () {
            yield* joined;
          }),
        ),
      );
      yield* tick();
      yield* joined.cancel();
      expect(yield* joiner).toMatchObject({ ok: false, error: { errors: [{ name: 'CancelledError' }] } });
    }),
  );

  test('is typed by its operation', () => {
    expectTypeOf(attempt(sleep(1, 'a'))).toEqualTypeOf<Operation<Attempt<string>>>();
    // @ts-expect-error a promise is not an operation
    expect(() => attempt(Promise.resolve())).toThrow(
      'attempt takes an operation, not a promise. Write `attempt(until(promise))`.',
    );
  });
});

describe('isCancelled', () => {
  test(
    'knows a cancel, also as a part of a SuppressedError, and does not look through causes',
    coroutineTest(function* () {
      const cancel = new CancelledError('why');
      expect(isCancelled(cancel)).toBe(true);
      expect(isCancelled(suppressedError(new Error('cleanup'), cancel))).toBe(true);
      expect(isCancelled(suppressedError(suppressedError(cancel, 1), 2))).toBe(true);
      expect(isCancelled(new Error('wrapped', { cause: cancel }))).toBe(false);
      expect(isCancelled(new Error('other'))).toBe(false);
      expect(isCancelled(undefined)).toBe(false);
      const task = spawn(function* () {
        try {
          currentTask().cancel();
          yield* tick();
        } catch (error) {
          expect(isCancelled(error)).toBe(true);
          throw error;
        }
      });
      yield* attempt(task);
    }),
  );
});
