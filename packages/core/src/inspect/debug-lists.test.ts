import { describe, expect, test } from 'vitest';
import { forever, Scheduler, sleep, spawn, tick } from '../index.ts';
import { heldThings, neverStarted } from './index.ts';

describe('neverStarted', () => {
  test('lists operations that were made and not waited for, with the place', async () => {
    const list = await new Scheduler({ debug: true }).run(function* () {
      sleep(10);
      yield* sleep(0);
      return neverStarted();
    });
    expect(list).toEqual([{ label: 'sleep(10)', place: expect.stringMatching(/debug-lists\.test\.ts:\d+:\d+$/) }]);
  });

  test('an operation that works when it is made is not expected to be waited for', async () => {
    const list = await new Scheduler({ debug: true }).run(function* () {
      const task = spawn(forever());
      yield* tick();
      task.cancel();
      return neverStarted();
    });
    expect(list).toEqual([]);
  });

  test('forgets operations that have run, however many', async () => {
    const list = await new Scheduler({ debug: true }).run(function* () {
      sleep(7);
      for (let i = 0; i < 5_000; i++) yield* tick();
      return neverStarted();
    });
    expect(list.map(({ label }) => label)).toEqual(['sleep(7)']);
  });

  test('is empty without debug', async () => {
    const list = await new Scheduler().run(function* () {
      sleep(10);
      return neverStarted();
    });
    expect(list).toEqual([]);
  });
});

describe('heldThings', () => {
  test('lists what was noted and not given back', () => {
    const scheduler = new Scheduler({ debug: true });
    const giveBack = scheduler.hold('listener', "of 'data'");
    expect(heldThings(scheduler)).toEqual([
      { kind: 'listener', label: "of 'data'", place: expect.stringMatching(/debug-lists\.test\.ts:\d+:\d+$/) },
    ]);
    giveBack();
    expect(heldThings(scheduler)).toEqual([]);
  });

  test('costs nothing and is empty without debug', () => {
    const scheduler = new Scheduler();
    scheduler.hold('listener', 'x')();
    expect(heldThings(scheduler)).toEqual([]);
  });
});
