import type { Workload } from '../harness/workload.ts';

const TASKS = 10;

/** Ten tasks enter a section that one may be in at a time, and switch inside of it. */
export const mutex: Workload = {
  unit: 'section',
  about: 'ten tasks enter a section that one may be in at a time, and switch inside of it',
  count: 5_000_000,
  counts: { co: 500_000, 'redux-saga': 100_000, effect: 100_000, asyncio: 50_000 },
  systems: {
    native: async () => {
      let tail: Promise<void> = Promise.resolve();
      const lock = async (): Promise<() => void> => {
        const before = tail;
        let release = (): void => {};
        tail = new Promise((resolve) => {
          release = resolve;
        });
        await before;
        return release;
      };
      const work = async (times: number): Promise<void> => {
        for (let i = 0; i < times; i++) {
          const release = await lock();
          await undefined;
          release();
        }
      };
      return (count) => Promise.all(Array.from({ length: TASKS }, () => work(count / TASKS)));
    },
    coloop: async () => {
      const { gather, Lock, run, tick } = await import('@coloop/core');
      function* work(lock: InstanceType<typeof Lock>, times: number) {
        for (let i = 0; i < times; i++) {
          yield* lock.acquire();
          yield* tick();
          lock.release();
        }
      }
      return (count) =>
        run(() => {
          const lock = new Lock();
          return gather(Array.from({ length: TASKS }, () => work(lock, count / TASKS)));
        });
    },
    co: async () => {
      const { default: co } = await import('co');
      const nothing = Promise.resolve();
      let tail: Promise<void> = nothing;
      const lock = (): { before: Promise<void>; release: () => void } => {
        const before = tail;
        let release = (): void => {};
        tail = new Promise((resolve) => {
          release = resolve;
        });
        return { before, release };
      };
      function* work(times: number) {
        for (let i = 0; i < times; i++) {
          const { before, release } = lock();
          yield before;
          yield nothing;
          release();
        }
      }
      return (count) => Promise.all(Array.from({ length: TASKS }, () => co(work(count / TASKS))));
    },
    'redux-saga': async () => {
      const { channel, runSaga } = await import('@redux-saga/core');
      const { fork, put, take } = await import('@redux-saga/core/effects');
      const nothing = Promise.resolve();
      return (count) =>
        runSaga({}, function* () {
          // A token in a channel, which is how its users do it.
          const token = channel<object>();
          function* work(times: number) {
            for (let i = 0; i < times; i++) {
              const held: object = yield take(token);
              yield nothing;
              yield put(token, held);
            }
          }
          yield put(token, {});
          for (let i = 0; i < TASKS; i++) yield fork(work, count / TASKS);
        }).toPromise();
    },
    effect: async () => {
      const { Effect, Semaphore } = await import('effect');
      return (count) =>
        Effect.runPromise(
          Effect.gen(function* () {
            const lock = yield* Semaphore.make(1);
            const section = lock.withPermits(1)(Effect.yieldNow);
            const work = Effect.gen(function* () {
              for (let i = 0; i < count / TASKS; i++) yield* section;
            });
            yield* Effect.all(
              Array.from({ length: TASKS }, () => work),
              { concurrency: 'unbounded' },
            );
          }),
        );
    },
  },
};
