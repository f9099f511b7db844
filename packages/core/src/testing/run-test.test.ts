import { describe, expect, test } from 'vitest';
import { createScope, currentTask, DeadlockError, forever, now, random, sleep, spawn } from '../index.ts';
import { runTest } from './index.ts';

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
    const draw = (seed?: number) =>
      runTest(
        function* () {
          return [random(), random(), random()];
        },
        seed === undefined ? {} : { seed },
      );
    expect(await draw()).toEqual(await draw());
    expect(await draw(7)).toEqual(await draw(7));
    expect(await draw(7)).not.toEqual(await draw(8));
  });

  test('a program in which nothing can ever run again is a deadlock, with every task and what it waits for', async () => {
    const stuck = runTest(function* main() {
      spawn(forever(), { name: 'a' });
      const b = spawn(forever(), { name: 'b' });
      yield* b;
    });
    await expect(stuck).rejects.toThrow(DeadlockError);
    await expect(stuck).rejects.toThrow(/task main: waiting for task b\n {4}task a: waiting for forever\(\)/);
  });

  test('a task that outlives the test fails it by name', async () => {
    const leaking = runTest(function* () {
      createScope({ name: 'app' }).spawn(sleep(1_000), { name: 'forgotten' });
      yield* sleep(1);
    });
    await expect(leaking).rejects.toThrow(/tasks of it still run:\n {2}task app.*\n {4}task forgotten/);
  });

  test('runs on a scheduler of its own, in debug', async () => {
    const seen = await runTest(function* () {
      return currentTask().scheduler;
    });
    const other = await runTest(function* () {
      return currentTask().scheduler;
    });
    expect(seen).not.toBe(other);
    expect(seen).toMatchObject({ debug: true });
  });
});
