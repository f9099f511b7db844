import type { Workload } from '../harness/workload.ts';

const TASKS = 10;

/** Ten tasks give way to each other: each switch finds the others queued, so none returns at once. */
export const bareSwitch: Workload = {
  unit: 'switch',
  about: 'ten tasks give way to each other',
  count: 1_000_000,
  counts: { effect: 100_000, effection: 100_000, asyncio: 200_000 },
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
      const { all, run, sleep } = await import('effection');
      function* work(times: number) {
        for (let i = 0; i < times; i++) yield* sleep(0);
      }
      return (count) => run(() => all(Array.from({ length: TASKS }, () => work(count / TASKS))));
    },
  },
};

const NOTHING = Promise.resolve();
