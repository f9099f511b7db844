import { describe, expect, test } from 'vitest';
import { attempt, forever, now, type Operation, sleep, spawn, supervise, type Task, tick } from '../index.ts';
import { cleaning, failing } from '../kernel/fixtures/bodies.fixture.ts';
import { reports } from '../kernel/fixtures/reports.fixture.ts';
import { coroutineTest } from '../testing/index.ts';

describe('supervise', () => {
  test(
    'a failure of a task touches neither its siblings nor the body',
    coroutineTest(function* () {
      const error = new Error('broken');
      const value = yield* supervise(function* (g) {
        const broken = g.spawn(failing(error, 5));
        const fine = g.spawn(sleep(10, 'fine'));
        expect(yield* attempt(broken)).toEqual({ ok: false, error });
        return yield* fine;
      });
      expect(value).toBe('fine');
      expect(now()).toBe(10);
    }),
  );

  test(
    'reports a failure once, at its end, when nobody joined the task or waited for it',
    coroutineTest(function* () {
      const unhandled = reports('unhandled');
      const error = new Error('unseen');
      yield* supervise(function* (g) {
        g.spawn(failing(error, 5), { name: 'forgotten' });
        yield* sleep(10);
        expect(unhandled).toEqual([]);
      });
      expect(unhandled).toEqual([{ error, task: 'forgotten' }]);
    }),
  );

  test(
    'does not report a failure that was joined, even late, and by another task',
    coroutineTest(function* () {
      const unhandled = reports('unhandled');
      yield* supervise(function* (g) {
        const broken: Task<unknown> = g.spawn(failing(new Error('seen'), 1));
        yield* sleep(5);
        yield* g.spawn(attempt(broken));
      });
      expect(unhandled).toEqual([]);
    }),
  );

  test(
    'the failure of the body cancels the tasks, waits for their cleanups, and is thrown as it is',
    coroutineTest(function* () {
      const log: string[] = [];
      const error = new Error('body');
      const tried = yield* attempt(
        supervise(function* (g) {
          g.spawn(cleaning(log, 'task', 10));
          yield* failing(error);
        }),
      );
      expect(tried.ok ? undefined : tried.error).toBe(error);
      expect(log).toEqual(['task']);
      expect(now()).toBe(11);
    }),
  );

  test(
    'is the owner of what its body spawns, through any depth of calls',
    coroutineTest(function* () {
      const unhandled = reports('unhandled');
      function* deep(): Operation<void> {
        spawn(failing(new Error('deep')));
        yield* tick();
      }
      yield* supervise(function* () {
        yield* deep();
        yield* sleep(5);
      });
      expect(unhandled).toHaveLength(1);
    }),
  );

  test(
    'cancel ends it quietly, and an outside cancel stays a cancel',
    coroutineTest(function* () {
      const log: string[] = [];
      const value = yield* supervise(function* (g): Operation<string> {
        g.spawn(cleaning(log, 'task'));
        yield* tick();
        g.cancel();
        return yield* forever();
      });
      expect(value).toBeUndefined();
      expect(log).toEqual(['task']);
      const task = spawn(() =>
        supervise(function* (g) {
          g.spawn(cleaning(log, 'second'));
          yield* forever();
        }),
      );
      yield* sleep(1);
      yield* task.cancel();
      expect(task.status).toBe('cancelled');
      expect(log).toEqual(['task', 'second']);
    }),
  );

  test(
    'reports a body that catches the cancel of its group and goes on',
    coroutineTest(function* () {
      const swallowed = reports('swallowed');
      yield* supervise(function* (g) {
        g.cancel('enough');
        try {
          yield* forever();
        } catch {
          return 1;
        }
      });
      expect(swallowed).toMatchObject([{ reason: 'enough' }]);
    }),
  );

  test('bad input is refused at the call', () => {
    // @ts-expect-error a promise is not an operation
    expect(() => supervise(Promise.resolve())).toThrow(
      'supervise takes an operation, not a promise. Write `supervise(until(promise))`.',
    );
  });
});
