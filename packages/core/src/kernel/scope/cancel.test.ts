import { describe, expect, test } from 'vitest';
import {
  attempt,
  CancelledError,
  coroutine,
  currentTask,
  defer,
  EventFlag,
  Future,
  forever,
  gather,
  Lock,
  now,
  type Operation,
  Queue,
  run,
  Scheduler,
  sleep,
  spawn,
  supervise,
  type Task,
  tick,
} from '../../index.ts';
import { DISPOSE } from '../../sync/dispose.ts';
import { coroutineTest, VirtualClock } from '../../testing/index.ts';
import type { TimerEntry } from '../clock/timers.ts';
import { cleaning, failing } from '../fixtures/bodies.fixture.ts';
import { reports } from '../fixtures/reports.fixture.ts';

/** Waits again whenever it is cancelled. */
function* stubborn(log: number[] = []): Operation<never> {
  for (;;) {
    try {
      yield* forever();
    } catch {
      log.push(now());
    }
  }
}

describe('task.cancel', () => {
  test(
    'is thrown at the wait, runs every finally once, innermost first, with waits that work; code behind never runs',
    coroutineTest(function* () {
      const log: string[] = [];
      const level = coroutine(function* (n: number): Operation<void> {
        try {
          if (n === 0) yield* forever();
          else if (n % 2 === 0) yield* level(n - 1);
          else yield* plain(n - 1);
          log.push('never');
        } finally {
          yield* sleep(1);
          log.push(`cleanup ${n}`);
        }
      });
      function* plain(n: number): Operation<void> {
        try {
          yield* level(n);
          log.push('never');
        } finally {
          log.push(`plain ${n}`);
        }
      }
      const task = spawn(level(3));
      yield* sleep(5);
      yield* task.cancel();
      expect(log).toEqual(['cleanup 0', 'plain 0', 'cleanup 1', 'cleanup 2', 'plain 2', 'cleanup 3']);
      expect(now()).toBe(9);
    }),
  );

  test(
    'asks at once, and waits for the teardown only if it is yielded',
    coroutineTest(function* () {
      const log: string[] = [];
      const task = spawn(cleaning(log, 'cleaned up', 10));
      yield* tick();
      task.cancel();
      expect(task.cancelRequested).toBe(true);
      expect(task.status).toBe('cancelling');
      expect(log).toEqual([]);
      yield* attempt(task);
      expect(log).toEqual(['cleaned up']);
    }),
  );

  test(
    'says whether it changed anything; a second one keeps the first reason and never interrupts the cleanup',
    coroutineTest(function* () {
      const log: string[] = [];
      const task = spawn(cleaning(log, 'cleaned up', 10));
      yield* tick();
      const first = task.cancel('first');
      yield* sleep(5);
      expect(yield* task.cancel('second')).toBe(false);
      expect(yield* first).toBe(true);
      expect(now()).toBe(10);
      expect(log).toEqual(['cleaned up']);
      expect(() => task.result()).toThrow(': first');
      expect(yield* task.cancel()).toBe(false);
      expect(task.status).toBe('cancelled');
    }),
  );

  test(
    'of a task that has not started: not even its first line runs',
    coroutineTest(function* () {
      const log: string[] = [];
      const task = spawn(function* () {
        log.push('never');
        yield* tick();
      });
      expect(yield* task.cancel()).toBe(true);
      expect(task.status).toBe('cancelled');
      yield* tick();
      expect(log).toEqual([]);
    }),
  );

  test(
    'of a task that has ended changes nothing',
    coroutineTest(function* () {
      const task = spawn(sleep(1, 'value'));
      yield* task;
      expect(yield* task.cancel()).toBe(false);
      expect(task.result()).toBe('value');
      expect(task.cancelRequested).toBe(false);
    }),
  );

  test(
    'of oneself, or of an ancestor, does not wait; it is thrown at the next wait',
    coroutineTest(function* () {
      const log: string[] = [];
      const parent = spawn(function* () {
        spawn(function* () {
          parent.cancel();
          log.push('went on');
          yield* tick();
          log.push('never');
        });
        yield* forever();
      });
      yield* attempt(parent);
      const self = spawn(function* () {
        currentTask().cancel();
        log.push('went on too');
        yield* tick();
        log.push('never');
      });
      yield* attempt(self);
      expect(log).toEqual(['went on', 'went on too']);
      expect([parent.status, self.status]).toEqual(['cancelled', 'cancelled']);
    }),
  );

  test(
    'a result that was committed is delivered, and the cancel comes at the next wait',
    coroutineTest(function* () {
      const log: unknown[] = [];
      const future = new Future<string>();
      const task = spawn(function* () {
        log.push(yield* future);
        yield* tick();
        log.push('never');
      });
      yield* tick();
      future.resolve('value');
      task.cancel();
      yield* attempt(task);
      expect(log).toEqual(['value']);
      expect(task.status).toBe('cancelled');
    }),
  );

  test(
    'is thrown before the next wait commits anything',
    coroutineTest(function* () {
      const queue = new Queue<number>();
      queue.putNowait(1);
      const task = spawn(function* () {
        currentTask().cancel();
        yield* queue.get();
      });
      yield* attempt(task);
      expect(queue.size).toBe(1);
    }),
  );

  test(
    'says who asked and why',
    coroutineTest(function* () {
      let seen: unknown;
      const task = spawn(function* () {
        try {
          yield* forever();
        } catch (error) {
          seen = error;
          throw error;
        }
      });
      const boss = spawn(
        function* () {
          yield* task.cancel('not needed');
        },
        { name: 'boss' },
      );
      yield* boss;
      expect(seen).toBeInstanceOf(CancelledError);
      expect(seen).toMatchObject({
        reason: 'not needed',
        requestedBy: 'task boss',
        through: [],
        message: 'Cancelled by task boss: not needed',
      });
      expect(yield* attempt(task)).toEqual({ ok: false, error: seen });
    }),
  );

  test(
    'throws the error of the teardown to the task that waits for it, and it is not raised again in the parent',
    coroutineTest(function* () {
      const error = new Error('cleanup');
      const task = spawn(function* () {
        try {
          yield* forever();
        } finally {
          yield* failing(error);
        }
      });
      yield* tick();
      expect(yield* attempt(task.cancel())).toEqual({ ok: false, error });
      expect(task.status).toBe('failed');
      yield* tick();
    }),
  );

  test(
    'an error of the teardown that nobody waits for fails the scope',
    coroutineTest(function* () {
      const error = new Error('cleanup');
      const tried = yield* attempt(
        supervise((g) =>
          g.spawn(function* () {
            const task = spawn(function* () {
              try {
                yield* forever();
              } finally {
                yield* failing(error);
              }
            });
            yield* tick();
            task.cancel();
          }),
        ),
      );
      expect(tried).toMatchObject({ ok: false, error: { name: 'TaskGroupError', errors: [error] } });
    }),
  );

  test(
    'a task that catches its cancel and ends well is reported as swallowing it, with its value',
    coroutineTest(function* () {
      const swallowed = reports('swallowed');
      const task = spawn(
        function* () {
          try {
            yield* forever();
          } catch {
            return 'value';
          }
        },
        { name: 'worker' },
      );
      yield* tick();
      yield* task.cancel('why');
      expect(task.status).toBe('succeeded');
      expect(task.result()).toBe('value');
      expect(swallowed).toEqual([{ task: 'worker', reason: 'why' }]);
    }),
  );

  test(
    'an error from a finally takes its place, as in JavaScript, and is reported',
    coroutineTest(function* () {
      const suppressed = reports('suppressed');
      const error = new Error('cleanup');
      const task = spawn(
        function* () {
          try {
            yield* forever();
          } finally {
            yield* failing(error);
          }
        },
        { name: 'worker' },
      );
      yield* tick();
      yield* attempt(task.cancel('why'));
      expect(suppressed).toEqual([{ task: 'worker', error, reason: 'why' }]);
    }),
  );

  test(
    'that comes inside of a finally which was entered normally interrupts it like any other code',
    coroutineTest(function* () {
      const log: string[] = [];
      const task = spawn(function* () {
        try {
          yield* tick();
        } finally {
          yield* sleep(10);
          log.push('never');
        }
      });
      yield* sleep(5);
      yield* task.cancel();
      expect(log).toEqual([]);
      expect(now()).toBe(5);
    }),
  );
});

