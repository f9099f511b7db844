import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { harassed, perhaps } from '../channels/chaos.fixture.ts';
import {
  attempt,
  channel,
  forEach,
  gather,
  group,
  interval,
  moveOnAfter,
  now,
  type Operation,
  type Receiver,
  type Source,
  type Stream,
  sleep,
  spawn,
  stream,
  tick,
} from '../index.ts';
import { below, pause } from '../tasks/sabotage.fixture.ts';
import { coroutineTest, runTest } from '../testing/index.ts';

/** A source of numbers from 1 on, one every `ms`, that notes what is asked of it. */
function counting(log: string[], ms = 0, last = Number.POSITIVE_INFINITY): Source<number> {
  let no = 0;
  let closed = false;
  return {
    *next(): Operation<IteratorResult<number, void>> {
      if (ms > 0) yield* sleep(ms);
      if (closed || no >= last) return { done: true, value: undefined };
      no++;
      log.push(`gave ${no}`);
      return { done: false, value: no };
    },
    *close(): Operation<void> {
      if (closed) return;
      closed = true;
      yield* tick();
      log.push('closed');
    },
  };
}

/** A source that gives a number and then fails. */
function failing(log: string[], error: unknown): Source<number> {
  const source = counting(log);
  let first = true;
  return {
    next(): Operation<IteratorResult<number, void>> {
      if (!first) throw error;
      first = false;
      return source.next();
    },
    close: () => source.close(),
  };
}

function* take<T>(source: Source<T>, count: number): Operation<T[]> {
  const items: T[] = [];
  for (let i = 0; i < count; i++) {
    const r = yield* source.next();
    if (!r.done) items.push(r.value);
  }
  return items;
}

describe('the operators', () => {
  test(
    'map, filter, take and drop do what they do with arrays, and read nothing before they are asked',
    coroutineTest(function* () {
      const log: string[] = [];
      const result = stream(counting(log))
        .map((n) => n * 10)
        .filter((n) => n % 20 === 0)
        .drop(1)
        .take(2);
      expect(log).toEqual([]);
      expect(yield* result.next()).toEqual({ done: false, value: 40 });
      expect(log).toEqual(['gave 1', 'gave 2', 'gave 3', 'gave 4']);
      expect(yield* result.collect()).toEqual([60]);
      expect(log.slice(4)).toEqual(['gave 5', 'gave 6', 'closed']);
      expect(yield* result.next()).toEqual({ done: true, value: undefined });
    }),
  );

  test(
    'map and filter take operations, one after the other, and values that are iterable as values',
    coroutineTest(function* () {
      function* slowly(n: number): Operation<number> {
        yield* sleep(10);
        return n * 2;
      }
      function* isOdd(n: number): Operation<boolean> {
        yield* sleep(1);
        return n % 2 === 1;
      }
      expect(yield* stream([1, 2, 3]).filter(isOdd).map(slowly).collect()).toEqual([2, 6]);
      expect(now()).toBe(23);
      expect(
        yield* stream([1])
          .map((n) => [n, new Set([n])])
          .collect(),
      ).toEqual([[1, new Set([1])]]);
      expect(
        yield* stream([5])
          .map((ms) => spawn(sleep(ms, 'task')))
          .collect(),
      ).toEqual(['task']);
    }),
  );

  test(
    'an operation in map goes on when its reader is cancelled, and the next reader gets its result',
    coroutineTest(function* () {
      const result = stream(['a']).map((item) => sleep(100, item.toUpperCase()));
      for (let i = 0; i < 9; i++) expect((yield* moveOnAfter(10, result.next())).timedOut).toBe(true);
      expect([(yield* result.next()).value, now()]).toEqual(['A', 100]);
    }),
  );

  test(
    'an error in a function is thrown to the reader and ends the stream',
    coroutineTest(function* () {
      const log: string[] = [];
      const error = new Error('bad item');
      function* waitAndFail(): Operation<never> {
        yield* sleep(1);
        throw error;
      }
      const plain = stream(counting(log)).map(() => {
        throw error;
      });
      const waiting = stream(counting(log)).filter(waitAndFail);
      for (const broken of [plain, waiting]) {
        const tried = yield* attempt<unknown>(broken.next());
        expect(!tried.ok && tried.error).toBe(error);
        expect(yield* broken.next()).toEqual({ done: true, value: undefined });
      }
      expect(log).toEqual(['gave 1', 'closed', 'gave 1', 'closed']);
    }),
  );

  test(
    'merge gives items as they come, until all have ended',
    coroutineTest(function* () {
      const merged = stream(counting([], 10, 3)).merge(counting([], 25, 1), ['a']);
      const seen: unknown[] = [];
      yield* forEach(merged, (item) => void seen.push([item, now()]));
      expect(seen).toEqual([
        ['a', 0],
        [1, 10],
        [2, 20],
        [1, 25],
        [3, 30],
      ]);
    }),
  );

  test(
    'merge fails with the first failure, after the items before it, and closes all its sources',
    coroutineTest(function* () {
      const logs: string[][] = [[], []];
      const error = new Error('broken');
      const merged = stream(failing(logs[0] as string[], error)).merge(counting(logs[1] as string[], 10));
      expect(yield* merged.next()).toEqual({ done: false, value: 1 });
      const tried = yield* attempt(merged.next());
      expect(!tried.ok && tried.error).toBe(error);
      expect(yield* merged.next()).toEqual({ done: true, value: undefined });
      expect(logs).toEqual([['gave 1', 'closed'], ['closed']]);
    }),
  );

  test(
    'buffer reads as many items ahead as it says, and no more',
    coroutineTest(function* () {
      for (const ahead of [1, 3]) {
        const log: string[] = [];
        const buffered = stream(counting(log)).buffer(ahead);
        expect(log).toEqual([]);
        expect((yield* buffered.next()).value).toBe(1);
        yield* sleep(10);
        expect(log.length).toBe(1 + ahead);
        expect((yield* buffered.next()).value).toBe(2);
        yield* sleep(10);
        expect(log.length).toBe(2 + ahead);
        yield* buffered.close();
        expect(log.at(-1)).toBe('closed');
      }
    }),
  );

  test(
    'batch makes arrays of a size, the last one shorter; a reader that is cancelled leaves the batch begun',
    coroutineTest(function* () {
      expect(yield* stream([1, 2, 3, 4, 5]).batch({ size: 2 }).collect()).toEqual([[1, 2], [3, 4], [5]]);
      const slow = stream(interval(10)).batch({ size: 3 });
      expect((yield* moveOnAfter(25, slow.next())).timedOut).toBe(true);
      expect([(yield* slow.next()).value, now()]).toEqual([[0, 1, 2], 30]);
    }),
  );
});

