import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  attempt,
  coroutine,
  currentTask,
  forever,
  GroupClosedError,
  group,
  NotInTaskError,
  now,
  type Operation,
  sleep,
  spawn,
  supervise,
  type Task,
  TaskGroupError,
  tick,
} from '../../index.ts';
import { coroutineTest, runTest } from '../../testing/index.ts';
import { cleaning, failing, noting } from '../fixtures/bodies.fixture.ts';
import { reports } from '../fixtures/reports.fixture.ts';

describe('spawn', () => {
  test(
    'queues the task: it begins when the running one waits next, in the order of the spawns',
    coroutineTest(function* () {
      const log: string[] = [];
      function* task(name: string): Operation<void> {
        log.push(name);
      }
      spawn(task('a'));
      spawn(task('b'));
      log.push('body');
      yield* tick();
      expect(log).toEqual(['body', 'a', 'b']);
    }),
  );

  test(
    'takes an operation, or a function whose own code runs in the new task',
    coroutineTest(function* () {
      const home = currentTask();
      let inside: Task<unknown> | undefined;
      const task = spawn(() => {
        inside = currentTask();
        return sleep(1, 'value');
      });
      expect(yield* task).toBe('value');
      expect(inside?.id).toBe(task.id);
      expect(currentTask().id).toBe(home.id);
    }),
  );

  test(
    'a task is joined with yield*, any number of times, before and after its end',
    coroutineTest(function* () {
      const task = spawn(sleep(10, 'value'));
      const joiner = spawn(function* () {
        return yield* task;
      });
      expect(yield* task).toBe('value');
      expect(yield* joiner).toBe('value');
      expect(yield* task).toBe('value');
      expect(now()).toBe(10);
    }),
  );

  test(
    'cancelling a joiner never cancels the joined task',
    coroutineTest(function* () {
      const task = spawn(sleep(10, 'value'));
      const joiner = spawn(function* () {
        yield* task;
      });
      yield* tick();
      yield* joiner.cancel();
      expect(task.cancelRequested).toBe(false);
      expect(yield* task).toBe('value');
    }),
  );

  test(
    'a task that joins itself gets an error that says what to write',
    coroutineTest(function* () {
      const task: Task<unknown> = spawn(() => attempt(task), { name: 'me' });
      expect(yield* task).toMatchObject({
        ok: false,
        error: {
          message:
            'task me waits for itself, which would never end. Use `return` to end it, or `currentTask().cancel()`.',
        },
      });
    }),
  );

  test(
    'its status tells where it is',
    coroutineTest(function* () {
      const log: string[] = [];
      const task: Task<unknown> = spawn(function* () {
        log.push(task.status);
        yield* cleaning([], '', 5);
      });
      log.push(task.status);
      yield* tick();
      log.push(task.status);
      task.cancel();
      log.push(task.status);
      yield* attempt(task);
      log.push(task.status);
      expect(log).toEqual(['ready', 'running', 'waiting', 'cancelling', 'cancelled']);
      expect(task.done).toBe(true);
      expect(task.cancelRequested).toBe(true);
    }),
  );

  test(
    'result gives the value of a task that has ended, its error, or what to do',
    coroutineTest(function* () {
      const error = new Error('mine');
      yield* supervise(function* (g) {
        const fine = g.spawn(sleep(1, 'value'), { name: 'fine' });
        const broken = g.spawn(failing(error));
        const cancelled = g.spawn(forever());
        expect(() => fine.result()).toThrow('task fine has not ended (it is ready). Wait for it with `yield* task`.');
        yield* attempt(broken);
        yield* cancelled.cancel('why');
        expect(fine.result()).toBe('value');
        expect(() => broken.result()).toThrow(error);
        expect(() => cancelled.result()).toThrow(/^Cancelled by task task-\d+: why$/);
      });
    }),
  );

  test(
    'is named by the option, else by its function or coroutine, else by its number',
    coroutineTest(function* () {
      const named = coroutine(function* download(): Operation<void> {
        yield* tick();
      });
      expect(spawn(tick(), { name: 'given' }).name).toBe('given');
      expect(spawn(named()).name).toBe('download');
      expect(
        spawn(function* upload() {
          yield* tick();
        }).name,
      ).toBe('upload');
      const task = spawn(tick());
      expect(task.name).toBe(`task-${task.id}`);
    }),
  );

  test('a task does not end before what it has spawned', async () => {
    const log: string[] = [];
    await runTest(function* () {
      const parent = spawn(function* () {
        spawn(noting(log, 'child', 10));
        log.push('body');
      });
      yield* parent;
      log.push('parent');
    });
    expect(log).toEqual(['body', 'child', 'parent']);
  });

  test('a failure cancels the body and all siblings, and is raised with all failures, also the body’s', async () => {
    const log: string[] = [];
    const first = new Error('first');
    const body = new Error('body');
    const error = await runTest(function* () {
      spawn(failing(first, 5), { name: 'child' });
      spawn(cleaning(log, 'sibling', 5));
      try {
        yield* forever();
      } finally {
        yield* failing(body);
      }
    }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(TaskGroupError);
    expect((error as TaskGroupError).errors).toEqual([first, body]);
    expect((error as TaskGroupError).message).toBe(
      '2 failures in one scope:\n  child: Error: first\n  body: Error: body',
    );
    expect(log).toEqual(['sibling']);
  });

  test('a body that joins a failed task and catches its error gets the original, and the scope fails all the same', async () => {
    const error = new Error('original');
    let caught: unknown;
    const outcome = runTest(function* () {
      const task = spawn(failing(error));
      try {
        yield* task;
      } catch (thrown) {
        caught = thrown;
      }
    });
    await expect(outcome).rejects.toMatchObject({ name: 'TaskGroupError', errors: [error] });
    expect(caught).toBe(error);
  });

  test(
    'a cancelled task is not a failure of its scope',
    coroutineTest(function* () {
      const value = yield* group(function* (g) {
        const task = g.spawn(forever());
        yield* tick();
        task.cancel();
        return yield* sleep(5, 'value');
      });
      expect(value).toBe('value');
    }),
  );

  test(
    'daemons are cancelled and awaited when the others have ended',
    coroutineTest(function* () {
      const log: string[] = [];
      yield* spawn(function* () {
        spawn(cleaning(log, 'daemon', 5), { daemon: true });
        spawn(noting(log, 'task', 10));
        log.push('body');
      });
      expect(log).toEqual(['body', 'task', 'daemon']);
    }),
  );

  test(
    'a daemon may spawn while its scope drains, and what it spawns ends with it',
    coroutineTest(function* () {
      const log: string[] = [];
      yield* spawn(function* () {
        spawn(
          function* () {
            spawn(cleaning(log, 'child of the daemon'));
            yield* cleaning(log, 'daemon');
          },
          { daemon: true },
        );
        spawn(noting(log, 'task', 10));
      });
      expect(log).toEqual(['task', 'child of the daemon', 'daemon']);
    }),
  );

  test(
    'a scope that is cancelled after its body ended, while children run, ends cancelled',
    coroutineTest(function* () {
      const log: string[] = [];
      const task = spawn(function* () {
        spawn(cleaning(log, 'child', 5));
        return 'value';
      });
      yield* sleep(1);
      yield* task.cancel();
      expect(task.status).toBe('cancelled');
      expect(log).toEqual(['child']);
    }),
  );

  test(
    'tells what it did: spawned, cancelled, settled',
    coroutineTest(function* () {
      const spawned = reports('spawned');
      const cancelled = reports('cancelled');
      const settled = reports('settled');
      const task = spawn(forever(), { name: 'child' });
      yield* tick();
      yield* task.cancel('why');
      expect(spawned.map((event) => [event.task.name, event.parent])).toEqual([['child', currentTask().name]]);
      expect(cancelled.map((event) => [event.task.name, event.reason, event.requestedBy])).toEqual([
        ['child', 'why', currentTask().label],
      ]);
      expect(settled.map((event) => [event.task.name, event.status])).toEqual([['child', 'cancelled']]);
    }),
  );

  test(
    'bad input is refused at the call, with the call to write',
    coroutineTest(function* () {
      // @ts-expect-error a promise is not an operation
      expect(() => spawn(Promise.resolve())).toThrow(
        'spawn takes an operation, not a promise. Write `spawn(until(promise))`.',
      );
      // @ts-expect-error an array is not an operation
      expect(() => spawn([sleep(1)])).toThrow(
        'spawn takes one operation, not an array. Write `spawn(gather([a(), b()]))`.',
      );
      // @ts-expect-error a typing mistake
      expect(() => spawn(sleep(1), { nme: 'x' })).toThrow("spawn has no option 'nme'. Did you mean 'name'?");
      // @ts-expect-error a number is not a name
      expect(() => spawn(sleep(1), { name: 1 })).toThrow("spawn: the option 'name' takes a string, not 1.");
      let late: unknown;
      yield* group(function* (g) {
        late = g;
        yield* tick();
      });
      expect(() => (late as { spawn(op: Operation<void>): void }).spawn(tick())).toThrow(GroupClosedError);
    }),
  );

  test('outside of a task it says what to do', () => {
    expect(() => spawn(sleep(1))).toThrow(NotInTaskError);
    expect(() => currentTask()).toThrow('currentTask() was used outside of a task.');
  });

  test('a task is typed by its operation', () => {
    function* typed(): Operation<void> {
      const task = spawn(sleep(1, 'a'));
      expectTypeOf(task).toEqualTypeOf<Task<string>>();
      expectTypeOf(yield* task).toEqualTypeOf<string>();
      expectTypeOf(task.result()).toEqualTypeOf<string>();
      expectTypeOf(yield* task.cancel()).toEqualTypeOf<boolean>();
    }
    void typed;
  });
});
