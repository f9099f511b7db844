import { describe, expect, test } from 'vitest';
import { forever, now, Scheduler, sleep, spawn, tick } from '../index.ts';
import { runTest, waitAllBlocked } from './index.ts';

describe('waitAllBlocked', () => {
  test('returns when every other task waits, however many steps that takes', async () => {
    await runTest(function* () {
      let ticks = 0;
      function* busy() {
        for (; ticks < 1_000; ticks++) yield* tick();
        yield* forever();
      }
      const task = spawn(busy());
      yield* waitAllBlocked();
      expect(ticks).toBe(1_000);
      expect(task.status).toBe('waiting');
      yield* task.cancel();
    });
  });

  test('does not let time pass: sleepers are waiting', async () => {
    await runTest(function* () {
      const task = spawn(sleep(10));
      yield* waitAllBlocked();
      expect(now()).toBe(0);
      expect(task.status).toBe('waiting');
    });
  });

  test('waits for promises that settle by themselves', async () => {
    await runTest(function* () {
      let settled = false;
      void (async () => {
        for (let i = 0; i < 50; i++) await undefined;
        settled = true;
      })();
      yield* waitAllBlocked();
      expect(settled).toBe(true);
    });
  });

  test('two tasks may wait for it at once', async () => {
    await runTest(function* () {
      const other = spawn(waitAllBlocked());
      yield* waitAllBlocked();
      yield* other;
    });
  });

  test('can be cancelled', async () => {
    await runTest(function* () {
      const waiting = spawn(waitAllBlocked());
      yield* tick();
      expect(yield* waiting.cancel()).toBe(true);
    });
  });

  test('works on real time too', async () => {
    await new Scheduler().run(function* () {
      const task = spawn(sleep(20));
      yield* waitAllBlocked();
      expect(task.status).toBe('waiting');
    });
  });
});
