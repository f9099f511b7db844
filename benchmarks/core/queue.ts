import type { Workload } from '../harness/workload.ts';

const SIZE = 100;

/** A producer and a consumer over a queue with room for a hundred items. */
export const boundedQueue: Workload = {
  unit: 'item',
  about: `a producer and a consumer over a queue with room for ${SIZE} items (redux-saga and Effection have only unbounded ones); natively a hand-written one of promises`,
  count: 10_000_000,
  counts: { 'redux-saga': 300_000, effect: 300_000, effection: 100_000, asyncio: 300_000 },
  systems: {
    native: async () => {
      class BoundedQueue<T> {
        #items: T[] = [];
        #head = 0;
        #takers: ((value: T) => void)[] = [];
        #putters: (() => void)[] = [];
        put(value: T): Promise<void> | undefined {
          const taker = this.#takers.shift();
          if (taker !== undefined) return void taker(value);
          this.#items.push(value);
          return this.#items.length - this.#head > SIZE
            ? new Promise((resume) => this.#putters.push(resume))
            : undefined;
        }
        get(): T | Promise<T> {
          if (this.#head === this.#items.length) return new Promise((resolve) => this.#takers.push(resolve));
          const value = this.#items[this.#head++] as T;
          if (this.#head > 1000) {
            this.#items = this.#items.slice(this.#head);
            this.#head = 0;
          }
          this.#putters.shift()?.();
          return value;
        }
      }
      return async (count) => {
        const queue = new BoundedQueue<number>();
        const produce = async (): Promise<void> => {
          for (let i = 0; i < count; i++) await queue.put(i);
        };
        const producing = produce();
        for (let i = 0; i < count; i++) await queue.get();
        await producing;
      };
    },
    coloop: async () => {
      const { Queue, run, spawn } = await import('@coloop/core');
      function* produce(queue: InstanceType<typeof Queue<number>>, count: number) {
        for (let i = 0; i < count; i++) yield* queue.put(i);
      }
      return (count) =>
        run(function* () {
          const queue = new Queue<number>(SIZE);
          spawn(produce(queue, count));
          for (let i = 0; i < count; i++) yield* queue.get();
        });
    },
    'redux-saga': async () => {
      const { buffers, channel, runSaga } = await import('@redux-saga/core');
      const { fork, put, take } = await import('@redux-saga/core/effects');
      return (count) =>
        runSaga({}, function* () {
          // A channel with a fixed buffer throws when it is full, and nothing waits for room: this one grows.
          const items = channel<{ i: number }>(buffers.expanding(SIZE));
          yield fork(function* () {
            for (let i = 0; i < count; i++) yield put(items, { i });
          });
          for (let i = 0; i < count; i++) yield take(items);
        }).toPromise();
    },
    effect: async () => {
      const { Effect, Queue } = await import('effect');
      return (count) =>
        Effect.runPromise(
          Effect.gen(function* () {
            const queue = yield* Queue.bounded<number>(SIZE);
            yield* Effect.forkChild(
              Effect.gen(function* () {
                for (let i = 0; i < count; i++) yield* Queue.offer(queue, i);
              }),
            );
            for (let i = 0; i < count; i++) yield* Queue.take(queue);
          }),
        );
    },
    effection: async () => {
      const { createQueue, run, spawn } = await import('effection');
      return (count) =>
        run(function* () {
          const queue = createQueue<number, never>();
          yield* spawn(function* () {
            for (let i = 0; i < count; i++) queue.add(i);
          });
          for (let i = 0; i < count; i++) yield* queue.next();
        });
    },
  },
};
