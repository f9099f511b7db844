import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  CancelledError,
  createScope,
  currentTask,
  defer,
  forever,
  group,
  type Operation,
  run,
  Scheduler,
  sleep,
  spawn,
  TaskGroupError,
  tick,
} from '../../index.ts';
import { runTest } from '../../testing/index.ts';
import { cleaning, failing } from '../fixtures/bodies.fixture.ts';
import { outcome, virtual } from '../fixtures/run.fixture.ts';

describe('run', () => {
  test('gives a native promise of the value, for an operation and for a function', async () => {
    const promise = run(sleep(0, 'value'));
    expect(promise).toBeInstanceOf(Promise);
    expect(await promise).toBe('value');
    expect(await run(() => sleep(0, 'value'))).toBe('value');
    function* instant(): Operation<string> {
      return 'at once';
    }
    expect(await run(instant())).toBe('at once');
  });

  test('does not run a step before it returns', async () => {
    const log: string[] = [];
    const promise = run(function* () {
      log.push('body');
    });
    log.push('after run');
    await promise;
    expect(log).toEqual(['after run', 'body']);
  });

  test('rejects with the very error of the body where only that failed', async () => {
    const error = new Error('mine');
    const { scheduler } = virtual();
    expect(await outcome(run(failing(error), { scheduler }))).toBe(error);
    expect(
      await outcome(
        run(
          function* () {
            spawn(sleep(1));
            throw error;
          },
          { scheduler },
        ),
      ),
    ).toBe(error);
  });

  test('rejects with all failures in one TaskGroupError when a spawned task has failed', async () => {
    const { scheduler } = virtual();
    const error = new Error('child');
    const rejected = await outcome(
      run(
        function* () {
          spawn(failing(error));
          yield* forever();
        },
        { scheduler },
      ),
    );
    expect(rejected).toBeInstanceOf(TaskGroupError);
    expect((rejected as TaskGroupError).errors).toEqual([error]);
  });

  test('settles only when everything that the body started has ended and is released', async () => {
    const { scheduler } = virtual();
    const log: string[] = [];
    await run(
      function* () {
        defer(() => void log.push('released'));
        spawn(cleaning(log, 'daemon', 5), { daemon: true });
        spawn(function* () {
          yield* sleep(10);
          log.push('task');
        });
      },
      { scheduler },
    );
    expect(log).toEqual(['task', 'daemon', 'released']);
  });

  test('an AbortSignal cancels it with its reason, after all cleanups; one that is aborted already does so at once', async () => {
    const { scheduler } = virtual();
    const log: string[] = [];
    const controller = new AbortController();
    const promise = run(cleaning(log, 'cleaned up', 5), { scheduler, signal: controller.signal });
    await Promise.resolve();
    await Promise.resolve();
    controller.abort('why');
    const rejected = await outcome(promise);
    expect(rejected).toBeInstanceOf(CancelledError);
    expect(rejected).toMatchObject({ reason: 'why', requestedBy: 'an AbortSignal' });
    expect(log).toEqual(['cleaned up']);
    const late = await outcome(run(cleaning(log, 'never'), { scheduler, signal: AbortSignal.abort('late') }));
    expect(late).toMatchObject({ name: 'CancelledError', reason: 'late' });
    expect(log).toEqual(['cleaned up']);
  });

  test('leaves no listener on a signal that lives long', async () => {
    const { scheduler } = virtual();
    const controller = new AbortController();
    const { signal } = controller;
    let listeners = 0;
    const counted = {
      get aborted() {
        return signal.aborted;
      },
      get reason() {
        return signal.reason as unknown;
      },
      addEventListener: () => void listeners++,
      removeEventListener: () => void listeners--,
    };
    for (let i = 0; i < 3; i++) await run(sleep(1), { scheduler, signal: counted });
    await outcome(run(failing(new Error('x')), { scheduler, signal: counted }));
    expect(listeners).toBe(0);
  });

  test('all runs share one scheduler unless another is given', async () => {
    const shared = await run(function* () {
      return currentTask().scheduler;
    });
    const again = await run(function* () {
      return currentTask().scheduler;
    });
    expect(again).toBe(shared);
    const { scheduler } = virtual();
    const own = await scheduler.run(function* () {
      return currentTask().scheduler;
    });
    expect(own).toBe(scheduler);
  });

  test('is a task with a name', async () => {
    const names = await Promise.all([
      run(function* main() {
        return currentTask().name;
      }),
      run(
        function* main() {
          return currentTask().name;
        },
        { name: 'given' },
      ),
    ]);
    expect(names).toEqual(['main', 'given']);
  });

  test('a run inside of a task is a root of its own: the task neither waits for it nor fails with it', async () => {
    let inner: Promise<string> | undefined;
    await runTest(function* () {
      yield* group(function* () {
        // Real time: the inner run has a scheduler and a clock of its own.
        inner = run(sleep(10, 'inner'));
        yield* tick();
      });
      yield* sleep(20);
    });
    expect(await inner).toBe('inner');
  });

  test('bad input rejects, with the call to write', async () => {
    // @ts-expect-error a promise is not an operation
    await expect(run(Promise.resolve())).rejects.toThrow('run takes an operation, not a promise.');
    // @ts-expect-error nothing is not an operation
    await expect(run()).rejects.toThrow(TypeError);
    // @ts-expect-error a typing mistake
    await expect(run(sleep(0), { sheduler: new Scheduler() })).rejects.toThrow("Did you mean 'scheduler'?");
  });

  test('is typed by its body', () => {
    function typed(): void {
      expectTypeOf(run(sleep(0, 'a'))).toEqualTypeOf<Promise<string>>();
      expectTypeOf(run(() => sleep(0, 1))).toEqualTypeOf<Promise<number>>();
    }
    void typed;
  });
});

