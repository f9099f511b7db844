import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  attempt,
  gather,
  moveOnAfter,
  now,
  type Operation,
  Queue,
  QueueEmptyError,
  QueueFullError,
  QueueShutdownError,
  Scheduler,
  sleep,
  spawn,
  tick,
  WouldBlockError,
} from '../index.ts';
import { below, pause } from '../tasks/sabotage.fixture.ts';
import { coroutineTest, runTest } from '../testing/index.ts';
import { harassed, perhaps } from './chaos.fixture.ts';
import { messageOf } from './message-of.fixture.ts';

function* putAll<T>(queue: Queue<T>, items: readonly T[], log: string[] = []): Operation<void> {
  for (const item of items) {
    yield* queue.put(item);
    log.push(`put ${item} at ${now()}`);
  }
}

function* getInto<T>(queue: Queue<T>, into: T[]): Operation<void> {
  for (;;) into.push(yield* queue.get());
}

describe('a queue', () => {
  test(
    'gives items in the order in which they were put',
    coroutineTest(function* () {
      const queue = new Queue<number>();
      for (const item of [1, 2, 3]) yield* queue.put(item);
      expect([yield* queue.get(), yield* queue.get(), yield* queue.get()]).toEqual([1, 2, 3]);
    }),
  );

  test(
    'tells how full it is',
    coroutineTest(function* () {
      const queue = new Queue<string>(2);
      expect([queue.size, queue.empty, queue.full, queue.maxsize]).toEqual([0, true, false, 2]);
      yield* queue.put('a');
      expect([queue.size, queue.empty, queue.full]).toEqual([1, false, false]);
      yield* queue.put('b');
      expect([queue.size, queue.empty, queue.full]).toEqual([2, false, true]);
    }),
  );

  test('has no limit when its maxsize is 0 or Infinity', () => {
    for (const queue of [new Queue<number>(), new Queue<number>(0), new Queue<number>(Number.POSITIVE_INFINITY)]) {
      for (let i = 0; i < 10_000; i++) queue.putNowait(i);
      expect([queue.size, queue.full, queue.maxsize]).toEqual([10_000, false, 0]);
      for (let i = 0; i < 10_000; i++) expect(queue.getNowait()).toBe(i);
    }
  });

  test(
    'lets a put wait until there is room',
    coroutineTest(function* () {
      const queue = new Queue<string>(1);
      const log: string[] = [];
      spawn(putAll(queue, ['a', 'b', 'c'], log));
      yield* sleep(10);
      expect(yield* queue.get()).toBe('a');
      yield* sleep(10);
      expect(yield* queue.get()).toBe('b');
      expect(yield* queue.get()).toBe('c');
      expect(log).toEqual(['put a at 0', 'put b at 10']);
      yield* tick();
      expect(log).toEqual(['put a at 0', 'put b at 10', 'put c at 20']);
    }),
  );

  test(
    'hands an item to the get that waits longest',
    coroutineTest(function* () {
      const queue = new Queue<string>();
      const first = spawn(queue.get());
      const second = spawn(queue.get());
      yield* tick();
      yield* putAll(queue, ['a', 'b']);
      expect(yield* gather([first, second])).toEqual(['a', 'b']);
    }),
  );

  test(
    'lets nobody overtake a put that waits, not even by putNowait',
    coroutineTest(function* () {
      const queue = new Queue<string>(1);
      queue.putNowait('a');
      spawn(queue.put('b'));
      yield* tick();
      expect(queue.getNowait()).toBe('a');
      expect(() => queue.putNowait('c')).toThrow(QueueFullError);
      expect(queue.getNowait()).toBe('b');
    }),
  );

  test(
    'keeps undefined and null as items like any others',
    coroutineTest(function* () {
      const queue = new Queue<undefined | null>(1);
      const got = spawn(queue.get());
      yield* tick();
      yield* queue.put(undefined);
      yield* queue.put(null);
      expect([yield* got, yield* queue.get()]).toEqual([undefined, null]);
    }),
  );

  test(
    'takes nothing from a get that is cancelled, and puts nothing for a put that is',
    coroutineTest(function* () {
      const queue = new Queue<string>(1);
      expect((yield* moveOnAfter(5, queue.get())).timedOut).toBe(true);
      yield* queue.put('a');
      expect((yield* moveOnAfter(5, queue.put('b'))).timedOut).toBe(true);
      expect([queue.size, yield* queue.get(), queue.size]).toEqual([1, 'a', 0]);
    }),
  );

  test(
    'delivers an item that was handed over before its task was cancelled',
    coroutineTest(function* () {
      const queue = new Queue<string>();
      const got: string[] = [];
      const task = spawn(getInto(queue, got));
      yield* tick();
      queue.putNowait('a');
      yield* task.cancel();
      expect([got, queue.size]).toEqual([['a'], 0]);
    }),
  );

  test('can be fed from outside of tasks', () =>
    runTest(function* () {
      const queue = new Queue<string>();
      const got = spawn(queue.get());
      yield* tick();
      void Promise.resolve().then(() => queue.putNowait('from a callback'));
      expect(yield* got).toBe('from a callback');
    }));
});

