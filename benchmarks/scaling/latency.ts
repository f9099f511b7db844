import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import type { Workload } from '../harness/workload.ts';

const SLEEP = 10;
const BUSY = 100;
/** How long a busy task computes before it gives way, in ms. */
const STRETCH = 0.02;
const SLEEPERS = 20;

function compute(): void {
  for (const end = performance.now() + STRETCH; performance.now() < end; );
}

/** How late sleeps of 10 ms end while a hundred tasks compute all the time, giving way every 20 us. */
export const latency: Workload = {
  unit: 'sleep',
  about: 'sleeps of 10 ms while 100 tasks compute and give way every 20 us: ms that they end too late',
  count: 2_000,
  measure: 'late',
  warm: false,
  systems: {
    coloop: async () => {
      const { run, sleep, spawn, tick } = await import('@coloop/core');
      function* busy(work: { left: number }) {
        while (work.left > 0) {
          compute();
          yield* tick();
        }
      }
      function* sleeper(work: { left: number }, late: number[]) {
        while (work.left-- > 0) {
          const start = performance.now();
          yield* sleep(SLEEP);
          late.push(performance.now() - start - SLEEP);
        }
      }
      return (count) =>
        run(function* () {
          const work = { left: count };
          const late: number[] = [];
          for (let i = 0; i < BUSY; i++) spawn(busy(work));
          const sleepers = Array.from({ length: SLEEPERS }, () => spawn(sleeper(work, late)));
          for (const task of sleepers) yield* task;
          return late;
        });
    },
    // Promises alone would never give the host a turn: each busy one has to wait for the next.
    native: async () => async (count) => {
      const work = { left: count };
      const late: number[] = [];
      const busy = async (): Promise<void> => {
        while (work.left > 0) {
          compute();
          await turn();
        }
      };
      const sleeper = async (): Promise<void> => {
        while (work.left-- > 0) {
          const start = performance.now();
          await wait(SLEEP);
          late.push(performance.now() - start - SLEEP);
        }
      };
      const all = Array.from({ length: BUSY }, busy);
      await Promise.all(Array.from({ length: SLEEPERS }, sleeper));
      await Promise.all(all);
      return late;
    },
    effect: async () => {
      const { Effect } = await import('effect');
      const busy = (work: { left: number }) =>
        Effect.gen(function* () {
          while (work.left > 0) {
            compute();
            yield* Effect.yieldNow;
          }
        });
      const sleeper = (work: { left: number }, late: number[]) =>
        Effect.gen(function* () {
          while (work.left-- > 0) {
            const start = performance.now();
            yield* Effect.sleep(SLEEP);
            late.push(performance.now() - start - SLEEP);
          }
        });
      return async (count) => {
        const work = { left: count };
        const late: number[] = [];
        const all = [
          ...Array.from({ length: BUSY }, () => busy(work)),
          ...Array.from({ length: SLEEPERS }, () => sleeper(work, late)),
        ];
        await Effect.runPromise(Effect.all(all, { concurrency: 'unbounded', discard: true }));
        return late;
      };
    },
  },
};
