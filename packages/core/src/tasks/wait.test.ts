import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  attempt,
  currentTask,
  forever,
  group,
  now,
  Scheduler,
  sleep,
  spawn,
  supervise,
  type Task,
  tick,
  timeout,
  type Waited,
  wait,
} from '../index.ts';
import { failing } from '../kernel/fixtures/bodies.fixture.ts';
import { reports } from '../kernel/fixtures/reports.fixture.ts';
import { coroutineTest, runTest } from '../testing/index.ts';

/** Tasks are iterable, so a deep comparison would wait for them. */
function same(set: Set<unknown>, tasks: readonly unknown[]): boolean {
  return set.size === tasks.length && tasks.every((task) => set.has(task));
}

describe('wait', () => {
  test(
    'returns when all tasks have ended',
    coroutineTest(function* () {
      const a = spawn(sleep(10));
      const b = spawn(sleep(20));
      const { done, pending } = yield* wait([a, b]);
      expect(same(done, [a, b])).toBe(true);
      expect(pending.size).toBe(0);
      expect(now()).toBe(20);
    }),
  );

  test(
    'returns when the first has ended, and leaves the others alone',
    coroutineTest(function* () {
      const a = spawn(sleep(10));
      const b = spawn(sleep(20, 'b'));
      const { done, pending } = yield* wait([a, b], { until: 'first-completed' });
      expect(now()).toBe(10);
      expect(same(done, [a])).toBe(true);
      expect(same(pending, [b])).toBe(true);
      expect(yield* b).toBe('b');
    }),
  );

  test(
    'puts every task that has ended by the time it returns among the done ones',
    coroutineTest(function* () {
      const tasks = [spawn(sleep(10)), spawn(sleep(10)), spawn(sleep(20))];
      const { done, pending } = yield* wait(tasks, { until: 'first-completed' });
      expect([done.size, pending.size]).toEqual([2, 1]);
    }),
  );

  test(
    'returns at the first error, without throwing it',
    coroutineTest(function* () {
      yield* supervise(function* (g) {
        const error = new Error('broken');
        const fine = g.spawn(sleep(5));
        const broken = g.spawn(failing(error, 10));
        const slow = g.spawn(sleep(20));
        const { done, pending } = yield* wait([fine, broken, slow], { until: 'first-error' });
        expect(now()).toBe(10);
        expect(same(done, [fine, broken])).toBe(true);
        expect(same(pending, [slow])).toBe(true);
        expect(() => broken.result()).toThrow(error);
      });
    }),
  );

  test(
    'a cancelled task is not an error, as in asyncio; without an error it waits for all',
    coroutineTest(function* () {
      const cancelled = spawn(forever());
      const fine = spawn(sleep(10));
      yield* tick();
      cancelled.cancel();
      const { done } = yield* wait([cancelled, fine], { until: 'first-error' });
      expect(now()).toBe(10);
      expect(done.size).toBe(2);
    }),
  );

  test(
    'gives up after the timeout, without an error, and cancels nothing',
    coroutineTest(function* () {
      const fast = spawn(sleep(5));
      const slow = spawn(sleep(50, 'slow'));
      const { done, pending } = yield* wait([fast, slow], { timeout: 10 });
      expect(now()).toBe(10);
      expect(same(done, [fast])).toBe(true);
      expect(same(pending, [slow])).toBe(true);
      expect(slow.cancelRequested).toBe(false);
      expect(yield* slow).toBe('slow');
    }),
  );

  test(
    'with a timeout of 0 gives the tasks that are ready a turn and returns',
    coroutineTest(function* () {
      const ready = spawn(tick());
      const slow = spawn(sleep(1));
      const { done, pending } = yield* wait([ready, slow], { timeout: 0 });
      expect(same(done, [ready])).toBe(true);
      expect(same(pending, [slow])).toBe(true);
      expect(now()).toBe(0);
    }),
  );

  test(
    'returns at once when enough tasks have ended before',
    coroutineTest(function* () {
      const ended = spawn(sleep(1));
      yield* ended;
      const slow = spawn(sleep(100));
      const log: string[] = [];
      spawn(function* () {
        log.push('another task ran');
        yield* tick();
      });
      yield* wait([ended, slow], { until: 'first-completed' });
      yield* wait([ended]);
      expect(log).toEqual([]);
    }),
  );

  test(
    'what it returned as pending can be waited for again',
    coroutineTest(function* () {
      const order: number[] = [];
      let pending = new Set([spawn(sleep(30, 3)), spawn(sleep(10, 1)), spawn(sleep(20, 2))]);
      while (pending.size > 0) {
        const next: Waited<Task<number>> = yield* wait(pending, { until: 'first-completed' });
        for (const task of next.done) order.push(task.result());
        pending = next.pending;
      }
      expect(order).toEqual([1, 2, 3]);
    }),
  );

  test(
    'takes a record, and counts a task that is given twice once',
    coroutineTest(function* () {
      const a = spawn(sleep(1));
      const b = spawn(sleep(2));
      const { done } = yield* wait({ a, b, again: a });
      expect(same(done, [a, b])).toBe(true);
    }),
  );

  test(
    'a cancel or a deadline ends the wait and leaves no trace',
    coroutineTest(function* () {
      const slow = spawn(sleep(50, 'slow'));
      const tried = yield* attempt(timeout(5, wait([slow], { timeout: 20 })));
      expect(tried).toMatchObject({ ok: false, error: { name: 'TimeoutError' } });
      expect(now()).toBe(5);
      expect(yield* slow).toBe('slow');
    }),
  );

  test(
    'a failure that was waited for is not reported as unhandled',
    coroutineTest(function* () {
      const unhandled = reports('unhandled');
      yield* supervise(function* (g) {
        yield* wait([g.spawn(failing(new Error('seen'), 1))]);
      });
      expect(unhandled).toEqual([]);
    }),
  );

  test(
    'the failure of a waited task still fails the scope that owns it',
    coroutineTest(function* () {
      const log: string[] = [];
      const error = new Error('owned');
      const tried = yield* attempt(
        group(function* (g) {
          const { done } = yield* wait([g.spawn(failing(error, 1))]);
          log.push(`waited for ${done.size}`);
          yield* forever();
        }),
      );
      expect(tried).toMatchObject({ ok: false, error: { errors: [error] } });
      expect(log).toEqual(['waited for 1']);
    }),
  );

  test(
    'a task that waits for itself gets an error',
    coroutineTest(function* () {
      const task: Task<unknown> = spawn(() => attempt(wait([currentTask(), other])), { name: 'me' });
      const other = spawn(sleep(1));
      expect(yield* task).toMatchObject({
        ok: false,
        error: { message: expect.stringMatching(/^task me waits for itself, which would never end/) },
      });
    }),
  );

  test('tasks of another scheduler are refused', async () => {
    await runTest(function* () {
      const foreign = new Scheduler();
      let task: Task<void> | undefined;
      const ended = foreign.run(function* () {
        task = spawn(sleep(1));
      });
      for (let i = 0; task === undefined && i < 1_000; i++) yield* tick();
      const tried = yield* attempt(wait([task as Task<void>]));
      expect(tried).toMatchObject({
        ok: false,
        error: { message: expect.stringContaining('belongs to another scheduler') },
      });
      void ended;
    });
  });

  test('bad input is refused at the call, with what to write', async () => {
    await runTest(function* () {
      const task = spawn(sleep(1));
      expect(() => wait([])).toThrow('wait needs at least one task: with none it would never know when to return.');
      const tasksOnly =
        /^wait takes tasks, as one array, not an operation. Start operations first: `wait\(\[spawn\(a\(\)\), spawn\(b\(\)\)\]\)`\.$/;
      // @ts-expect-error an operation is not a task
      expect(() => wait([sleep(1)])).toThrow(tasksOnly);
      // @ts-expect-error an operation is not an array
      expect(() => wait(sleep(1))).toThrow(tasksOnly);
      // @ts-expect-error a task is not an array
      expect(() => wait(task)).toThrow('wait takes its tasks as one array: pass an array, `wait([a, b])`.');
      // @ts-expect-error a second task is not an option
      expect(() => wait([task], task)).toThrow('wait takes its tasks as one array: pass an array, `wait([a, b])`.');
      // @ts-expect-error null is nothing
      expect(() => wait(null)).toThrow('wait takes an array of tasks, not null.');
      // @ts-expect-error asyncio's constants are other words here
      expect(() => wait([task], { until: 'FIRST_COMPLETED' })).toThrow(
        `wait: the option 'until' is one of "all", "first-completed", "first-error", not "FIRST_COMPLETED".`,
      );
      expect(() => wait([task], { timeout: Number.NaN })).toThrow(RangeError);
      // @ts-expect-error a typing mistake
      expect(() => wait([task], { timout: 1 })).toThrow("wait has no option 'timout'. Did you mean 'timeout'?");
    });
  });

  test('the sets hold the tasks that were given, with their types', async () => {
    await runTest(function* () {
      const a = spawn(sleep(1, 'a'));
      const b = spawn(sleep(1, 1));
      const { done } = yield* wait([a, b]);
      expectTypeOf(done).toEqualTypeOf<Set<Task<string> | Task<number>>>();
    });
  });
});