describe('Scheduler', () => {
  test('close cancels all that runs and waits for every cleanup; nothing can be run afterwards', async () => {
    const { scheduler } = virtual();
    const log: string[] = [];
    const first = outcome(scheduler.run(cleaning(log, 'first', 5)));
    const second = outcome(scheduler.run(cleaning(log, 'second', 10)));
    await scheduler.run(tick());
    await scheduler.close('the end');
    expect(log).toEqual(['first', 'second']);
    expect(await first).toMatchObject({ name: 'CancelledError', reason: 'the end' });
    expect(await second).toMatchObject({ name: 'CancelledError', reason: 'the end' });
    await expect(scheduler.run(tick())).rejects.toThrow(
      'This scheduler was closed: nothing can be run on it any more. Make another with `new Scheduler()`.',
    );
  });

  test('ten tasks that never rest leave the host its turns', async () => {
    const scheduler = new Scheduler();
    let turns = 0;
    function* busy(): Operation<void> {
      while (turns < 5) yield* tick();
    }
    // Real time: only a timer of the host shows that the host gets its turns.
    const timer = setInterval(() => turns++, 1);
    await Promise.all(Array.from({ length: 10 }, () => scheduler.run(busy())));
    clearInterval(timer);
    expect(turns).toBeGreaterThanOrEqual(5);
  });

  test('a sleep that is due ends between the steps of others, not only when they have had their time', async () => {
    // Time passes whenever somebody asks for it, and a slice is longer than all the work.
    let time = 0;
    const clock = { now: () => time++, idleUntil: () => {}, busy: () => {} };
    const scheduler = new Scheduler({ clock, slice: 600_000 });
    const log: string[] = [];
    function* busy(): Operation<void> {
      for (let i = 0; i < 1_000; i++) yield* tick();
      log.push('busy');
    }
    function* sleeper(): Operation<void> {
      yield* sleep(5);
      log.push('awake');
    }
    await scheduler.run(function* () {
      spawn(busy());
      spawn(sleeper());
    });
    expect(log).toEqual(['awake', 'busy']);
    expect(scheduler.slices).toBe(1);
  });

  test('what somebody put on Object.prototype is not an option of a run, a scope or a task', async () => {
    const evil = {
      name: 'evil',
      daemon: true,
      context: 4,
      signal: AbortSignal.abort(),
      scheduler: 4,
      clock: 4,
      budget: -1,
    };
    for (const [key, value] of Object.entries(evil)) {
      Object.defineProperty(Object.prototype, key, { value, configurable: true, writable: true });
    }
    try {
      const scope = createScope({ scheduler: new Scheduler({}) });
      const named = await scope.run(function* () {
        const task = spawn(sleep(1), {});
        yield* task;
        return task.name;
      });
      await scope.close();
      expect(named).toMatch(/^task-/);
      expect(await run(sleep(0, 'a value'), {})).toBe('a value');
    } finally {
      for (const key of Object.keys(evil)) Reflect.deleteProperty(Object.prototype, key);
    }
  });

  test('options that make no sense are refused', () => {
    expect(() => new Scheduler({ cleanupGrace: Number.NaN })).toThrow(RangeError);
    expect(() => new Scheduler({ budget: 0 })).toThrow(RangeError);
    // @ts-expect-error a number is not a function
    expect(() => new Scheduler({ random: 4 })).toThrow(TypeError);
    // @ts-expect-error a clock is not a number
    expect(() => new Scheduler({ clock: 4 })).toThrow("the option 'clock' takes a clock, such as `new VirtualClock()`");
    // @ts-expect-error a typing mistake
    expect(() => new Scheduler({ grace: 4 })).toThrow("new Scheduler has no option 'grace'.");
  });
});
