import type { Workload } from '../harness/workload.ts';

/** One task switches below so many calls; they were made before. */
export const depthGrowth: Workload = {
  unit: 'switch',
  about: 'a task switches at the bottom of so many nested calls: time per switch, without making the calls',
  count: 200_000,
  systems: {
    native: async (size) => {
      const bottom = descent();
      const work = async (depth: number): Promise<void> => {
        if (depth > 0) return void (await work(depth - 1));
        for (;;) {
          const units = await bottom.asked();
          for (let i = 0; i < units; i++) await undefined;
          bottom.done();
        }
      };
      void work(size);
      return bottom.ask;
    },
    coloop: async (size) => {
      const { coroutine, run, tick, until } = await import('@coloop/core');
      type Work = (depth: number) => import('@coloop/core').Operation<void>;
      const bottom = descent();
      const work: Work = coroutine(function* (depth: number) {
        if (depth > 0) return yield* work(depth - 1);
        for (;;) {
          const units = yield* until(bottom.asked());
          for (let i = 0; i < units; i++) yield* tick();
          bottom.done();
        }
      });
      void run(() => work(size));
      return bottom.ask;
    },
    'coloop, plain yield*': async (size) => {
      const { run, tick, until } = await import('@coloop/core');
      type Work = (depth: number) => import('@coloop/core').Operation<void>;
      const bottom = descent();
      const work: Work = function* (depth) {
        if (depth > 0) return yield* work(depth - 1);
        for (;;) {
          const units = yield* until(bottom.asked());
          for (let i = 0; i < units; i++) yield* tick();
          bottom.done();
        }
      };
      void run(() => work(size));
      return bottom.ask;
    },
    effect: async (size) => {
      const { Effect } = await import('effect');
      type Work = (depth: number) => import('effect').Effect.Effect<void>;
      const bottom = descent();
      const work: Work = (depth) =>
        Effect.gen(function* () {
          if (depth > 0) return yield* work(depth - 1);
          for (;;) {
            const units = yield* Effect.promise(bottom.asked);
            for (let i = 0; i < units; i++) yield* Effect.yieldNow;
            bottom.done();
          }
        });
      void Effect.runPromise(work(size));
      return bottom.ask;
    },
  },
};

/** Between the job and the bottom of the calls: the job asks for so many switches, the bottom says that they are done. */
function descent() {
  const questions: number[] = [];
  let wake = (): void => {};
  let answer = (): void => {};
  return {
    /** How many switches are asked for next. */
    asked: async (): Promise<number> => {
      if (questions.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return questions.shift() ?? 0;
    },
    done: (): void => answer(),
    ask: (units: number): Promise<void> =>
      new Promise((resolve) => {
        answer = resolve;
        questions.push(units);
        wake();
      }),
  };
}
