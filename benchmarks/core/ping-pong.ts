import type { Workload } from '../harness/workload.ts';

/** Two tasks send a message to and fro over two channels without a buffer. */
export const pingPong: Workload = {
  unit: 'round trip',
  about:
    'two tasks send a message to and fro over two channels without a buffer; natively a hand-written one of promises',
  count: 3_000_000,
  counts: { co: 500_000, 'redux-saga': 500_000, effect: 100_000, effection: 100_000, asyncio: 50_000 },
  systems: {
    native: async () => {
      class Rendezvous<T> {
        #senders: { value: T; resume: () => void }[] = [];
        #receivers: ((value: T) => void)[] = [];
        async send(value: T): Promise<void> {
          const receiver = this.#receivers.shift();
          if (receiver !== undefined) return receiver(value);
          await new Promise<void>((resume) => this.#senders.push({ value, resume }));
        }
        async receive(): Promise<T> {
          const sender = this.#senders.shift();
          if (sender === undefined) return new Promise((resolve) => this.#receivers.push(resolve));
          sender.resume();
          return sender.value;
        }
      }
      return async (count) => {
        const there = new Rendezvous<number>();
        const back = new Rendezvous<number>();
        const echo = async (): Promise<void> => {
          for (let i = 0; i < count; i++) await back.send(await there.receive());
        };
        const echoing = echo();
        for (let i = 0; i < count; i++) {
          await there.send(i);
          await back.receive();
        }
        await echoing;
      };
    },
    coloop: async () => {
      const { channel, run, spawn } = await import('@coloop/core');
      type Ends = ReturnType<typeof channel<number>>;
      function* echo(there: Ends, back: Ends, count: number) {
        for (let i = 0; i < count; i++) yield* back.sender.send(yield* there.receiver.receive());
      }
      return (count) =>
        run(function* () {
          const there = channel<number>();
          const back = channel<number>();
          spawn(echo(there, back, count));
          for (let i = 0; i < count; i++) {
            yield* there.sender.send(i);
            yield* back.receiver.receive();
          }
        });
    },
    co: async () => {
      const { default: co } = await import('co');
      class Rendezvous<T> {
        #senders: { value: T; resume: () => void }[] = [];
        #receivers: ((value: T) => void)[] = [];
        send(value: T): Promise<void> {
          return new Promise((resume) => {
            const receiver = this.#receivers.shift();
            if (receiver === undefined) this.#senders.push({ value, resume });
            else {
              receiver(value);
              resume();
            }
          });
        }
        receive(): Promise<T> {
          return new Promise((resolve) => {
            const sender = this.#senders.shift();
            if (sender === undefined) this.#receivers.push(resolve);
            else {
              sender.resume();
              resolve(sender.value);
            }
          });
        }
      }
      function* echo(there: Rendezvous<number>, back: Rendezvous<number>, count: number) {
        for (let i = 0; i < count; i++) yield back.send((yield there.receive()) as number);
      }
      function* ask(there: Rendezvous<number>, back: Rendezvous<number>, count: number) {
        for (let i = 0; i < count; i++) {
          yield there.send(i);
          yield back.receive();
        }
      }
      return (count) => {
        const there = new Rendezvous<number>();
        const back = new Rendezvous<number>();
        return Promise.all([co(echo(there, back, count)), co(ask(there, back, count))]);
      };
    },
    'redux-saga': async () => {
      const { channel, runSaga } = await import('@redux-saga/core');
      const { fork, put, take } = await import('@redux-saga/core/effects');
      return (count) =>
        runSaga({}, function* () {
          const there = channel<{ i: number }>();
          const back = channel<{ i: number }>();
          yield fork(function* () {
            for (let i = 0; i < count; i++) {
              const message: { i: number } = yield take(there);
              yield put(back, message);
            }
          });
          for (let i = 0; i < count; i++) {
            yield put(there, { i });
            yield take(back);
          }
        }).toPromise();
    },
    effect: async () => {
      const { Effect, Queue } = await import('effect');
      return (count) =>
        Effect.runPromise(
          Effect.gen(function* () {
            const there = yield* Queue.bounded<number>(1);
            const back = yield* Queue.bounded<number>(1);
            yield* Effect.forkChild(
              Effect.gen(function* () {
                for (let i = 0; i < count; i++) yield* Queue.offer(back, yield* Queue.take(there));
              }),
            );
            for (let i = 0; i < count; i++) {
              yield* Queue.offer(there, i);
              yield* Queue.take(back);
            }
          }),
        );
    },
    effection: async () => {
      const { createQueue, run, spawn } = await import('effection');
      return (count) =>
        run(function* () {
          const there = createQueue<number, never>();
          const back = createQueue<number, never>();
          yield* spawn(function* () {
            for (let i = 0; i < count; i++) back.add((yield* there.next()).value);
          });
          for (let i = 0; i < count; i++) {
            there.add(i);
            yield* back.next();
          }
        });
    },
  },
};
