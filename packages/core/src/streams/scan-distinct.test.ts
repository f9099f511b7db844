import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { attempt, moveOnAfter, type Operation, run, type Stream, sleep, spawn, stream } from '../index.ts';
import { coroutineTest, runTest } from '../testing/index.ts';

describe('scan', () => {
  test('gives every state, and is what a loop over an array gives', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.integer()), fc.integer(), async (items, initial) => {
        const states = await run(() =>
          stream(items)
            .scan((sum, n) => sum * 31 + n, initial)
            .collect(),
        );
        let state = initial;
        expect(states).toEqual(items.map((n) => (state = state * 31 + n)));
      }),
      { numRuns: 50 },
    ));

  test(
    'takes operations; a reader that is cancelled meanwhile leaves the state to the next one',
    coroutineTest(function* () {
      const sums = stream([1, 2, 3]).scan((sum, n) => sleep(10, sum + n), 100);
      expect((yield* moveOnAfter(4, sums.next())).timedOut).toBe(true);
      expect(yield* sums.collect()).toEqual([101, 103, 106]);
    }),
  );

  test(
    'ends with the error of its function',
    coroutineTest(function* () {
      const error = new Error('bad item');
      const sums = stream([1, 2]).scan((sum, n) => {
        if (n === 2) throw error;
        return sum + n;
      }, 0);
      expect((yield* sums.next()).value).toBe(1);
      expect(yield* attempt(sums.next())).toEqual({ ok: false, error });
      expect((yield* sums.next()).done).toBe(true);
    }),
  );

  test('says that it needs a first state, which may be undefined', async () => {
    const numbers = stream([1]);
    // @ts-expect-error: the first state is missing
    expect(() => numbers.scan((sum) => sum)).toThrow('takes the state before the first item behind its function');
    expect(
      await run(() => numbers.scan((state: number | undefined, n) => (state ?? 5) + n, undefined).collect()),
    ).toEqual([6]);
  });
});

describe('distinct', () => {
  test('gives what a Set of the keys gives', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 20 })), fc.integer({ min: 1, max: 5 }), async (items, by) => {
        expect(await run(() => stream(items).distinct().collect())).toEqual([...new Set(items)]);
        const firsts = items.filter((n, at) => items.findIndex((m) => m % by === n % by) === at);
        expect(
          await run(() =>
            stream(items)
              .distinct((n) => n % by)
              .collect(),
          ),
        ).toEqual(firsts);
      }),
      { numRuns: 50 },
    ));

  test(
    'takes keys that take time, and never runs an item that is an operation',
    coroutineTest(function* () {
      const names = stream(['a', 'B', 'A', 'b', 'c']).distinct((name) => sleep(1, name.toLowerCase()));
      expect(yield* names.collect()).toEqual(['a', 'B', 'c']);
      const task = spawn(sleep(10));
      const [first, ...others] = yield* stream([task, task]).distinct().collect();
      expect(first === task && others.length === 0 && !task.done).toBe(true);
    }),
  );

  test('two values that are the same to a Set are one: NaN, and both zeros', () =>
    runTest(function* () {
      expect(yield* stream([Number.NaN, 0, -0, Number.NaN]).distinct().collect()).toEqual([Number.NaN, 0]);
    }));
});

test('types are inferred', () => {
  const numbers = stream([1, 2]);
  expectTypeOf(numbers.scan((all, n) => `${all}${n}`, '')).toEqualTypeOf<Stream<string>>();
  expectTypeOf(numbers.scan((sum, n) => sleep(1, sum + n), 0)).toEqualTypeOf<Stream<number>>();
  expectTypeOf(numbers.distinct()).toEqualTypeOf<Stream<number>>();
  expectTypeOf(numbers.distinct((n) => sleep(1, n)).collect()).toEqualTypeOf<Operation<number[]>>();
  // @ts-expect-error: a number has no name
  numbers.distinct((n) => n.name);
});