describe('a cleanup that does not end', () => {
  test(
    'is interrupted by the same cancel after its grace',
    coroutineTest(function* () {
      const log: string[] = [];
      const timeouts = reports('cleanup-timeout');
      const task = spawn(
        function* () {
          try {
            yield* forever();
          } finally {
            log.push('begun');
            yield* sleep(60_000);
            log.push('never');
          }
        },
        { name: 'slow' },
      );
      yield* tick();
      yield* task.cancel();
      expect(now()).toBe(5_000);
      expect(log).toEqual(['begun']);
      expect(task.status).toBe('cancelled');
      expect(timeouts).toEqual([{ task: 'slow', wait: expect.stringMatching(/^sleep/), abandoned: false }]);
    }),
  );

  test(
    'gets the cancel three times, and then its task is abandoned with an error that names it and its wait',
    coroutineTest(function* () {
      const deliveries: number[] = [];
      const timeouts = reports('cleanup-timeout');
      const task = spawn(stubborn(deliveries), { name: 'stubborn' });
      yield* tick();
      const tried = yield* attempt(task.cancel());
      expect(deliveries).toEqual([0, 5_000, 10_000]);
      expect(now()).toBe(15_000);
      expect(tried).toMatchObject({
        ok: false,
        error: {
          name: 'CleanupTimeoutError',
          task: 'stubborn',
          wait: 'forever()',
          message:
            'The cleanup of task stubborn was still waiting for forever() after three times its grace of 5000 ms, so the task was abandoned. Give the cleanup a limit of its own, as in `timeout(1000, op)`, or a longer grace with `new Scheduler({ cleanupGrace })` or `shield(op, { timeout })`.',
        },
      });
      expect(task.status).toBe('failed');
      expect(timeouts.map((event) => event.abandoned)).toEqual([false, false, true]);
    }),
  );

  const wasSet = new EventFlag();
  wasSet.set();
  test.each([
    ['gives way', tick],
    ['does what is ready', () => wasSet.wait()],
  ])('is abandoned where it only %s, too, and all others go on', async (_, turn) => {
    const scheduler = new Scheduler({ cleanupGrace: 1 });
    await scheduler.run(function* () {
      const task = spawn(function* () {
        for (;;) {
          try {
            for (;;) yield* turn();
          } catch {
            // goes on
          }
        }
      });
      yield* tick();
      expect(yield* attempt(task.cancel())).toMatchObject({ error: { name: 'CleanupTimeoutError' } });
      yield* tick();
      yield* gather(Array.from({ length: 3 }, () => tick()));
    });
  });

  test(
    'does not keep the children and the releases of its task from their cleanup',
    coroutineTest(function* () {
      const log: string[] = [];
      const task = spawn(function* () {
        defer(() => void log.push('released'));
        spawn(cleaning(log, 'child', 5));
        yield* stubborn();
      });
      yield* tick();
      yield* tick();
      yield* attempt(task.cancel());
      expect(log).toEqual(['child', 'released']);
    }),
  );

  test(
    'fails the scope of its task',
    coroutineTest(function* () {
      const tried = yield* attempt(
        supervise((g) =>
          g.spawn(function* () {
            const child = spawn(stubborn(), { name: 'child' });
            yield* tick();
            child.cancel();
          }),
        ),
      );
      expect(tried).toMatchObject({
        ok: false,
        error: { errors: [{ name: 'CleanupTimeoutError', task: 'child' }] },
      });
    }),
  );

  test(
    'a task that is handed something at the very moment when it would be abandoned still receives it',
    coroutineTest(function* () {
      const log: string[] = [];
      const lock = new Lock();
      const held = yield* lock.acquire();
      const task = spawn(function* () {
        for (;;) {
          try {
            using _mine = yield* lock.acquire();
            log.push(`received at ${now()}`);
            return;
          } catch {
            // tries again
          }
        }
      });
      yield* tick();
      task.cancel();
      const release: TimerEntry = { slot: -1, fire: () => held[DISPOSE]() };
      currentTask().scheduler.addTimer(release, 15_000);
      yield* attempt(task);
      expect(log).toEqual(['received at 15000']);
      expect(lock.locked).toBe(false);
    }),
  );

  test('has the grace of its scheduler', async () => {
    const scheduler = new Scheduler({ clock: new VirtualClock(), cleanupGrace: 100 });
    const deliveries: number[] = [];
    await run(
      function* () {
        const task = spawn(stubborn(deliveries));
        yield* tick();
        yield* attempt(task.cancel());
      },
      { scheduler },
    );
    expect(deliveries).toEqual([0, 100, 200]);
  });

  test(
    'each cleanup has its own grace: a parent waits for its children’s',
    coroutineTest(function* () {
      const log: string[] = [];
      const parent = spawn(function* () {
        spawn(cleaning(log, 'child', 4_000));
        yield* cleaning(log, 'parent', 4_000);
      });
      yield* sleep(1);
      yield* parent.cancel();
      expect(log).toEqual(['child', 'parent']);
      expect(parent.status).toBe('cancelled');
    }),
  );
});

describe('a failure that nobody receives', () => {
  test(
    'is not one while a joiner gets it',
    coroutineTest(function* () {
      const unhandled = reports('unhandled');
      const error = new Error('seen');
      yield* supervise(function* (g) {
        const task: Task<unknown> = g.spawn(failing(error));
        expect(yield* attempt(task)).toEqual({ ok: false, error });
      });
      expect(unhandled).toEqual([]);
    }),
  );
});
