import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  attempt,
  currentTask,
  defer,
  forever,
  type Group,
  GroupClosedError,
  group,
  now,
  type Operation,
  sleep,
  spawn,
  supervise,
  TaskGroupError,
  tick,
  timeout,
} from '../index.ts';
import { cleaning, failing, noting } from '../kernel/fixtures/bodies.fixture.ts';
import { reports } from '../kernel/fixtures/reports.fixture.ts';
import { coroutineTest, runTest } from '../testing/index.ts';

function errorsOf(tried: { ok: boolean; error?: unknown }): readonly unknown[] {
  expect(tried).toMatchObject({ ok: false, error: { name: 'TaskGroupError' } });
  return (tried.error as TaskGroupError).errors;
}

function* spawnedIn(body: () => Operation<unknown>): Operation<unknown> {
  return yield* yield* supervise(function* (g) {
    const task = g.spawn(body);
    yield* attempt(task);
    return task;
  });
}

describe('group', () => {
  test(
    'fails when its body throws undefined, alone and while its tasks clean up',
    coroutineTest(function* () {
      function* throwing(): Operation<never> {
        throw undefined;
      }
      function besideChild(g: Group): Operation<never> {
        g.spawn(forever());
        return throwing();
      }
      expect(errorsOf(yield* attempt(group(throwing)))).toEqual([undefined]);
      expect(errorsOf(yield* attempt(group(besideChild)))).toEqual([undefined]);
      expect(yield* attempt(supervise(throwing))).toEqual({ ok: false, error: undefined });
      expect(yield* attempt(spawnedIn(throwing))).toEqual({ ok: false, error: undefined });
    }),
  );

  test(
    'ends when its body and all its tasks have ended, and returns what the body returned',
    coroutineTest(function* () {
      const log: string[] = [];
      const value = yield* group(function* (g) {
        g.spawn(noting(log, 'slow', 20));
        spawn(noting(log, 'fast', 10));
        log.push('body');
        return 'value';
      });
      expect(value).toBe('value');
      expect(log).toEqual(['body', 'fast', 'slow']);
      expect(now()).toBe(20);
    }),
  );

  test(
    'takes an operation in place of a function, whose spawns belong to the group as well',
    coroutineTest(function* () {
      const log: string[] = [];
      function* body(): Operation<string> {
        spawn(noting(log, 'task', 10));
        return 'value';
      }
      expect(yield* group(body())).toBe('value');
      expect(log).toEqual(['task']);
    }),
  );

  test(
    'the first failure cancels the body and all other tasks, and waits for their cleanups',
    coroutineTest(function* () {
      const log: string[] = [];
      const error = new Error('broken');
      const tried = yield* attempt(
        group(function* (g) {
          g.spawn(cleaning(log, 'task', 30));
          g.spawn(failing(error, 10));
          yield* cleaning(log, 'body', 20);
        }),
      );
      expect(errorsOf(tried)).toEqual([error]);
      expect(log).toEqual(['body', 'task']);
      expect(now()).toBe(40);
    }),
  );

  test('the failure of the body comes before those of the cleanups that it led to, and after those that led to it', async () => {
    const [first, later] = [new Error('first'), new Error('later')];
    function* breaking(error: Error): Operation<never> {
      try {
        return yield* forever();
      } finally {
        yield* failing(error);
      }
    }
    await runTest(function* () {
      const own = yield* attempt(
        group(function* (g) {
          g.spawn(breaking(later));
          yield* tick();
          throw first;
        }),
      );
      expect(own).toMatchObject({ error: { cause: first, errors: [first, later] } });
      const inner = yield* attempt(
        group(function* (g) {
          g.spawn(failing(first));
          yield* breaking(later);
        }),
      );
      expect(inner).toMatchObject({ error: { cause: first, errors: [first, later] } });
      const task = yield* attempt(
        supervise((g) =>
          g.spawn(function* () {
            spawn(breaking(later));
            yield* tick();
            throw first;
          }),
        ),
      );
      expect(task).toMatchObject({ error: { cause: first, errors: [first, later] } });
    });
  });

  test('the error names the tasks, holds every failure once, and has the first as cause', async () => {
    const first = new Error('no disk');
    const second = new RangeError('no memory');
    function* alsoFailing(): Operation<void> {
      try {
        yield* forever();
      } finally {
        yield* failing(second);
      }
    }
    function* again(): Operation<void> {
      try {
        yield* forever();
      } finally {
        yield* failing(first);
      }
    }
    const error = await runTest(() =>
      group(function* (g) {
        g.spawn(failing(first), { name: 'writer' });
        g.spawn(alsoFailing(), { name: 'reader' });
        g.spawn(again(), { name: 'echo' });
        yield* forever();
      }),
    ).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(TaskGroupError);
    expect(error).toBeInstanceOf(AggregateError);
    expect((error as TaskGroupError).errors).toEqual([first, second]);
    expect((error as TaskGroupError).cause).toBe(first);
    expect((error as TaskGroupError).message).toBe(
      '2 failures in one scope:\n  writer: Error: no disk\n  reader: RangeError: no memory',
    );
  });

  test(
    'raises a TaskGroupError also when only its body has failed',
    coroutineTest(function* () {
      const error = new Error('body');
      const log: string[] = [];
      const tried = yield* attempt(
        group(function* (g) {
          g.spawn(cleaning(log, 'task', 5));
          yield* failing(error);
        }),
      );
      expect(errorsOf(tried)).toEqual([error]);
      expect(log).toEqual(['task']);
    }),
  );

  test(
    'a body that joins the failed task gets the original error there, and the group fails even if it catches it',
    coroutineTest(function* () {
      const error = new Error('original');
      let caught: unknown;
      const tried = yield* attempt(
        group(function* (g) {
          const task = g.spawn(failing(error));
          try {
            yield* task;
          } catch (thrown) {
            caught = thrown;
          }
          return 'handled';
        }),
      );
      expect(caught).toBe(error);
      expect(errorsOf(tried)).toEqual([error]);
    }),
  );

  test(
    'a failure that the body passes on from a join is in the error once',
    coroutineTest(function* () {
      const error = new Error('original');
      const tried = yield* attempt(
        group(function* (g) {
          yield* g.spawn(failing(error));
        }),
      );
      expect(errorsOf(tried)).toEqual([error]);
    }),
  );

  test(
    'a task spawned as attempt does not fail the group',
    coroutineTest(function* () {
      const error = new Error('mine');
      const tried = yield* group(function* (g) {
        return yield* g.spawn(attempt(failing(error)));
      });
      expect(tried).toEqual({ ok: false, error });
    }),
  );

  test(
    'nested groups pass their failures outwards, one TaskGroupError in the other',
    coroutineTest(function* () {
      const error = new Error('deep');
      const tried = yield* attempt(group(() => group(() => failing(error))));
      expect(errorsOf(tried)).toMatchObject([{ name: 'TaskGroupError', errors: [error] }]);
    }),
  );

  test(
    'an outside cancel stays a cancel, and waits for the cleanups',
    coroutineTest(function* () {
      const log: string[] = [];
      const task = spawn(() =>
        group(function* (g) {
          g.spawn(cleaning(log, 'task', 10));
          yield* cleaning(log, 'body', 5);
        }),
      );
      yield* tick();
      yield* tick();
      yield* task.cancel();
      expect(task.status).toBe('cancelled');
      expect(log).toEqual(['body', 'task']);
    }),
  );

  test(
    'failures of cleanups after an outside cancel are kept together with it',
    coroutineTest(function* () {
      const error = new Error('cleanup');
      const tried = yield* attempt(
        timeout(5, () =>
          group(function* (g) {
            g.spawn(function* () {
              try {
                yield* forever();
              } finally {
                yield* failing(error);
              }
            });
            yield* forever();
          }),
        ),
      );
      expect(tried).toMatchObject({
        ok: false,
        error: {
          name: 'SuppressedError',
          error: { name: 'TaskGroupError', errors: [error] },
          suppressed: { name: 'TimeoutError' },
        },
      });
    }),
  );

  test(
    'cancel ends it quietly with undefined, after all cleanups',
    coroutineTest(function* () {
      const log: string[] = [];
      const value = yield* group(function* (g): Operation<string> {
        g.spawn(cleaning(log, 'task', 10));
        g.spawn(function* () {
          yield* sleep(5);
          g.cancel('enough');
          yield* tick();
          log.push('never');
        });
        return yield* cleaning(log, 'body');
      });
      expect(value).toBeUndefined();
      expect(log).toEqual(['body', 'task']);
      expect(now()).toBe(15);
    }),
  );

  test(
    'cancel from outside waits for the end of the group; from inside it does not; a second one changes nothing',
    coroutineTest(function* () {
      const log: string[] = [];
      let handle: Group | undefined;
      const task = spawn(() =>
        group(function* (g) {
          handle = g;
          yield* cleaning(log, 'body', 10);
        }),
      );
      yield* sleep(1);
      const first = handle?.cancel();
      const second = handle?.cancel();
      expect(yield* second as Operation<boolean>).toBe(false);
      expect(log).toEqual(['body']);
      expect(yield* first as Operation<boolean>).toBe(true);
      expect(yield* task).toBeUndefined();
      const inside = yield* group(function* (g) {
        g.cancel();
        log.push('went on until its next wait');
        yield* tick();
        log.push('never');
      });
      expect(inside).toBeUndefined();
      expect(log.at(-1)).toBe('went on until its next wait');
    }),
  );

  test(
    'a failure beats a quiet cancel',
    coroutineTest(function* () {
      const error = new Error('cleanup');
      const tried = yield* attempt(
        group(function* (g) {
          g.cancel();
          try {
            yield* forever();
          } finally {
            yield* failing(error);
          }
        }),
      );
      expect(errorsOf(tried)).toEqual([error]);
    }),
  );

  test(
    'reports a body that catches the cancel of its group and goes on',
    coroutineTest(function* () {
      const swallowed = reports('swallowed');
      yield* spawn(
        () =>
          group(function* (g) {
            g.cancel('enough');
            try {
              yield* forever();
            } catch {
              return 'as if nothing had happened';
            }
          }),
        { name: 'stubborn' },
      );
      expect(swallowed).toEqual([{ task: 'stubborn', reason: 'enough' }]);
    }),
  );

  test(
    'daemons do not keep it open: they are cancelled and awaited when the others have ended',
    coroutineTest(function* () {
      const log: string[] = [];
      yield* group(function* (g) {
        g.spawn(cleaning(log, 'daemon', 5), { daemon: true });
        g.spawn(noting(log, 'task', 10));
      });
      expect(log).toEqual(['task', 'daemon']);
      expect(now()).toBe(15);
    }),
  );

  test(
    'a daemon that fails early fails it; one whose cleanup fails at the end is reported and changes nothing',
    coroutineTest(function* () {
      const unhandled = reports('unhandled');
      const early = new Error('early');
      const tried = yield* attempt(
        group(function* (g) {
          g.spawn(failing(early), { daemon: true });
          yield* forever();
        }),
      );
      expect(errorsOf(tried)).toEqual([early]);
      const late = new Error('late');
      const value = yield* group(function* (g) {
        g.spawn(
          function* () {
            try {
              yield* forever();
            } finally {
              yield* failing(late);
            }
          },
          { daemon: true, name: 'logger' },
        );
        return yield* sleep(1, 'value');
      });
      expect(value).toBe('value');
      expect(unhandled).toEqual([{ error: late, task: 'logger' }]);
    }),
  );

  test(
    'releases last first, after all of its tasks',
    coroutineTest(function* () {
      const log: string[] = [];
      yield* attempt(
        group(function* (g) {
          defer(() => noting(log, 'first', 5));
          defer(() => noting(log, 'last', 5));
          g.spawn(cleaning(log, 'task', 10));
          yield* failing(new Error('broken'));
        }),
      );
      expect(log).toEqual(['task', 'last', 'first']);
    }),
  );

  test(
    'takes new tasks while its tasks run, and refuses them when it is ending',
    coroutineTest(function* () {
      const log: string[] = [];
      let kept: Group | undefined;
      yield* group(function* (g) {
        kept = g;
        g.spawn(function* () {
          yield* sleep(5);
          g.spawn(noting(log, 'spawned by a task', 5));
        });
        defer(() => {
          expect(() => g.spawn(tick())).toThrow(GroupClosedError);
        });
      });
      expect(log).toEqual(['spawned by a task']);
      const home = currentTask().label;
      expect(() => kept?.spawn(tick())).toThrow(
        `A task was to be spawned into a group in ${home}, which has ended. Spawn while its body or its children run, or into a scope that lives longer.`,
      );
    }),
  );

  test(
    'tells which of its tasks have not ended',
    coroutineTest(function* () {
      yield* group(function* (g) {
        g.spawn(sleep(5), { name: 'fast' });
        g.spawn(sleep(10), { name: 'slow' });
        expect(g.tasks.map((task) => task.name)).toEqual(['fast', 'slow']);
        yield* sleep(7);
        expect(g.tasks.map((task) => task.name)).toEqual(['slow']);
      });
    }),
  );

  test(
    'reports, after 5 s, what only its tasks keep open',
    coroutineTest(function* () {
      const lingering = reports('lingering');
      yield* group(function* (g) {
        g.spawn(sleep(6_000), { name: 'slow' });
        g.spawn(forever(), { daemon: true, name: 'daemon' });
      });
      yield* group(function* (g) {
        g.spawn(sleep(4_000), { name: 'fast enough' });
      });
      expect(lingering).toEqual([{ scope: `a group in ${currentTask().label}`, tasks: ['slow'] }]);
    }),
  );

  test('bad input is refused at the call', () => {
    // @ts-expect-error a promise is not an operation
    expect(() => group(Promise.resolve())).toThrow(
      'group takes an operation, not a promise. Write `group(until(promise))`.',
    );
    // @ts-expect-error a number is not an operation
    expect(() => group(7)).toThrow(
      'group takes an operation, such as a call of a generator function, or a function that returns one, not 7.',
    );
  });

  test('is typed by its body, and so are its tasks', () => {
    expectTypeOf(group(() => sleep(1, 'a'))).toEqualTypeOf<Operation<string>>();
    group(function* (g) {
      expectTypeOf(yield* g.spawn(sleep(1, 2))).toEqualTypeOf<number>();
      expectTypeOf(
        g.start(function* (started: (port: number) => void) {
          started(1);
        }),
      ).toEqualTypeOf<Operation<number>>();
    });
  });
});

