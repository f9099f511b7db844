import { expect, expectTypeOf, test } from 'vitest';
import { attempt, interval, moveOnAfter, now, type Source, sleep, spawn, tick } from '../index.ts';
import { coroutineTest } from '../testing/index.ts';

test(
  'ticks come on the grid of the first next, numbered from 0, however long the work takes',
  coroutineTest(function* () {
    const ticks = interval(10);
    const seen: unknown[] = [];
    yield* sleep(5);
    for (let i = 0; i < 4; i++) {
      const r = yield* ticks.next();
      seen.push([r.value, now()]);
      yield* sleep(7);
    }
    expect(seen).toEqual([
      [0, 15],
      [1, 25],
      [2, 35],
      [3, 45],
    ]);
  }),
);

test(
  'a reader that comes late gets the latest tick at once and then waits for the next on the grid',
  coroutineTest(function* () {
    const ticks = interval(10);
    expect((yield* ticks.next()).value).toBe(0);
    yield* sleep(25);
    expect([(yield* ticks.next()).value, now()]).toEqual([2, 35]);
    expect([(yield* ticks.next()).value, now()]).toEqual([3, 40]);
  }),
);

test(
  'a next that is cancelled loses no tick',
  coroutineTest(function* () {
    const ticks = interval(10);
    expect((yield* moveOnAfter(5, ticks.next())).timedOut).toBe(true);
    expect([(yield* ticks.next()).value, now()]).toEqual([0, 10]);
  }),
);

test(
  'closing ends who waits, and then every next',
  coroutineTest(function* () {
    const ticks = interval(10);
    const waiting = spawn(ticks.next());
    yield* tick();
    yield* ticks.close();
    ticks.close();
    expect(yield* waiting).toEqual({ done: true, value: undefined });
    expect(yield* ticks.next()).toEqual({ done: true, value: undefined });
    expect(now()).toBe(0);
  }),
);

test(
  'a second reader at the same time is refused',
  coroutineTest(function* () {
    const ticks = interval(10);
    const first = spawn(ticks.next());
    yield* tick();
    const second = yield* attempt(ticks.next());
    expect(second).toMatchObject({
      error: {
        message:
          'interval(10): next() was called while another next() of it is waiting. A source has one reader at a time: wait for the first with `yield* source.next()`, or give each reader an interval of its own.',
      },
    });
    expect((yield* first).value).toBe(0);
  }),
);

test(
  'no time ticks at every next, and Infinity never does',
  coroutineTest(function* () {
    const always = interval(0);
    expect([yield* always.next(), yield* always.next()].map((r) => r.value)).toEqual([0, 1]);
    expect((yield* moveOnAfter(1_000, interval(Number.POSITIVE_INFINITY).next())).timedOut).toBe(true);
  }),
);

test('a value that is not a duration is refused at the call', () => {
  expect(() => interval(Number.NaN)).toThrow('interval got NaN as a duration.');
  expectTypeOf(interval(1)).toEqualTypeOf<Source<number>>();
});
