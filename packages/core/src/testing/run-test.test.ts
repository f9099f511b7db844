import { describe, expect, test } from 'vitest';
import {
  createScope,
  currentTask,
  DeadlockError,
  defer,
  forever,
  now,
  type Operation,
  random,
  sleep,
  spawn,
  type Task,
  tick,
  timeout,
  until,
} from '../index.ts';
import { schedulerOf } from '../kernel/scheduler/run.ts';
import { runTest, VirtualClock } from './index.ts';

describe('runTest', () => {
  test('sleeps of 450 s take no time and every wake is exact', async () => {
    const wakes: number[] = [];
    await runTest(function* () {
      for (let i = 1; i <= 450; i++) {
        yield* sleep(1_000);
        wakes.push(now());
      }
    });
    expect(wakes).toEqual(Array.from({ length: 450 }, (_, i) => (i + 1) * 1_000));
  });

  test('gives the value of its body and rejects with its very error', async () => {
    expect(await runTest(() => sleep(5, 'value'))).toBe('value');
    const error = new Error('mine');
    await expect(
      runTest(function* () {
        yield* sleep(1);
        throw error;
      }),
    ).rejects.toBe(error);
  });

  test('gives the same random numbers for the same seed', async () => {
    function* draws() {
      return [random(), random(), random()];
    }
    expect(await runTest(draws)).toEqual(await runTest(draws));
    expect(await runTest(draws, { seed: 7 })).toEqual(await runTest(draws, { seed: 7 }));
    expect(await runTest(draws, { seed: 7 })).not.toEqual(await runTest(draws, { seed: 8 }));
  });

  test('lets no time pass while the host owes something, where that is asked for', async () => {
    // Real time: this is about a clock that waits for the host.
    const late = (): Promise<string> => new Promise((resolve) => setTimeout(() => resolve('real'), 30));
    const waiting = (): Operation<string> => timeout(1_000, until(late()));
    expect(await runTest(waiting, { holdForHost: true })).toBe('real');
    await expect(runTest(waiting)).rejects.toThrow(/deadline of 1000 ms/);
    const both = runTest(waiting, { clock: new VirtualClock(), holdForHost: true });
    await expect(both).rejects.toThrow(/give it to the clock/);
  });

  test('refuses a seed that is not a number', async () => {
    await expect(runTest(() => tick(), { seed: Number.NaN })).rejects.toThrow(/finite number as seed, not NaN/);
  });

  test('finds uses of the host’s time and chance where that is asked for', async () => {
    function* impure() {
      yield* sleep(1);
      return Date.now();
    }
    expect(await runTest(impure)).toBeGreaterThan(0);
    await expect(runTest(impure, { trap: true })).rejects.toThrow(/Date\.now\(\) was called .* Write now\(\) instead/);
    expect(await runTest(impure)).toBeGreaterThan(0);
  });

  test('runs on a scheduler of its own, in debug', async () => {
    function* scheduler() {
      return schedulerOf(currentTask());
    }
    const first = await runTest(scheduler);
    expect(first).not.toBe(await runTest(scheduler));
    expect(first.debug).toBe(true);
  });
});

describe('a deadlock', () => {
  test('is an error with every task, where it was made, what it waits for and where', async () => {
    const stuck = runTest(function* main() {
      spawn(forever(), { name: 'a' });
      yield* spawn(forever(), { name: 'b' });
    });
    await expect(stuck).rejects.toThrow(DeadlockError);
    const place = /.*run-test\.test\.ts:\d+:\d+/.source;
    await expect(stuck).rejects.toThrow(
      new RegExp(
        `task main \\(made at ${place}\\): waiting for task b, at ${place}\n` +
          ` {4}task a \\(made at ${place}\\): waiting for forever\\(\\), at ${place}\n`,
      ),
    );
  });

  test('names the circle in which tasks wait for each other', async () => {
    const stuck = runTest(function* main() {
      const tasks: Task[] = [];
      function* waitFor(index: number) {
        yield* tick();
        yield* tasks[index] as Task;
      }
      tasks.push(spawn(waitFor(1), { name: 'a' }), spawn(waitFor(0), { name: 'b' }));
    });
    await expect(stuck).rejects.toThrow(
      'They wait in a circle: task a waits for task b -> task b waits for task a -> task a',
    );
    await expect(stuck).rejects.toMatchObject({ cycle: ['a', 'b', 'a'] });
  });

  test('names operations that were made and never started', async () => {
    const stuck = runTest(function* () {
      sleep(10);
      yield* forever();
    });
    await expect(stuck).rejects.toThrow(
      /never started \(is a `yield\*` missing\?\):\n {2}sleep\(10\), made at .*test\.ts/,
    );
  });

  test('runs the cleanups before the promise rejects', async () => {
    const done: string[] = [];
    const stuck = runTest(function* () {
      defer(function* () {
        yield* sleep(100);
        done.push('defer');
      });
      try {
        yield* forever();
      } finally {
        done.push('finally');
      }
    });
    await expect(stuck).rejects.toThrow(DeadlockError);
    expect(done).toEqual(['finally', 'defer']);
  });

  test('is found in a cleanup that never ends too', async () => {
    const stuck = runTest(function* () {
      try {
        yield* forever();
      } finally {
        yield* forever();
      }
    });
    await expect(stuck).rejects.toThrow(DeadlockError);
  });
});

describe('what a test leaves behind', () => {
  test('a task fails it, with name and place', async () => {
    const leaking = runTest(function* () {
      createScope({ name: 'app' }).spawn(sleep(1_000), { name: 'forgotten' });
      yield* sleep(1);
    });
    await expect(leaking).rejects.toThrow(
      /tasks of it are still there:\n {2}task app.*\n {4}task forgotten \(made at .*run-test\.test\.ts/,
    );
  });

  test('is cancelled and cleaned up before the promise rejects', async () => {
    let cleaned = false;
    function* forgotten() {
      try {
        yield* forever();
      } finally {
        yield* sleep(10);
        cleaned = true;
      }
    }
    const leaking = runTest(function* () {
      createScope().spawn(forgotten());
      yield* tick();
    });
    await expect(leaking).rejects.toThrow(/task forgotten|task-/);
    expect(cleaned).toBe(true);
  });

  test('a timer fails it', async () => {
    const leaking = runTest(function* () {
      const scheduler = schedulerOf(currentTask());
      scheduler.addTimer({ slot: -1, fire: () => {} }, 10);
    });
    await expect(leaking).rejects.toThrow('timers of it are still set:\n  a timer of Object');
  });

  test('something that was noted and not given back fails it, with the place where it was taken', async () => {
    const leaking = runTest(function* () {
      const scheduler = schedulerOf(currentTask());
      scheduler.hold('connection', 'to localhost:80')();
      scheduler.hold('listener', "of 'data'");
    });
    await expect(leaking).rejects.toThrow(
      /things were not given back:\n {2}listener of 'data', taken at .*run-test\.test\.ts:\d+:\d+$/,
    );
  });
});
