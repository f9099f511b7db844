import type { Task } from '@redux-saga/core';
import type { Workload } from '../harness/workload.ts';

const TASKS = 10;

/** Ten tasks give way to each other: each switch finds the others queued, so none returns at once. */
export const bareSwitch: Workload = {
  unit: 'switch',
  about: 'ten tasks give way to each other',
  count: 15_000_000,
  counts: { effect: 300_000, effection: 300_000, asyncio: 300_000 },
  systems: {
    native: async () => {
      const work = async (times: number): Promise<void> => {
        for (let i = 0; i < times; i++) await undefined;
      };
      return (count) => Promise.all(Array.from({ length: TASKS }, () => work(count / TASKS)));
    },
    coloop: async () => {
      const { gather, run, tick } = await import('@coloop/core');
      function* work(times: number) {
        for (let i = 0; i < times; i++) yield* tick();
      }
      return (count) => run(() => gather(Array.from({ length: TASKS }, () => work(count / TASKS))));
    },
    co: async () => {
      const { default: co } = await import('co');
      function* work(times: number) {
        for (let i = 0; i < times; i++) yield NOTHING;
      }
      return (count) => Promise.all(Array.from({ length: TASKS }, () => co(work(count / TASKS))));
    },
    'redux-saga': async () => {
      const { runSaga } = await import('@redux-saga/core');
      const { all, fork, join } = await import('@redux-saga/core/effects');
      function* work(times: number) {
        for (let i = 0; i < times; i++) yield NOTHING;
      }
      return (count) =>
        runSaga({}, function* () {
          const tasks: Task[] = [];
          for (let i = 0; i < TASKS; i++) tasks.push(yield fork(work, count / TASKS));
          yield all(tasks.map((task) => join(task)));
        }).toPromise();
    },
    effect: async () => {
      const { Effect } = await import('effect');
      const work = (times: number) =>
        Effect.gen(function* () {
          for (let i = 0; i < times; i++) yield* Effect.yieldNow;
        });
      return (count) =>
        Effect.runPromise(
          Effect.all(
            Array.from({ length: TASKS }, () => work(count / TASKS)),
            { concurrency: 'unbounded' },
          ),
        );
    },
    effection: async () => {
      // `sleep(0)` would be a timer of the host, which takes a millisecond.
      const { all, run, until } = await import('effection');
      function* work(times: number) {
        for (let i = 0; i < times; i++) yield* until(NOTHING);
      }
      return (count) => run(() => all(Array.from({ length: TASKS }, () => work(count / TASKS))));
    },
  },
};

const NOTHING = Promise.resolve();
