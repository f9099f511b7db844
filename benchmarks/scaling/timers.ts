import type { Workload } from '../harness/workload.ts';

/** Deadlines between one and two minutes from now, in no order. */
const far = (i: number): number => 60_000 + ((i * 7919) % 60_000);

/** Deadlines that do not pass, set and taken back while so many others are pending. */
export const timers: Workload = {
  unit: 'scope',
  about: 'one switch under a deadline that does not pass, while so many other deadlines are pending',
  count: 50_000,
  systems: {
    native: async (size) => {
      for (let i = 0; i < size; i++) setTimeout(() => {}, far(i)).unref();
      const work = async (): Promise<void> => {
        await undefined;
      };
      // The leanest form by hand, as in `timeout`.
      const limited = (limit: number): Promise<void> =>
        new Promise((resolve, reject) => {
          const timer = setTimeout(() => reject(new Error('late')), limit);
          work().then(() => {
            clearTimeout(timer);
            resolve();
          }, reject);
        });
      return async (units) => {
        for (let i = 0; i < units; i++) await limited(far(i));
      };
    },
    coloop: async (size) => {
      const { createScope, run, sleep, tick, timeout } = await import('@coloop/core');
      function* pending(i: number) {
        yield* sleep(far(i));
      }
      const scope = createScope();
      for (let i = 0; i < size; i++) scope.spawn(pending(i));
      // They are asleep once this one has had its turn.
      await run(tick());
      return (units) =>
        run(function* () {
          for (let i = 0; i < units; i++) yield* timeout(far(i), tick());
        });
    },
    effect: async (size) => {
      const { Effect } = await import('effect');
      for (let i = 0; i < size; i++) Effect.runFork(Effect.sleep(far(i)));
      return (units) =>
        Effect.runPromise(
          Effect.gen(function* () {
            for (let i = 0; i < units; i++) yield* Effect.timeout(Effect.yieldNow, far(i));
          }),
        );
    },
  },
};