describe('queue.join', () => {
  test(
    'waits until every item that was put is done',
    coroutineTest(function* () {
      const queue = new Queue<number>();
      yield* queue.join();
      yield* putAll(queue, [1, 2]);
      function* worker(): Operation<void> {
        for (;;) {
          yield* queue.get();
          yield* sleep(10);
          queue.taskDone();
        }
      }
      spawn(worker(), { daemon: true });
      yield* gather([queue.join(), queue.join()]);
      expect(now()).toBe(20);
    }),
  );

  test(
    'counts an item that went straight to a waiting get, and not one whose put still waits',
    coroutineTest(function* () {
      const queue = new Queue<number>(1);
      spawn(queue.get());
      yield* tick();
      queue.putNowait(1);
      queue.taskDone();
      yield* queue.join();
      queue.putNowait(2);
      const waiting = spawn(queue.put(3));
      yield* tick();
      queue.taskDone();
      yield* queue.join();
      yield* waiting.cancel();
    }),
  );

  test('taskDone once too often is an error that changes nothing', () => {
    const queue = new Queue<number>();
    queue.putNowait(1);
    queue.taskDone();
    expect(messageOf(() => queue.taskDone())).toBe(
      'RangeError: taskDone() was called more often than items were put into the queue. Call it once for each item that get() returned.',
    );
    queue.putNowait(2);
    expect(() => queue.taskDone()).not.toThrow();
  });
});

describe('queue.shutdown', () => {
  test(
    'lets what is in the queue be got, then fails',
    coroutineTest(function* () {
      const queue = new Queue<string>();
      yield* putAll(queue, ['a', 'b']);
      queue.shutdown();
      queue.shutdown();
      expect([yield* queue.get(), queue.getNowait()]).toEqual(['a', 'b']);
      expect(yield* attempt(queue.get())).toMatchObject({ error: expect.any(QueueShutdownError) });
      expect(messageOf(() => queue.getNowait())).toBe(
        'QueueShutdownError: get on a queue that was shut down and is empty: nothing more will come.',
      );
    }),
  );

  test(
    'fails puts, also those that wait, and waiting gets',
    coroutineTest(function* () {
      const queue = new Queue<string>(1);
      queue.putNowait('a');
      const put = spawn(attempt(queue.put('b')));
      const empty = new Queue<string>();
      const get = spawn(attempt(empty.get()));
      yield* tick();
      queue.shutdown();
      empty.shutdown();
      const message = 'put on a queue that was shut down: it takes no more items.';
      expect(yield* put).toMatchObject({ error: { name: 'QueueShutdownError', message } });
      expect(messageOf(() => queue.putNowait('c'))).toBe(`QueueShutdownError: ${message}`);
      expect(yield* get).toMatchObject({ error: expect.any(QueueShutdownError) });
      expect([queue.size, queue.getNowait()]).toEqual([1, 'a']);
    }),
  );

  test(
    'drops everything when immediate, so that join ends',
    coroutineTest(function* () {
      const queue = new Queue<string>();
      yield* putAll(queue, ['a', 'b', 'c']);
      yield* queue.get();
      const joined = spawn(queue.join());
      queue.shutdown();
      queue.shutdown({ immediate: true });
      expect([queue.size, joined.done]).toEqual([0, false]);
      queue.taskDone();
      yield* joined;
      expect(yield* attempt(queue.get())).toMatchObject({ error: expect.any(QueueShutdownError) });
    }),
  );
});

describe('bad calls on a queue', () => {
  test('limits that make no sense are refused', () => {
    const make = (maxsize: unknown) => () => new Queue(maxsize as number);
    const wanted = 'RangeError: new Queue: maxsize takes a whole number of at least 0, not';
    expect(messageOf(make(Number.NaN))).toBe(`${wanted} NaN.`);
    expect(messageOf(make(-1))).toBe(`${wanted} -1.`);
    expect(messageOf(make(1.5))).toBe(`${wanted} 1.5.`);
    expect(messageOf(make('2'))).toBe('TypeError: new Queue: maxsize takes a whole number, not "2".');
  });

  test('the twins that do not wait say what to write', () => {
    const queue = new Queue<number>(1);
    expect(messageOf(() => queue.getNowait())).toBe(
      'QueueEmptyError: getNowait found the queue empty. Wait for an item with `yield* queue.get()`.',
    );
    queue.putNowait(1);
    expect(messageOf(() => queue.putNowait(2))).toBe(
      'QueueFullError: putNowait found the queue full (1 of 1 items). Wait for room with `yield* queue.put(item)`.',
    );
    expect(new QueueFullError()).toBeInstanceOf(WouldBlockError);
    expect(new QueueEmptyError()).toBeInstanceOf(WouldBlockError);
  });

  test('options are read strictly and never from Object.prototype', () => {
    const queue = new Queue<number>();
    queue.putNowait(1);
    const inherited = Object.create({ immediate: true });
    queue.shutdown(inherited);
    expect(queue.size).toBe(1);
    expect(messageOf(() => queue.shutdown({ imediate: true } as object))).toBe(
      "TypeError: queue.shutdown has no option 'imediate'. Did you mean 'immediate'? It takes: immediate.",
    );
  });

  test('a queue that was used on one scheduler is refused by another', async () => {
    const queue = new Queue<number>();
    await new Scheduler().run(() => queue.put(1));
    await expect(new Scheduler().run(() => queue.get())).rejects.toThrow(
      'This queue belongs to another scheduler, the one that used it first. Make one for each scheduler, or run both on one.',
    );
    await expect(
      new Scheduler().run(function* () {
        return queue.getNowait();
      }),
    ).rejects.toThrow(TypeError);
    expect(queue.getNowait()).toBe(1);
  });

  test(
    'an operation of a queue runs once',
    coroutineTest(function* () {
      const queue = new Queue<number>();
      const put = queue.put(1);
      yield* put;
      expect(() => put[Symbol.iterator]()).toThrow(/queue.put\(\) was used a second time/);
      expect(queue.size).toBe(1);
    }),
  );
});

