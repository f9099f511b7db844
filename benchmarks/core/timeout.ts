import type { Workload } from '../harness/workload.ts';

const LIMIT = 1_000;

/** Work under a deadline that does not pass. */
export const timeoutScope: Workload = {
  unit: 'scope',
  about: 'one switch under a deadline that does not pass; natively the usual race and the leanest form by hand',
  count: 3_000_000,
  counts: {
    native: 200_000,
    'native lean': 1_000_000,
    'redux-saga': 200_000,
    effect: 50_000,
    effection: 3_000,
    asyncio: 50_000,
  },
  systems: {
    native: async () => {
      const work = async (): Promise<void> => {
        await undefined;
      };
      const limited = async (): Promise<void> => {
        let timer: ReturnType<typeof setTimeout> | undefined;
        const late = new Promise<never>((_, reject) => {
          timer = setTimeout(() => reject(new Error('late')), LIMIT);
        });
        await Promise.race([work(), late]).finally(() => clearTimeout(timer));
      };
      return async (count) => {
        for (let i = 0; i < count; i++) await limited();
      };
    },
    'native lean': async () => {
      const work = async (): Promise<void> => {
        await undefined;
      };
      const limited = (): Promise<void> =>
        new Promise((resolve, reject) => {
          const timer = setTimeout(() => reject(new Error('late')), LIMIT);
          work().then(() => {
            clearTimeout(timer);
            resolve();
          }, reject);
        });
      return async (count) => {
        for (let i = 0; i < count; i++) await limited();
      };
    },
    coloop: async () => {
      const { run, tick, timeout } = await import('@coloop/core');
      return (count) =>
        run(function* () {
          for (let i = 0; i < count; i++) yield* timeout(LIMIT, tick());
        });
    },
    'redux-saga': async () => {
      const { runSaga } = await import('@redux-saga/core');
      const { delay, race } = await import('@redux-saga/core/effects');
      const done = Promise.resolve();
      return (count) =>
        runSaga({}, function* () {
          for (let i = 0; i < count; i++) yield race({ done, late: delay(LIMIT) } as never);
        }).toPromise();
    },
    effect: async () => {
      const { Effect } = await import('effect');
      const work = Effect.timeout(Effect.yieldNow, LIMIT);
      return (count) =>
        Effect.runPromise(
          Effect.gen(function* () {
            for (let i = 0; i < count; i++) yield* work;
          }),
        );
    },
    effection: async () => {
      const { race, run, sleep, until } = await import('effection');
      const nothing = Promise.resolve();
      return (count) =>
        run(function* () {
          for (let i = 0; i < count; i++) yield* race([until(nothing), sleep(LIMIT)]);
        });
    },
  },
};
