import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  attempt,
  forever,
  gather,
  isCancelled,
  now,
  type Operation,
  shield,
  sleep,
  spawn,
  type Task,
  tick,
  timeout,
} from '../index.ts';
import { coroutineTest } from '../testing/index.ts';

/** Cancels `task` now and tells when its teardown had ended. */
function* cancelling(task: Task<unknown>): Operation<number> {
  yield* attempt(task.cancel());
  return now();
}

describe('shield', () => {
  test(
    'delivers the result of the operation, and the cancel at the next wait after it',
    coroutineTest(function* () {
      const log: string[] = [];
      const task = spawn(function* () {
        log.push(yield* shield(sleep(10, 'saved')));
        yield* sleep(1);
        log.push('never');
      });
      yield* tick();
      expect(yield* cancelling(task)).toBe(10);
      expect(task.status).toBe('cancelled');
      expect(log).toEqual(['saved']);
    }),
  );

  test(
    'a task that has no wait after it ends well, and the cancel comes too late',
    coroutineTest(function* () {
      const task = spawn(function* () {
        return yield* shield(sleep(10, 'saved'));
      });
      yield* tick();
      yield* task.cancel();
      expect(task.status).toBe('succeeded');
      expect(task.result()).toBe('saved');
    }),
  );

  test(
    'passes an error on as it is',
    coroutineTest(function* () {
      const error = new Error('mine');
      const tried = yield* attempt(
        shield(
          (function* () {
            yield* tick();
            throw error;
          })(),
        ),
      );
      expect(tried).toEqual({ ok: false, error });
    }),
  );

  test(
    'protects from deadlines around it, not from those inside',
    coroutineTest(function* () {
      const outer = yield* attempt(timeout(5, shield(sleep(10, 'done'))));
      expect(outer).toEqual({ ok: true, value: 'done' });
      const inner = yield* attempt(shield(timeout(5, sleep(10))));
      expect(inner).toMatchObject({ ok: false, error: { name: 'TimeoutError' } });
      expect(now()).toBe(15);
    }),
  );

  test(
    'protects everything inside, tasks of groups and gathers too',
    coroutineTest(function* () {
      const task = spawn(function* () {
        return yield* shield(gather([sleep(10, 'a'), sleep(20, 'b')]));
      });
      yield* sleep(5);
      yield* task.cancel();
      expect(task.result()).toEqual(['a', 'b']);
    }),
  );

  test(
    'holds for its timeout at most, then the cancel comes through',
    coroutineTest(function* () {
      const task = spawn(() => shield(forever(), { timeout: 50 }));
      yield* tick();
      expect(yield* cancelling(task)).toBe(50);
      expect(task.status).toBe('cancelled');
    }),
  );

  test(
    'a cancel that comes after the timeout is thrown at once',
    coroutineTest(function* () {
      const task = spawn(() => shield(forever(), { timeout: 50 }));
      yield* sleep(60);
      expect(yield* cancelling(task)).toBe(60);
    }),
  );

  test(
    'in a cleanup it extends the grace by its timeout',
    coroutineTest(function* () {
      const log: string[] = [];
      const task = spawn(function* () {
        try {
          yield* forever();
        } finally {
          yield* shield(sleep(7_000), { timeout: 10_000 });
          log.push('long cleanup');
        }
      });
      yield* tick();
      expect(yield* cancelling(task)).toBe(7_000);
      expect(log).toEqual(['long cleanup']);
      expect(task.status).toBe('cancelled');
    }),
  );

  test(
    'in a cleanup, without a timeout, the grace ends it all the same',
    coroutineTest(function* () {
      const task = spawn(function* () {
        try {
          yield* forever();
        } finally {
          yield* shield(sleep(7_000));
        }
      });
      yield* tick();
      expect(yield* cancelling(task)).toBe(5_000);
      expect(task.status).toBe('cancelled');
    }),
  );

  test(
    'an operation that was not begun when the cancel came is not begun',
    coroutineTest(function* () {
      const log: string[] = [];
      function* noting(): Operation<void> {
        log.push('begun');
        yield* tick();
      }
      const task: Task<void> = spawn(function* () {
        try {
          task.cancel();
          yield* tick();
        } catch (error) {
          expect(isCancelled(error)).toBe(true);
          throw error;
        }
        yield* shield(noting());
      });
      yield* attempt(task);
      expect(log).toEqual([]);
    }),
  );

  test('bad input is refused at the call', () => {
    expect(() => shield(sleep(1), { timeout: Number.NaN })).toThrow(
      "shield: the option 'timeout' got NaN as a duration. Give milliseconds, or Infinity for never.",
    );
    // @ts-expect-error a typing mistake
    expect(() => shield(sleep(1), { timout: 1 })).toThrow("shield has no option 'timout'. Did you mean 'timeout'?");
    // @ts-expect-error a promise is not an operation
    expect(() => shield(Promise.resolve())).toThrow('shield takes an operation, not a promise.');
  });

  test('is typed by its operation', () => {
    expectTypeOf(shield(sleep(1, 'a'))).toEqualTypeOf<Operation<string>>();
  });
});
