import type { Workload } from '../harness/workload.ts';

const LONGEST = 1_000;

/** A hundred thousand tasks sleep for up to a second: CPU time, as the wall time is given. */
export const sleeps: Workload = {
  unit: 'sleep',
  about: '100,000 tasks sleep for 0 to 1,000 ms: CPU time per task, and the memory of the whole process',
  measure: 'cpu',
  count: 100_000,
  counts: { 'redux-saga': 20_000, effection: 10_000 },
  systems: {
    native: async () => {
      const work = async (i: number): Promise<void> => {
        await new Promise((resolve) => setTimeout(resolve, (i * 7919) % LONGEST));
      };
      return (count) => Promise.all(Array.from({ length: count }, (_, i) => work(i)));
    },
    // No function that waits and goes on: a promise alone.
    'native lean': async () => {
      const work = (i: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, (i * 7919) % LONGEST));
      return (count) => Promise.all(Array.from({ length: count }, (_, i) => work(i)));
    },
    coloop: async () => {
      const { run, sleep, spawn } = await import('@coloop/core');
      function* work(i: number) {
        yield* sleep((i * 7919) % LONGEST);
      }
      return (count) =>
        run(function* () {
          for (let i = 0; i < count; i++) spawn(work(i));
          yield* sleep(0);
        });
    },
    co: async () => {
      const { default: co } = await import('co');
      function* work(i: number) {
        yield new Promise((resolve) => setTimeout(resolve, (i * 7919) % LONGEST));
      }
      return (count) => Promise.all(Array.from({ length: count }, (_, i) => co(work(i))));
    },
    'redux-saga': async () => {
      const { runSaga } = await import('@redux-saga/core');
      const { all, delay } = await import('@redux-saga/core/effects');
      return (count) =>
        runSaga({}, function* () {
          yield all(Array.from({ length: count }, (_, i) => delay((i * 7919) % LONGEST)));
        }).toPromise();
    },
    effect: async () => {
      const { Effect } = await import('effect');
      return (count) =>
        Effect.runPromise(
          Effect.forEach(
            Array.from({ length: count }, (_, i) => i),
            (i) => Effect.sleep((i * 7919) % LONGEST),
            { concurrency: 'unbounded', discard: true },
          ),
        );
    },
    effection: async () => {
      const { all, run, sleep } = await import('effection');
      return (count) => run(() => all(Array.from({ length: count }, (_, i) => sleep((i * 7919) % LONGEST))));
    },
  },
};