describe('the operators that watch the clock', () => {
  /** Items at given times. */
  function* script(items: readonly [number, string][], send: (item: string) => Operation<void>): Operation<void> {
    for (const [at, item] of items) {
      yield* sleep(at - now());
      yield* send(item);
    }
  }

  function* timed(
    items: readonly [number, string][],
    through: (source: Stream<string>) => Stream<unknown>,
  ): Operation<unknown[]> {
    const { sender, receiver } = channel<string>(Number.POSITIVE_INFINITY);
    const start = now();
    spawn(
      (function* () {
        yield* script(
          items.map(([at, item]) => [at + start, item]),
          (item) => sender.send(item),
        );
        sender.close();
      })(),
    );
    const seen: unknown[] = [];
    yield* forEach(through(stream(receiver)), (item) => void seen.push([item, now() - start]));
    return seen;
  }

  const bursts: readonly [number, string][] = [
    [0, 'a'],
    [5, 'b'],
    [8, 'c'],
    [30, 'd'],
    [100, 'e'],
    [103, 'f'],
  ];

  test(
    'debounce gives an item when it has been quiet, and the last one at the end',
    coroutineTest(function* () {
      expect(yield* timed(bursts, (source) => source.debounce(10))).toEqual([
        ['c', 18],
        ['d', 40],
        ['f', 103],
      ]);
    }),
  );

  test(
    'throttle gives the first item of each pause',
    coroutineTest(function* () {
      expect(yield* timed(bursts, (source) => source.throttle(10))).toEqual([
        ['a', 0],
        ['d', 30],
        ['e', 100],
      ]);
    }),
  );

  test(
    'throttle with trailing gives the last one too, at the end of the pause, which begins anew',
    coroutineTest(function* () {
      expect(yield* timed(bursts, (source) => source.throttle(10, { trailing: true }))).toEqual([
        ['a', 0],
        ['c', 10],
        ['d', 30],
        ['e', 100],
        ['f', 103],
      ]);
      const often: readonly [number, string][] = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => [n * 4, String(n)]);
      expect(yield* timed(often, (source) => source.throttle(10, { trailing: true }))).toEqual([
        ['1', 4],
        ['3', 14],
        ['5', 24],
        ['8', 32],
      ]);
    }),
  );

  test(
    'batch with a time closes a batch that long after its first item, or when it is full',
    coroutineTest(function* () {
      expect(yield* timed(bursts, (source) => source.batch({ ms: 10 }))).toEqual([
        [['a', 'b', 'c'], 10],
        [['d'], 40],
        [['e', 'f'], 103],
      ]);
      expect(yield* timed(bursts, (source) => source.batch({ size: 2, ms: 10 }))).toEqual([
        [['a', 'b'], 5],
        [['c'], 18],
        [['d'], 40],
        [['e', 'f'], 103],
      ]);
    }),
  );

  test(
    'a failure of the source reaches the reader, and everything is closed',
    coroutineTest(function* () {
      const error = new Error('broken');
      for (const through of [
        (source: Stream<number>) => source.debounce(10),
        (source: Stream<number>) => source.throttle(10, { trailing: true }),
        (source: Stream<number>) => source.batch({ ms: 10 }),
      ]) {
        const log: string[] = [];
        const result = through(stream(failing(log, error)));
        const tried = yield* attempt<unknown>(
          (function* () {
            for (;;) if ((yield* result.next()).done) return;
          })(),
        );
        expect(!tried.ok && tried.error).toBe(error);
        expect(log).toEqual(['gave 1', 'closed']);
        expect(yield* result.next()).toEqual({ done: true, value: undefined });
      }
    }),
  );

  test(
    'a slow reader holds the source up: nothing is kept beyond one item at each step',
    coroutineTest(function* () {
      const log: string[] = [];
      const result = stream(counting(log)).batch({ size: 2, ms: 10 });
      expect((yield* result.next()).value).toEqual([1, 2]);
      yield* sleep(1_000);
      expect(log.length).toBe(5);
      yield* result.close();
    }),
  );
});

