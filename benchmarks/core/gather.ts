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
    'redux-saga': async () => {
      const { runSaga } = await import('@redux-saga/core');
      const { all, call } = await import('@redux-saga/core/effects');
      const nothing = Promise.resolve();
      function* work(i: number) {
        yield nothing;
        return i;
      }
      return (count) =>
        runSaga({}, function* () {
          yield all(Array.from({ length: count }, (_, i) => call(work, i)));
        }).toPromise();
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
      const { all, run, until } = await import('effection');
      const nothing = Promise.resolve();
      function* work(i: number) {
        yield* until(nothing);
        return i;
      }
      return (count) => run(() => all(Array.from({ length: count }, (_, i) => work(i))));
    },
  },
};
