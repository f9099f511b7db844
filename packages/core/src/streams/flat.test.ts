import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  acquire,
  attempt,
  defer,
  forEach,
  interval,
  moveOnAfter,
  now,
  type Operation,
  type Receiver,
  resource,
  run,
  type Source,
  type Stream,
  sleep,
  stream,
} from '../index.ts';
import { coroutineTest, runTest } from '../testing/index.ts';

/** A source of `count` numbers, one every `ms`, that says when it is opened and closed. */
function numbered(name: string, log: string[], ms: number, count: number): Source<string> {
  let no = 0;
  let closed = false;
  log.push(`${name} opened`);
  return {
    *next(): Operation<IteratorResult<string, void>> {
      if (closed || no === count) return { done: true, value: undefined };
      yield* sleep(ms);
      return { done: false, value: `${name}${++no}` };
    },
    *close(): Operation<void> {
      if (closed) return;
      closed = true;
      yield* sleep(1);
      log.push(`${name} closed`);
    },
  };
}

describe('flatMap', () => {
  test('is what flatMap of an array is, in order', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.array(fc.integer())), (lists) =>
        runTest(function* () {
          expect(
            yield* stream(lists)
              .flatMap((list) => [...list])
              .collect(),
          ).toEqual(lists.flat());
        }),
      ),
      { numRuns: 50 },
    ));

  test('with concurrency gives the same items, each list in its own order', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.nat({ max: 20 }), { maxLength: 5 }), { maxLength: 6 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer(),
        (lists, concurrency, seed) =>
          runTest(
            function* () {
              const numbers = lists.map((list, of) => list.map((ms, at) => ({ of, at, ms })));
              const got = yield* stream(numbers)
                .flatMap((list) => stream(list).map((item) => sleep(item.ms, item)), { concurrency })
                .collect();
              for (const [of, list] of numbers.entries()) expect(got.filter((item) => item.of === of)).toEqual(list);
              expect(got).toHaveLength(lists.flat().length);
            },
            { seed },
          ),
      ),
      { numRuns: 15 },
    ));

  test(
    'works on as many items at once as it says, and reads none before there is a slot for it',
    coroutineTest(function* () {
      const read: number[] = [];
      let most = 0;
      let working = 0;
      function* work(n: number): Operation<number[]> {
        most = Math.max(most, ++working);
        yield* sleep(10);
        working--;
        return [n];
      }
      const items = stream([1, 2, 3, 4, 5, 6, 7]).map((n) => {
        read.push(n);
        return n;
      });
      const flat = items.flatMap(work, { concurrency: 3 });
      expect(read).toEqual([]);
      expect((yield* flat.next()).value).toBe(1);
      expect(read.length).toBeLessThanOrEqual(4);
      expect(yield* flat.collect()).toEqual([2, 3, 4, 5, 6, 7]);
      expect([most, now()]).toEqual([3, 30]);
    }),
  );

  test(
    'with concurrency Infinity works on all at once',
    coroutineTest(function* () {
      const flat = stream([30, 10, 20]).flatMap((ms) => sleep(ms, [ms]), { concurrency: Number.POSITIVE_INFINITY });
      expect(yield* flat.collect()).toEqual([10, 20, 30]);
      expect(now()).toBe(30);
    }),
  );

  test(
    'closes every inner source when it was read, and those that are left when it is closed',
    coroutineTest(function* () {
      const log: string[] = [];
      const flat = stream(['a', 'b', 'c']).flatMap((name) => numbered(name, log, 10, name === 'a' ? 1 : 9), {
        concurrency: 2,
      });
      expect((yield* flat.next()).value).toBe('a1');
      expect((yield* flat.next()).value).toBe('b1');
      yield* sleep(5);
      expect(log).toEqual(['a opened', 'b opened', 'a closed', 'c opened']);
      yield* flat.close();
      expect(log.slice(4).toSorted()).toEqual(['b closed', 'c closed']);
    }),
  );

  test(
    'an error of an inner source, and of the function, is thrown itself and closes all',
    coroutineTest(function* () {
      const error = new Error('broken');
      for (const fails of ['function', 'source', 'operation']) {
        const log: string[] = [];
        const flat = stream(['a', 'x']).flatMap(
          (name): Operation<Source<string>> | Source<string> => {
            if (name === 'a') return numbered('a', log, 10, 9);
            if (fails === 'function') throw error;
            function* failing(): Operation<never> {
              yield* sleep(15);
              throw error;
            }
            return fails === 'operation' ? failing() : stream(['x']).map(failing);
          },
          { concurrency: 2 },
        );
        const tried = yield* attempt(flat.collect());
        expect(!tried.ok && tried.error).toBe(error);
        expect(log).toEqual(['a opened', 'a closed']);
        expect((yield* flat.next()).done).toBe(true);
      }
    }),
  );

  test(
    'what an operation opens is there while its items are read, and closed with them',
    coroutineTest(function* () {
      const log: string[] = [];
      const opened = (name: string) =>
        resource<string>(function* (provide) {
          log.push(`open ${name}`);
          yield* provide(name);
          log.push(`close ${name}`);
        });
      function* pages(name: string): Operation<Stream<string>> {
        const file = yield* acquire(opened(name));
        return stream([1, 2]).map((n) => sleep(1, `${file}${n}`));
      }
      const flat = stream(['a', 'b']).flatMap(pages);
      yield* forEach(flat, (page) => void log.push(page));
      expect(log).toEqual(['open a', 'a1', 'a2', 'close a', 'open b', 'b1', 'b2', 'close b']);
    }),
  );

  test(
    'a reader that is cancelled loses nothing',
    coroutineTest(function* () {
      const flat = stream([1, 2]).flatMap((n) => stream([n, n * 10]).map((m) => sleep(7, m)), { concurrency: 2 });
      const got: unknown[] = [];
      while (got.length < 4) {
        const moved = yield* moveOnAfter(3, flat.next());
        if (!moved.timedOut) got.push(moved.value.value);
      }
      expect(got.toSorted()).toEqual([1, 10, 2, 20]);
      expect((yield* flat.next()).done).toBe(true);
    }),
  );

  test('says what to return, and refuses wrong options', async () => {
    const flat = (item: unknown) =>
      run(() =>
        stream([item])
          .flatMap((x) => x as number[])
          .collect(),
      );
    await expect(flat(5)).rejects.toThrow(
      'What the function of stream.flatMap returns takes a source, with next() and close(), not 5.',
    );
    await expect(flat(Promise.resolve([1]))).rejects.toThrow('stream.flatMap got a promise from its function');
    const numbers = stream([1]);
    // @ts-expect-error: a number has not many values
    const mistaken = () => numbers.flatMap((n) => n + 1);
    expect(typeof mistaken).toBe('function');
    expect(() => numbers.flatMap((n) => [n], { concurrency: 0 })).toThrow(RangeError);
    // @ts-expect-error: a misspelt option
    expect(() => numbers.flatMap((n) => [n], { concurency: 2 })).toThrow("'concurrency'");
  });
});