describe('closing a stream', () => {
  const chains: Record<string, (source: Stream<number>) => Stream<unknown>> = {
    map: (s) => s.map((n) => n),
    'map with an operation': (s) => s.map((n) => sleep(5, n)),
    filter: (s) => s.filter(() => true),
    take: (s) => s.take(100),
    drop: (s) => s.drop(1),
    merge: (s) => s.merge([]),
    buffer: (s) => s.buffer(2),
    batch: (s) => s.batch({ size: 2 }),
    'batch with a time': (s) => s.batch({ ms: 5 }),
    debounce: (s) => s.debounce(1),
    throttle: (s) => s.throttle(5),
    everything: (s) =>
      s
        .map((n) => sleep(1, n))
        .buffer(2)
        .throttle(1, { trailing: true })
        .filter(() => true)
        .debounce(1)
        .batch({ size: 1, ms: 3 })
        .take(1_000),
  };

  for (const [name, through] of Object.entries(chains)) {
    test(`closes what it reads from: ${name}`, () =>
      runTest(function* () {
        for (const reads of [0, 1, 2]) {
          const log: string[] = [];
          const result = through(stream(counting(log, 3)));
          yield* take(result, reads);
          const { length } = log;
          yield* result.close();
          yield* result.close();
          expect(log.slice(length)).toEqual(['closed']);
          expect(yield* result.next()).toEqual({ done: true, value: undefined });
        }
      }));

    test(`ends with the scope that made it, without a close: ${name}`, () =>
      runTest(function* () {
        const log: string[] = [];
        yield* group(function* () {
          const result = through(stream(counting(log, 3)));
          yield* take(result, 2);
        });
        const { length } = log;
        yield* sleep(100);
        expect(log.length).toBe(length);
      }));

    test(`ends for a reader that waits: ${name}`, () =>
      runTest(function* () {
        const { receiver } = channel<number>();
        const result = through(stream(receiver));
        const waiting = spawn(result.next());
        yield* sleep(20);
        yield* result.close();
        expect(yield* waiting).toEqual({ done: true, value: undefined });
      }));

    test(`refuses a second reader at the same time: ${name}`, () =>
      runTest(function* () {
        const { receiver, sender } = channel<number>();
        const result = through(stream(receiver));
        const waiting = spawn(result.next());
        yield* tick();
        const second = yield* attempt<unknown>(result.next());
        expect(second).toMatchObject({
          error: { message: /next\(\) was called while another next\(\) of it is waiting/ },
        });
        sender.close();
        yield* waiting;
      }));
  }

  test(
    'a stream whose scope has ended says so to a reader outside of it',
    coroutineTest(function* () {
      const { receiver } = channel<number>();
      let made: Stream<number> | null = null;
      const inner = spawn(
        (function* () {
          made = stream(receiver).buffer(2);
          yield* moveOnAfter(1, made.next());
        })(),
      );
      yield* inner;
      const tried = yield* attempt((made as unknown as Stream<number>).next());
      expect(tried).toMatchObject({
        error: {
          message:
            'stream.buffer: the scope of this stream has ended, and its task with it. Make the stream in the scope that reads it, or in one that lives longer.',
        },
      });
    }),
  );

  test(
    'a stream that was made by a task which has ended is read in the scope around it',
    coroutineTest(function* () {
      function* open(): Operation<Stream<number>> {
        return stream([1, 2, 3]).buffer(2);
      }
      const [made] = yield* gather([open()]);
      expect(yield* made.collect()).toEqual([1, 2, 3]);
    }),
  );

  test('a stream that was made outside of tasks belongs to the run that reads it first', async () => {
    const made = stream([1, 2, 3]).buffer(2);
    expect(
      await runTest(function* () {
        const first = yield* spawn(take(made, 1));
        return [...first, ...(yield* made.collect())];
      }),
    ).toEqual([1, 2, 3]);
  });
});

