import type { Workload } from '../harness/workload.ts';

/** A hundred thousand tasks at once, one switch each. */
export const gatherMany: Workload = {
  unit: 'task',
  about: '100,000 tasks at once, one switch each, results in order',
  count: 100_000,
  counts: { effection: 5_000 },
  systems: {
    native: async () => {
      const work = async (i: number): Promise<number> => {
        await undefined;
        return i;
      };
      return (count) => Promise.all(Array.from({ length: count }, (_, i) => work(i)));
    },
    coloop: async () => {
      const { gather, run, tick } = await import('@coloop/core');
      function* work(i: number) {
        yield* tick();
        return i;
      }
      return (count) => run(() => gather(Array.from({ length: count }, (_, i) => work(i))));
    },
    co: async () => {
      const { default: co } = await import('co');
      const nothing = Promise.resolve();
      function* work(i: number) {
        yield nothing;
        return i;
      }
      return (count) => Promise.all(Array.from({ length: count }, (_, i) => co(work(i))));
    },
    effect: async () => {
      const { Effect } = await import('effect');
      const work = (i: number) => Effect.as(Effect.yieldNow, i);
      return (count) =>
        Effect.runPromise(
          Effect.forEach(
            Array.from({ length: count }, (_, i) => i),
            work,
            { concurrency: 'unbounded' },
          ),
        );
    },
    effection: async () => {
      const { all, run, sleep } = await import('effection');
      function* work(i: number) {
        yield* sleep(0);
        return i;
      }
      return (count) => run(() => all(Array.from({ length: count }, (_, i) => work(i))));
    },
  },
};