describe('switchMap', () => {
  /** Items at given times. */
  function timed(items: readonly [number, string][]): Stream<string> {
    return stream(items).map(([at, item]) => sleep(at - now(), item));
  }

  test(
    'reads what the latest item became, and closes the one before first',
    coroutineTest(function* () {
      const log: string[] = [];
      const seen: unknown[] = [];
      const switched = timed([
        [0, 'a'],
        [25, 'b'],
        [100, 'c'],
      ]).switchMap((name) => numbered(name, log, 10, 3));
      yield* forEach(switched, (item) => void seen.push([item, now()]));
      expect(seen).toEqual([
        ['a1', 10],
        ['a2', 20],
        ['b1', 36],
        ['b2', 46],
        ['b3', 56],
        ['c1', 110],
        ['c2', 120],
        ['c3', 130],
      ]);
      expect(log).toEqual(['a opened', 'a closed', 'b opened', 'b closed', 'c opened', 'c closed']);
    }),
  );

  test(
    'cancels the operation of the item before, with its cleanup, and gives nothing of it afterwards',
    coroutineTest(function* () {
      const log: string[] = [];
      function* search(text: string): Operation<string[]> {
        defer(function* () {
          yield* sleep(2);
          log.push(`${text} cleaned up at ${now()}`);
        });
        yield* sleep(10);
        return [`found ${text}`];
      }
      const found = timed([
        [0, 'c'],
        [5, 'co'],
        [9, 'cor'],
      ]).switchMap(search);
      expect(yield* found.collect()).toEqual(['found cor']);
      expect(log).toEqual(['c cleaned up at 7', 'co cleaned up at 11', 'cor cleaned up at 23']);
    }),
  );

  test(
    'an error is thrown itself, and ends the stream',
    coroutineTest(function* () {
      const error = new Error('broken');
      const log: string[] = [];
      const switched = stream(numbered('n', log, 10, 9)).switchMap(() =>
        stream([1]).map(() => {
          throw error;
        }),
      );
      const tried = yield* attempt(switched.next());
      expect(!tried.ok && tried.error).toBe(error);
      expect(log).toEqual(['n opened', 'n closed']);
    }),
  );

  test(
    'closing it closes the source and what the latest item became',
    coroutineTest(function* () {
      const log: string[] = [];
      const switched = stream(numbered('n', log, 5, 1)).switchMap(() => numbered('inner', log, 10, 9));
      expect((yield* switched.next()).value).toBe('inner1');
      yield* switched.close();
      expect(log).toEqual(['n opened', 'inner opened', 'inner closed', 'n closed']);
      expect((yield* switched.next()).done).toBe(true);
    }),
  );

  test('ends with the scope in which it was made', async () => {
    const log: string[] = [];
    await runTest(function* () {
      const switched = stream(interval(5)).switchMap(() => numbered('inner', log, 1, 9));
      yield* switched.next();
    });
    expect(log.at(-1)).toBe('inner closed');
  });
});

test('types are inferred from what the function returns', () => {
  const numbers = stream([1, 2]);
  function* pages(n: number): Operation<Stream<string>> {
    yield* sleep(n);
    return stream(['a']);
  }
  expectTypeOf(numbers.flatMap((n) => [`${n}`])).toEqualTypeOf<Stream<string>>();
  expectTypeOf(numbers.flatMap(pages, { concurrency: 2 })).toEqualTypeOf<Stream<string>>();
  expectTypeOf(numbers.flatMap((n) => (n > 1 ? [n] : []))).toEqualTypeOf<Stream<number>>();
  const received = (dates: Receiver<Date>) => numbers.switchMap(() => dates);
  expectTypeOf(received).returns.toEqualTypeOf<Stream<Date>>();
  expectTypeOf(numbers.switchMap(pages)).toEqualTypeOf<Stream<string>>();
  expect(typeof received).toBe('function');
});