describe('bad calls of streams', () => {
  test('what has not many values is refused with what to write', () => {
    const message = (input: unknown) => {
      try {
        stream(input as never);
      } catch (error) {
        return `${(error as Error).name}: ${(error as Error).message}`;
      }
      return 'nothing was thrown';
    };
    expect(message(Promise.resolve([1]))).toBe(
      'TypeError: stream takes what has many values, not a promise. Write `stream(yield* until(promise))` for what it brings.',
    );
    expect(message(new EventTarget())).toBe(
      'TypeError: stream takes the events of an emitter, not the emitter: write `stream(events(emitter, name))`.',
    );
    expect(message('text')).toMatch(/^TypeError: stream takes a source, with next\(\) and close\(\), not "text"\./);
    expect(message(undefined)).toMatch(/not undefined\./);
  });

  test(
    'an operation is told apart from a generator of values',
    coroutineTest(function* () {
      function* values(): Generator<number> {
        yield 1;
        yield 2;
      }
      expect(yield* stream(values()).collect()).toEqual([1, 2]);
      const message =
        'stream got an operation, which has one value. Give what has many: a source, an array, an async iterable.';
      function* waits(): Operation<void> {
        yield* sleep(1_000);
      }
      expect(() => stream(sleep(1) as unknown as Iterable<number>)).toThrow(message);
      const tried = yield* attempt(stream(waits() as unknown as Iterable<number>).next());
      expect(tried).toMatchObject({ error: { message } });
    }),
  );

  test('numbers that make no sense are refused at the call', () => {
    const numbers = stream([1]);
    expect(() => numbers.take(-1)).toThrow('stream.take takes a whole number of at least 0, not -1.');
    expect(() => numbers.drop(0.5)).toThrow('stream.drop takes a whole number of at least 0, not 0.5.');
    expect(() => numbers.buffer(0)).toThrow('stream.buffer takes a whole number of at least 1, not 0.');
    expect(() => numbers.debounce(Number.NaN)).toThrow('stream.debounce got NaN as a duration.');
    expect(() => numbers.throttle('1' as never)).toThrow('stream.throttle takes milliseconds as a number, not "1".');
    expect(() => numbers.throttle(1, { traling: true } as object)).toThrow("Did you mean 'trailing'?");
    expect(() => numbers.batch({})).toThrow(
      'stream.batch needs `size`, `ms` or both: without them a batch would never be complete.',
    );
    expect(() => numbers.batch({ size: 0 })).toThrow(/a whole number of at least 1, not 0/);
    expect(() => numbers.map(5 as never)).toThrow('stream.map takes a function, not 5.');
    expect(() => numbers.merge(5 as never)).toThrow(TypeError);
  });

  test(
    'a promise from a function of map is refused',
    coroutineTest(function* () {
      const tried = yield* attempt(
        stream([1])
          .map((n) => Promise.resolve(n))
          .next(),
      );
      expect(tried).toMatchObject({ error: { message: /^stream.map got a promise from its function/ } });
    }),
  );
});