describe('group.start', () => {
  test(
    'waits until the task says that it is ready, and returns what it said; the task goes on',
    coroutineTest(function* () {
      const log: string[] = [];
      yield* group(function* (g) {
        const port = yield* g.start(function* server(started: (port: number) => void) {
          yield* sleep(10);
          started(8080);
          yield* noting(log, 'served', 10);
        });
        expect(port).toBe(8080);
        expect(now()).toBe(10);
      });
      expect(log).toEqual(['served']);
    }),
  );

  test(
    'throws the error of a task that fails before it is ready; the group fails with it, once',
    coroutineTest(function* () {
      const error = new Error('port taken');
      let caught: unknown;
      const tried = yield* attempt(
        group(function* (g) {
          try {
            yield* g.start(() => failing(error));
          } catch (thrown) {
            caught = thrown;
          }
        }),
      );
      expect(caught).toBe(error);
      expect(errorsOf(tried)).toEqual([error]);
    }),
  );

  test(
    'is an error when the task ends without a word, or says it twice',
    coroutineTest(function* () {
      const tried = yield* attempt(
        supervise((g) =>
          g.start(function* silent() {
            yield* tick();
          }),
        ),
      );
      expect(tried).toMatchObject({
        ok: false,
        error: {
          message: 'task silent ended without calling started(). Call `started(value)` in its body when it is ready.',
        },
      });
      const twice = yield* attempt(
        group((g) =>
          g.start(function* loud(started: () => void) {
            started();
            started();
            yield* tick();
          }),
        ),
      );
      expect(errorsOf(twice)).toMatchObject([
        { message: 'task loud called started() a second time. A task starts once.' },
      ]);
    }),
  );

  test(
    'a cancel while it waits cancels the task too',
    coroutineTest(function* () {
      const log: string[] = [];
      yield* group(function* (g) {
        const tried = yield* attempt(
          timeout(
            5,
            g.start(() => cleaning(log, 'task')),
          ),
        );
        expect(tried).toMatchObject({ ok: false, error: { name: 'TimeoutError' } });
      });
      expect(log).toEqual(['task']);
    }),
  );
});
