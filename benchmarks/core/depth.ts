import type { Workload } from '../harness/workload.ts';

const DEPTH = 100;

/** One task switches at the bottom of a hundred calls. */
export const deepSwitch: Workload = {
  unit: 'switch',
  about: `a task switches at the bottom of ${DEPTH} nested calls`,
  count: 8_000_000,
  counts: { 'coloop, plain yield*': 100_000, co: 100_000, effect: 150_000, effection: 50_000, asyncio: 100_000 },
  systems: {
    native: async () => {
      const work = async (depth: number, times: number): Promise<void> => {
        if (depth > 0) return void (await work(depth - 1, times));
        for (let i = 0; i < times; i++) await undefined;
      };
      return (count) => work(DEPTH, count);
    },
    coloop: async () => {
      const { coroutine, run, tick } = await import('@coloop/core');
      type Work = (depth: number, times: number) => import('@coloop/core').Operation<void>;
      const work: Work = coroutine(function* (depth: number, times: number) {
        if (depth > 0) return yield* work(depth - 1, times);
        for (let i = 0; i < times; i++) yield* tick();
      });
      return (count) => run(() => work(DEPTH, count));
    },
    'coloop, plain yield*': async () => {
      const { run, tick } = await import('@coloop/core');
      type Work = (depth: number, times: number) => import('@coloop/core').Operation<void>;
      const work: Work = function* (depth, times) {
        if (depth > 0) return yield* work(depth - 1, times);
        for (let i = 0; i < times; i++) yield* tick();
      };
      return (count) => run(() => work(DEPTH, count));
    },
    co: async () => {
      const { default: co } = await import('co');
      const nothing = Promise.resolve();
      function* work(depth: number, times: number): Generator<unknown, void, unknown> {
        if (depth > 0) return yield* work(depth - 1, times);
        for (let i = 0; i < times; i++) yield nothing;
      }
      return (count) => co(work(DEPTH, count));
    },
    'redux-saga': async () => {
      const { runSaga } = await import('@redux-saga/core');
      const { call } = await import('@redux-saga/core/effects');
      const nothing = Promise.resolve();
      function* work(depth: number, times: number): Generator<unknown, void, unknown> {
        if (depth > 0) return void (yield call(work, depth - 1, times));
        for (let i = 0; i < times; i++) yield nothing;
      }
      return (count) => runSaga({}, work, DEPTH, count).toPromise();
    },
    effect: async () => {
      const { Effect } = await import('effect');
      type Work = (depth: number, times: number) => import('effect').Effect.Effect<void>;
      const work: Work = (depth, times) =>
        Effect.gen(function* () {
          if (depth > 0) return yield* work(depth - 1, times);
          for (let i = 0; i < times; i++) yield* Effect.yieldNow;
        });
      return (count) => Effect.runPromise(work(DEPTH, count));
    },
    effection: async () => {
      const { run, until } = await import('effection');
      const nothing = Promise.resolve();
      type Work = (depth: number, times: number) => import('effection').Operation<void>;
      const work: Work = function* (depth, times) {
        if (depth > 0) return yield* work(depth - 1, times);
        for (let i = 0; i < times; i++) yield* until(nothing);
      };
      return (count) => run(() => work(DEPTH, count));
    },
  },
};
