import { describe, expect, test } from 'vitest';
import {
  attempt,
  Barrier,
  BrokenBarrierError,
  EventFlag,
  forever,
  gather,
  now,
  type Operation,
  race,
  select,
  sleep,
  spawn,
  tick,
  timeout,
} from '../index.ts';
import { below, pause, sabotaged, underManySeeds } from '../tasks/sabotage.fixture.ts';
import { coroutineTest } from '../testing/index.ts';
import { testMeeting } from './meeting.fixture.ts';

describe('Barrier', () => {
  testMeeting('This barrier', (waiting) => {
    const barrier = new Barrier(waiting + 1);
    return {
      *pass(inside) {
        yield* barrier.wait();
        yield* inside();
      },
      *letOn() {
        yield* barrier.wait();
      },
      isIdle: () => barrier.waiting === 0,
    };
  });

  test(
    'lets all go on when the last one comes, each with a number of its own, in the order in which they came',
    coroutineTest(function* () {
      const barrier = new Barrier(3);
      function* arriving(ms: number): Operation<[number, number]> {
        yield* sleep(ms);
        return [yield* barrier.wait(), now()];
      }
      expect(yield* gather([arriving(20), arriving(10), arriving(30)])).toEqual([
        [1, 30],
        [0, 30],
        [2, 30],
      ]);
    }),
  );

  test(
    'begins the next round at once',
    coroutineTest(function* () {
      const barrier = new Barrier(2);
      function* rounds(): Operation<number[]> {
        const numbers: number[] = [];
        for (let i = 0; i < 3; i++) numbers.push(yield* barrier.wait());
        return numbers;
      }
      const both = yield* gather([rounds(), rounds()]);
      expect(both.map((numbers) => numbers.length)).toEqual([3, 3]);
      expect(both.flat().filter((number) => number === 0)).toHaveLength(3);
      expect(barrier.waiting).toBe(0);
    }),
  );

  test(
    'of one party it never waits',
    coroutineTest(function* () {
      expect(yield* new Barrier(1).wait()).toBe(0);
    }),
  );

  test(
    'tells how many it takes and how many wait',
    coroutineTest(function* () {
      const barrier = new Barrier(3);
      spawn(barrier.wait(), { daemon: true });
      spawn(barrier.wait(), { daemon: true });
      yield* tick();
      expect([barrier.parties, barrier.waiting, barrier.broken]).toEqual([3, 2, false]);
    }),
  );

  test(
    'a cancelled task leaves: the others wait for the full number, and the numbers are still their own',
    coroutineTest(function* () {
      const barrier = new Barrier(3);
      const first = spawn(barrier.wait());
      const second = spawn(barrier.wait());
      yield* tick();
      yield* first.cancel();
      expect(barrier.waiting).toBe(1);
      expect(yield* attempt(timeout(5, barrier.wait()))).toMatchObject({ ok: false, error: { name: 'TimeoutError' } });
      const third = spawn(barrier.wait());
      yield* tick();
      expect(yield* barrier.wait()).toBe(2);
      expect([yield* second, yield* third]).toEqual([0, 1]);
      expect(barrier.broken).toBe(false);
    }),
  );

  test(
    'reset turns away all that wait, and it goes on as new',
    coroutineTest(function* () {
      const barrier = new Barrier(2);
      const waiting = spawn(attempt(barrier.wait()));
      yield* tick();
      barrier.reset();
      const tried = yield* waiting;
      expect(tried).toMatchObject({
        ok: false,
        error: {
          name: 'BrokenBarrierError',
          message: 'The barrier was reset while tasks waited at it. Let all of them come again.',
        },
      });
      expect(barrier.broken).toBe(false);
      barrier.reset();
      expect(yield* gather([barrier.wait(), barrier.wait()])).toEqual([0, 1]);
    }),
  );

  test(
    'abort turns away all that wait and all that come, until it is reset',
    coroutineTest(function* () {
      const barrier = new Barrier(2);
      const waiting = spawn(attempt(barrier.wait()));
      yield* tick();
      barrier.abort();
      barrier.abort();
      expect(barrier.broken).toBe(true);
      const tried = yield* waiting;
      expect(tried.ok ? undefined : tried.error).toBeInstanceOf(BrokenBarrierError);
      expect(yield* attempt(barrier.wait())).toMatchObject({
        ok: false,
        error: {
          name: 'BrokenBarrierError',
          message: 'The barrier was aborted: nobody can wait at it until it is reset.',
        },
      });
      barrier.reset();
      expect(yield* gather([barrier.wait(), barrier.wait()])).toEqual([0, 1]);
    }),
  );

  test(
    'is a branch of select, and no party any more when another branch was chosen',
    coroutineTest(function* () {
      const barrier = new Barrier(2);
      const flag = new EventFlag();
      const chosen = spawn(select({ barrier, flag }));
      yield* tick();
      expect(barrier.waiting).toBe(1);
      flag.set();
      yield* chosen;
      expect(barrier.waiting).toBe(0);
      const both = spawn(select({ barrier, never: new EventFlag() }));
      yield* tick();
      expect(yield* barrier.wait()).toBe(1);
      expect(yield* both).toEqual({ key: 'barrier', value: 0 });
    }),
  );

  test('a number of parties that makes no sense is refused', () => {
    expect(() => new Barrier(0)).toThrow('new Barrier takes a whole number of at least 1, not 0.');
    expect(() => new Barrier(1.5)).toThrow(RangeError);
    // @ts-expect-error a number is needed
    expect(() => new Barrier()).toThrow('new Barrier takes a whole number, not undefined.');
  });

  test('every round gives every number once, whatever is cancelled when', async () => {
    await underManySeeds(function* () {
      const parties = 1 + below(4);
      const barrier = new Barrier(parties);
      const given = Array.from({ length: parties }, () => 0);
      function* worker(): Operation<void> {
        for (;;) {
          yield* pause();
          yield* tick();
          const index = below(4) === 0 ? yield* perhaps() : yield* barrier.wait();
          if (index !== undefined) given[index] = (given[index] ?? 0) + 1;
        }
      }
      function* perhaps(): Operation<number | undefined> {
        const tried = yield* attempt(timeout(below(3), barrier.wait()));
        return tried.ok ? tried.value : undefined;
      }
      yield* race([sabotaged(Array.from({ length: 6 }, () => worker)), sleep(20), forever()]);
      expect(new Set(given).size).toBe(1);
      expect(barrier.waiting).toBe(0);
    });
  });
});
