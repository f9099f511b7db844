/** The words for synchronisation and exchange in every order, cancelled at every moment: nothing is lost, nothing stays locked. */
import { describe, test } from 'vitest';
import {
  asCompleted,
  asyncGenerator,
  attempt,
  Condition,
  channel,
  EndOfChannelError,
  EventFlag,
  Future,
  forEach,
  gather,
  group,
  Lock,
  moveOnAfter,
  type Operation,
  Queue,
  type Receiver,
  Semaphore,
  type Sender,
  select,
  shield,
  sleep,
  spawn,
  type Task,
  tick,
  timeout,
  wait,
} from '../index.ts';
import { explore } from './index.ts';

const OPTIONS = { seeds: 25, cancel: true, limit: 700 } as const;

function law(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

describe('whatever is cancelled when', () => {
  test('a lock is held by one task at a time, and is free in the end', async () => {
    await explore(function* () {
      const lock = new Lock();
      let inside = 0;
      function* worker(): Operation<void> {
        for (let round = 0; round < 2; round++) {
          using _held = yield* lock.acquire();
          law(++inside === 1, 'two tasks hold the lock');
          try {
            yield* sleep(round);
          } finally {
            inside--;
          }
        }
      }
      yield* wait([spawn(worker()), spawn(worker()), spawn(worker())]);
      law(!lock.locked, 'the lock stays locked');
      using _again = yield* lock.acquire();
    }, OPTIONS);
  });

  test('a lock that is waited for with a deadline is not lost', async () => {
    await explore(function* () {
      const lock = new Lock();
      function* worker(patience: number): Operation<void> {
        yield* attempt(
          timeout(
            patience,
            (function* () {
              using _held = yield* lock.acquire();
              yield* sleep(2);
            })(),
          ),
        );
      }
      yield* wait([spawn(worker(1)), spawn(worker(2)), spawn(worker(3)), spawn(worker(4))]);
      law(!lock.locked, 'the lock stays locked');
    }, OPTIONS);
  });

  test('a semaphore lets as many in as it has permits, and has them all in the end', async () => {
    await explore(function* () {
      const permits = new Semaphore(2);
      let inside = 0;
      function* worker(): Operation<void> {
        using _held = yield* permits.acquire();
        law(++inside <= 2, 'three tasks are inside');
        try {
          yield* sleep(1);
        } finally {
          inside--;
        }
      }
      yield* wait([1, 2, 3, 4].map(() => spawn(worker())));
      law(permits.available === 2, `${permits.available} permits are left`);
    }, OPTIONS);
  });

  test('an item of a queue is received once or is still there', async () => {
    await explore(function* () {
      const queue = new Queue<number>(1);
      let put = 0;
      let got = 0;
      function* producer(): Operation<void> {
        for (let item = 0; item < 2; item++) {
          yield* queue.put(item);
          put++;
        }
      }
      function* consumer(): Operation<void> {
        for (;;) {
          yield* queue.get();
          got++;
        }
      }
      spawn(consumer(), { daemon: true });
      spawn(consumer(), { daemon: true });
      const producers = [spawn(producer()), spawn(producer())];
      while (producers.some((task) => !task.done)) {
        if (!(yield* moveOnAfter(1, queue.get())).timedOut) got++;
      }
      yield* sleep(1);
      law(put === got + queue.size, `${put} were put, ${got} received, ${queue.size} are left`);
    }, OPTIONS);
  });

  test.each([0, 1])(
    'a message of a channel of %i is received once, and the receiver learns of the end',
    async (capacity) => {
      await explore(
        function* () {
          const { sender, receiver } = channel<number>(capacity);
          let sent = 0;
          let received = 0;
          function* producer(own: Sender<number>): Operation<void> {
            try {
              for (let message = 0; message < 2; message++) {
                yield* own.send(message);
                sent++;
              }
            } finally {
              yield* own.close();
            }
          }
          function* consumer(own: Receiver<number>): Operation<void> {
            try {
              for (;;) {
                yield* own.receive();
                received++;
              }
            } catch (error) {
              if (!(error instanceof EndOfChannelError)) throw error;
            } finally {
              yield* own.close();
            }
          }
          const tasks: Task[] = [];
          for (const own of [sender.clone(), sender]) {
            const task = spawn(producer(own));
            tasks.push(task);
            // A task that is cancelled before it begins closes nothing.
            spawn(closing(task, own), { name: 'closer' });
          }
          tasks.push(spawn(consumer(receiver.clone()), { name: 'closer' }));
          yield* consumer(receiver);
          // What was handed over is received when the other one has run.
          yield* wait(tasks);
          law(sent === received, `${sent} were sent, ${received} received`);
        },
        { ...OPTIONS, cancel: (task) => task.name !== 'closer' },
      );
    },
  );

  test('select takes from exactly one', async () => {
    await explore(function* () {
      const left = new Queue<number>(2);
      const right = new Queue<number>(2);
      let put = 0;
      let got = 0;
      function* producer(queue: Queue<number>): Operation<void> {
        for (let item = 0; item < 2; item++) {
          yield* queue.put(item);
          put++;
          yield* tick();
        }
      }
      function* consumer(): Operation<void> {
        for (let item = 0; item < 2; item++) {
          yield* select({ left, right });
          got++;
        }
      }
      const producers = [spawn(producer(left)), spawn(producer(right))];
      const consumers = [spawn(consumer(), { daemon: true }), spawn(consumer(), { daemon: true })];
      yield* wait(producers);
      yield* moveOnAfter(5, wait(consumers));
      const rest = left.size + right.size;
      law(put === got + rest, `${put} were put, ${got} received, ${rest} are left`);
    }, OPTIONS);
  });

  test('a notification of a condition reaches somebody who waits', async () => {
    await explore(function* () {
      const condition = new Condition();
      let items = 0;
      let taken = 0;
      function* consumer(): Operation<void> {
        using _held = yield* condition.acquire();
        yield* condition.waitFor(() => items > 0);
        items--;
        taken++;
      }
      const consumers = [spawn(consumer()), spawn(consumer()), spawn(consumer())];
      for (let made = 0; made < 2; made++) {
        using _held = yield* condition.acquire();
        items++;
        condition.notify();
      }
      yield* moveOnAfter(10, wait(consumers));
      const waiting = consumers.filter((task) => !task.done).length;
      law(items === 0 || waiting === 0, `${items} items are left, ${taken} taken, and ${waiting} still wait`);
      law(!condition.locked, 'the condition stays locked');
      for (const task of consumers) task.cancel();
    }, OPTIONS);
  });

  test('a flag and a future wake everybody', async () => {
    await explore(function* () {
      const flag = new EventFlag();
      const future = new Future<number>();
      function* waiter(): Operation<void> {
        yield* flag.wait();
        law((yield* future) === 7, 'another value');
      }
      const waiters = [spawn(waiter()), spawn(waiter()), spawn(waiter())];
      yield* tick();
      flag.set();
      yield* tick();
      future.resolve(7);
      yield* wait(waiters);
    }, OPTIONS);
  });

  test('the body of an asynchronous generator is closed with its consumer', async () => {
    await explore(
      function* () {
        let open = 0;
        const numbers = asyncGenerator<number>(function* (emit) {
          open++;
          try {
            for (let n = 0; n < 3; n++) {
              yield* sleep(1);
              yield* emit(n);
            }
          } finally {
            // A cancel may come while this runs, too.
            yield* shield(sleep(1));
            open--;
          }
        });
        function* consumer(): Operation<void> {
          yield* forEach(numbers(), () => {});
        }
        yield* attempt(group(consumer()));
        yield* wait([spawn(attempt(group(consumer())))]);
        law(open === 0, `${open} bodies are open`);
      },
      { ...OPTIONS, cancel: (task) => task.name.startsWith('task') },
    );
  });

  test('asCompleted gives every result once, and ends its branches', async () => {
    await explore(function* () {
      let running = 0;
      function* branch(ms: number): Operation<number> {
        running++;
        try {
          return yield* sleep(ms, ms);
        } finally {
          running--;
        }
      }
      const seen: number[] = [];
      yield* attempt(
        group(function* () {
          const results = asCompleted([branch(2), branch(1), branch(1)]);
          for (let r = yield* results.next(); !r.done; r = yield* results.next()) seen.push(r.value);
        }),
      );
      law(running === 0, `${running} branches run`);
      law(new Set(seen).size <= 2 && seen.length <= 3, `seen ${seen}`);
    }, OPTIONS);
  });

  test('a resource that a branch acquired is released once', async () => {
    await explore(function* () {
      const lock = new Lock();
      function* branch(): Operation<void> {
        using _held = yield* lock.acquire();
        yield* tick();
      }
      yield* attempt(gather([branch(), branch(), branch()]));
      law(!lock.locked, 'the lock stays locked');
    }, OPTIONS);
  });
});

function* closing(task: Task, sender: Sender<number>): Operation<void> {
  yield* attempt(task);
  yield* sender.close();
}
