import type { Task } from '@redux-saga/core';
import type { Workload } from '../harness/workload.ts';

/** A hundred thousand waiting tasks are cancelled; each runs its cleanup. */
export const cancelMany: Workload = {
  unit: 'cancel',
  about: 'waiting tasks are cancelled and each runs its cleanup; natively one AbortController each',
  count: 100_000,
  counts: { 'redux-saga': 10_000, effection: 5_000 },
  systems: {
    native: async () => {
      let cleaned = 0;
      const aborted = (signal: AbortSignal): Promise<never> =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
      const work = async (signal: AbortSignal): Promise<void> => {
        try {
          await aborted(signal);
        } finally {
          cleaned++;
        }
      };
      return async (count) => {
        const controllers = Array.from({ length: count }, () => new AbortController());
        const running = controllers.map((controller) => work(controller.signal).catch(() => {}));
        await undefined;
        for (const controller of controllers) controller.abort();
        await Promise.all(running);
        return cleaned;
      };
    },
    coloop: async () => {
      const { forever, run, spawn, tick } = await import('@coloop/core');
      let cleaned = 0;
      function* work() {
        try {
          yield* forever();
        } finally {
          cleaned++;
        }
      }
      return (count) =>
        run(function* () {
          const tasks = Array.from({ length: count }, () => spawn(work()));
          yield* tick();
          for (const task of tasks) task.cancel();
          return cleaned;
        });
    },
    'redux-saga': async () => {
      const { runSaga } = await import('@redux-saga/core');
      const { cancel, fork, take } = await import('@redux-saga/core/effects');
      let cleaned = 0;
      function* work() {
        try {
          yield take('never');
        } finally {
          cleaned++;
        }
      }
      return (count) =>
        runSaga({}, function* () {
          const tasks: Task[] = [];
          for (let i = 0; i < count; i++) tasks.push(yield fork(work));
          for (const task of tasks) yield cancel(task);
          return cleaned;
        }).toPromise();
    },
    effect: async () => {
      const { Effect, Fiber } = await import('effect');
      let cleaned = 0;
      const work = Effect.ensuring(
        Effect.never,
        Effect.sync(() => cleaned++),
      );
      return (count) =>
        Effect.runPromise(
          Effect.gen(function* () {
            const fibers = yield* Effect.forEach(Array.from({ length: count }), () => Effect.forkChild(work));
            yield* Effect.yieldNow;
            yield* Fiber.interruptAll(fibers);
            return cleaned;
          }),
        );
    },
    effection: async () => {
      const { run, sleep, spawn, suspend } = await import('effection');
      let cleaned = 0;
      function* work() {
        try {
          yield* suspend();
        } finally {
          cleaned++;
        }
      }
      return (count) =>
        run(function* () {
          const tasks = [];
          for (let i = 0; i < count; i++) tasks.push(yield* spawn(work));
          yield* sleep(0);
          for (const task of tasks) yield* task.halt();
          return cleaned;
        });
    },
  },
};
