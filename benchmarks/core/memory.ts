import type { Workload } from '../harness/workload.ts';

const LONG = 60_000;

/** What one sleeping task keeps on the heap. */
export const memory: Workload = {
  unit: 'sleeping task',
  about: 'bytes of heap that one sleeping task keeps',
  measure: 'heap',
  count: 100_000,
  counts: { 'redux-saga': 10_000, effection: 10_000 },
  systems: {
    native: async () => {
      const work = async (signal: { stop: boolean }): Promise<void> => {
        await new Promise((resolve) => setTimeout(resolve, LONG).unref());
        signal.stop = true;
      };
      return async (count) => {
        const all = Array.from({ length: count }, () => work({ stop: false }));
        return settle(all, count);
      };
    },
    coloop: async () => {
      const { createScope, sleep } = await import('@coloop/core');
      function* work() {
        yield* sleep(LONG);
      }
      const scope = createScope();
      return async (count) => {
        for (let i = 0; i < count; i++) scope.spawn(work());
        return settle(scope, count);
      };
    },
    'redux-saga': async () => {
      const { runSaga } = await import('@redux-saga/core');
      const { delay } = await import('@redux-saga/core/effects');
      function* work() {
        yield delay(LONG);
      }
      return async (count) =>
        settle(
          Array.from({ length: count }, () => runSaga({}, work)),
          count,
        );
    },
    effect: async () => {
      const { Effect } = await import('effect');
      const work = Effect.sleep(LONG);
      return async (count) =>
        settle(
          Array.from({ length: count }, () => Effect.runFork(work)),
          count,
        );
    },
    effection: async () => {
      const { run, sleep } = await import('effection');
      return async (count) =>
        settle(
          Array.from({ length: count }, () => run(() => sleep(LONG))),
          count,
        );
    },
  },
};

/** Lets every task reach its sleep; what is returned keeps them alive. */
async function settle<T>(kept: T, count: number): Promise<T> {
  await new Promise((resolve) => setTimeout(resolve, 300 + count / 200));
  return kept;
}