test('types are inferred through the chain', () => {
  const numbers = stream([1, 2]);
  expectTypeOf(numbers).toEqualTypeOf<Stream<number>>();
  expectTypeOf(numbers.map((n) => `${n}`)).toEqualTypeOf<Stream<string>>();
  expectTypeOf(numbers.map((n) => sleep(1, `${n}`))).toEqualTypeOf<Stream<string>>();
  const inputs = (receiver: Receiver<Date>, iterable: AsyncIterable<Date>, readable: ReadableStream<Date>) => {
    expectTypeOf(stream(receiver)).toEqualTypeOf<Stream<Date>>();
    expectTypeOf(stream(iterable)).toEqualTypeOf<Stream<Date>>();
    expectTypeOf(stream(readable)).toEqualTypeOf<Stream<Date>>();
    expectTypeOf(stream(receiver).merge(readable, ['a'])).toEqualTypeOf<Stream<Date | string>>();
  };
  expect(typeof inputs).toBe('function');
  expectTypeOf(numbers.merge(['a'])).toEqualTypeOf<Stream<number | string>>();
  expectTypeOf(numbers.batch({ size: 2 })).toEqualTypeOf<Stream<number[]>>();
  expectTypeOf(numbers.collect()).toEqualTypeOf<Operation<number[]>>();
  const mixed = stream<string | number>(['a', 1]);
  expectTypeOf(mixed.filter((item) => typeof item === 'string')).toEqualTypeOf<Stream<string>>();
  // @ts-expect-error: a promise has one value
  expect(() => stream(Promise.resolve(1))).toThrow(TypeError);
  // @ts-expect-error: filter takes a function that says true or false
  numbers.filter((n) => n);
});

/** Readers that are cut off at random, while items come in: each item comes out once, in order. */
function* chaos(): Operation<void> {
  const { sender, receiver } = channel<number>(below(3));
  const operators: ((source: Stream<number>) => Stream<number>)[] = [
    (s) => s.map((n) => n),
    (s) => s.map((n) => sleep(below(3), n)),
    (s) => s.filter((n) => sleep(below(2), n >= 0)),
    (s) => s.buffer(1 + below(3)),
    (s) => s.merge([]),
    (s) => s.scan((_, n) => sleep(below(2), n), 0),
    (s) => s.distinct(),
    (s) => s.flatMap((n) => [n]),
    (s) => s.flatMap((n) => sleep(below(3), [n])),
    (s) => s.zip(endless(() => sleep(below(2), 'beside'))).map(([n]) => n),
    (s) => flatten(s.batch({ size: 1 + below(3) })),
    (s) => flatten(s.batch({ size: 1 + below(3), ms: below(4) })),
  ];
  let chain = stream(receiver);
  for (let i = below(4); i >= 0; i--) chain = (operators[below(operators.length)] as (typeof operators)[0])(chain);
  const got: number[] = [];
  function* read(): Operation<void> {
    for (;;) {
      const taken = yield* perhaps(chain.next());
      if (taken?.value.done) return;
      if (taken !== null) got.push((taken.value as IteratorYieldResult<number>).value);
      yield* pause();
    }
  }
  let next = 0;
  function* write(): Operation<void> {
    for (;;) {
      if ((yield* perhaps(sender.send(next))) !== null) next++;
      yield* pause();
    }
  }
  yield* gather([harassed(read, 60), harassed(write, 60)]);
  sender.close();
  got.push(...(yield* chain.collect()));
  expect(got).toEqual(Array.from({ length: next }, (_, i) => i));
}

/** A source without end. */
function endless<T>(make: () => Operation<T>): Source<T> {
  return {
    *next(): Operation<IteratorResult<T, void>> {
      return { done: false, value: yield* make() };
    },
    *close(): Operation<void> {},
  };
}

/** Undoes `batch`: needs no stream of its own, as each array stays in the hand of its reader. */
function flatten(batches: Stream<number[]>): Stream<number> {
  let rest: number[] = [];
  return stream({
    *next(): Operation<IteratorResult<number, void>> {
      while (rest.length === 0) {
        const r = yield* batches.next();
        if (r.done) return r;
        rest = [...r.value];
      }
      return { done: false, value: rest.shift() as number };
    },
    close: () => batches.close(),
  });
}

test('under random cancels of readers and writers every item comes out once, in order', () =>
  fc.assert(
    fc.asyncProperty(fc.integer(), (seed) => runTest(chaos, { seed })),
    { numRuns: 40 },
  ));