describe('the types of a queue', () => {
  test('follow its items', () => {
    const queue = new Queue<string>();
    function* program(): Operation<void> {
      expectTypeOf(yield* queue.get()).toEqualTypeOf<string>();
      // @ts-expect-error: a number is not an item of this queue
      yield* queue.put(1);
    }
    expectTypeOf(program).returns.toEqualTypeOf<Operation<void>>();
    expectTypeOf(queue.getNowait).returns.toEqualTypeOf<string>();
    // @ts-expect-error: immediate is a boolean
    expect(() => queue.shutdown({ immediate: 1 })).toThrow(TypeError);
  });
});

/** Producers and consumers that are cut off at random: what was put is got once or still there. */
function* chaos(maxsize: number): Operation<void> {
  const queue = new Queue<{ by: number; no: number }>(maxsize);
  const put = new Set<unknown>();
  const got: { by: number; no: number }[][] = [];
  function* producer(by: number): Operation<void> {
    for (let no = 0; ; no++) {
      const item = { by, no };
      // A put that returned has put; one that was cut off has not.
      if ((yield* perhaps(queue.put(item))) !== null) put.add(item);
      yield* pause();
    }
  }
  function* consumer(): Operation<void> {
    const mine: { by: number; no: number }[] = [];
    got.push(mine);
    for (;;) {
      const taken = yield* perhaps(queue.get());
      if (taken !== null) {
        mine.push(taken.value);
        queue.taskDone();
      }
      yield* pause();
    }
  }
  let producers = 0;
  const harass: Operation<void>[] = [];
  for (let i = 0; i < 3; i++) {
    harass.push(harassed(() => producer(producers++), 60));
    harass.push(harassed(consumer, 60));
  }
  yield* gather(harass);
  for (const mine of got) {
    for (const [i, item] of mine.entries()) {
      const before = mine.slice(0, i).findLast((each) => each.by === item.by);
      expect(before === undefined || before.no < item.no).toBe(true);
    }
  }
  const left: { by: number; no: number }[] = [];
  while (!queue.empty) left.push(queue.getNowait());
  const all = [...got.flat(), ...left];
  expect(new Set(all).size).toBe(all.length);
  expect(new Set(all)).toEqual(put);
  if (left.length > 0) {
    expect(left.length <= (maxsize === 0 ? Number.POSITIVE_INFINITY : maxsize)).toBe(true);
    for (const _ of left) queue.taskDone();
  }
  yield* queue.join();
}

/** A shutdown at a random moment, with puts and gets on their way. */
function* shutdownRace(maxsize: number): Operation<void> {
  const queue = new Queue<number>(maxsize);
  const put: number[] = [];
  const got: number[] = [];
  function* producer(from: number): Operation<void> {
    for (let i = from; ; i++) {
      const tried = yield* attempt(queue.put(i));
      if (!tried.ok) return void expect(tried.error).toBeInstanceOf(QueueShutdownError);
      put.push(i);
      yield* pause();
    }
  }
  function* consumer(): Operation<void> {
    for (;;) {
      const tried = yield* attempt(queue.get());
      if (!tried.ok) return void expect(tried.error).toBeInstanceOf(QueueShutdownError);
      got.push(tried.value);
      yield* pause();
    }
  }
  const work = spawn(gather([producer(0), producer(1_000), consumer(), consumer()]));
  yield* sleep(below(20));
  queue.shutdown();
  yield* work;
  expect(got.toSorted()).toEqual(put.toSorted());
}

describe('under random cancels', () => {
  test('every item is received once or still there, in order', () =>
    fc.assert(
      fc.asyncProperty(fc.integer(), fc.constantFrom(0, 1, 2, 5), (seed, maxsize) =>
        runTest(() => chaos(maxsize), { seed }),
      ),
      { numRuns: 25 },
    ));

  test('a shutdown at any moment loses nothing that was put', () =>
    fc.assert(
      fc.asyncProperty(fc.integer(), fc.constantFrom(0, 1, 3), (seed, maxsize) =>
        runTest(() => shutdownRace(maxsize), { seed }),
      ),
      { numRuns: 25 },
    ));
});
