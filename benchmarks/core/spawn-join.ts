import type { Task } from '@redux-saga/core';
import type { Workload } from '../harness/workload.ts';

/** A task is started, runs later than the line that started it, and is waited for. */
export const spawnJoin: Workload = {
  unit: 'spawn and join',
  about:
    'start a task that begins later, and wait for it; natively a promise job, which can neither be cancelled nor owned',
  count: 4_000_000,
  counts: { 'redux-saga': 50_000, effect: 150_000, effection: 10_000, asyncio: 100_000 },
  systems: {
    native: async () => {
      const work = async (): Promise<number> => 1;
      return async (count) => {
        for (let i = 0; i < count; i++) await Promise.resolve().then(work);
      };
    },
    'native eager': async () => {
      const work = async (): Promise<number> => 1;
      return async (count) => {
        for (let i = 0; i < count; i++) await work();
      };
    },
    coloop: async () => {
      const { run, spawn } = await import('@coloop/core');
      function* work() {
        return 1;
      }
      return (count) =>
        run(function* () {
          for (let i = 0; i < count; i++) yield* spawn(work());
        });
    },
    co: async () => {
      const { default: co } = await import('co');
      function* work(): Generator<unknown, number, unknown> {
        return 1;
      }
      return (count) =>
        co(
          (function* () {
            for (let i = 0; i < count; i++) yield co(work());
          })(),
        );
    },
    'redux-saga': async () => {
      const { runSaga } = await import('@redux-saga/core');
      const { fork, join } = await import('@redux-saga/core/effects');
      const work = async (): Promise<number> => 1;
      return (count) =>
        runSaga({}, function* () {
          for (let i = 0; i < count; i++) {
            const task: Task = yield fork(work);
            yield join(task);
          }
        }).toPromise();
    },
    effect: async () => {
      const { Effect, Fiber } = await import('effect');
      const work = Effect.succeed(1);
      return (count) =>
        Effect.runPromise(
          Effect.gen(function* () {
            for (let i = 0; i < count; i++) {
              const fiber = yield* Effect.forkChild(work);
              yield* Fiber.join(fiber);
            }
          }),
        );
    },
    effection: async () => {
      const { run, spawn } = await import('effection');
      function* work() {
        return 1;
      }
      return (count) =>
        run(function* () {
          for (let i = 0; i < count; i++) {
            const task = yield* spawn(work);
            yield* task;
          }
        });
    },
  },
};
