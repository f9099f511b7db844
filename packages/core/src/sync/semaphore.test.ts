import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  attempt,
  gather,
  now,
  type Operation,
  Semaphore,
  select,
  sleep,
  spawn,
  tick,
  timeout,
  WouldBlockError,
} from '../index.ts';
import { below, pause, sabotaged, underManySeeds } from '../tasks/sabotage.fixture.ts';
import { coroutineTest } from '../testing/index.ts';
import { DISPOSE } from './dispose.ts';
import { testMeeting } from './meeting.fixture.ts';

function* using1(semaphore: Semaphore, ms: number, log: string[] = [], name = ''): Operation<void> {
  using _permit = yield* semaphore.acquire();
  log.push(name);
  yield* sleep(ms);
}

describe('Semaphore', () => {
  testMeeting('This semaphore', () => {
    const semaphore = new Semaphore(0);
    return {
      *pass(inside) {
        using _permit = yield* semaphore.acquire();
        yield* inside();
      },
      *letOn() {
        semaphore.release();
      },
      isIdle: () => semaphore.available === 1,
    };
  });

  test(
    'lets as many tasks in as it has permits, in the order in which they came',
    coroutineTest(function* () {
      const semaphore = new Semaphore(2);
      const log: string[] = [];
      yield* gather(['a', 'b', 'c', 'd'].map((name) => using1(semaphore, 10, log, name)));
      expect(log).toEqual(['a', 'b', 'c', 'd']);
      expect(now()).toBe(20);
      expect(semaphore.available).toBe(2);
    }),
  );

  test(
    'a permit goes to the one that waits longest, and is never free in between',
    coroutineTest(function* () {
      const semaphore = new Semaphore(1);
      const log: string[] = [];
      const permit = yield* semaphore.acquire();
      spawn(using1(semaphore, 0, log, 'waited'));
      yield* tick();
      permit[DISPOSE]();
      expect(semaphore.available).toBe(0);
      expect(() => semaphore.acquireNowait()).toThrow(WouldBlockError);
      yield* using1(semaphore, 0, log, 'came later');
      expect(log).toEqual(['waited', 'came later']);
    }),
  );

  test(
    'anybody may release, and without max the number of permits grows',
    coroutineTest(function* () {
      const semaphore = new Semaphore(0);
      const task = spawn(using1(semaphore, 0));
      yield* tick();
      semaphore.release();
      yield* task;
      semaphore.release();
      expect(semaphore.available).toBe(2);
    }),
  );

  test(
    'to dispose of a permit twice gives it back once',
    coroutineTest(function* () {
      const semaphore = new Semaphore(1);
      const permit = yield* semaphore.acquire();
      permit[DISPOSE]();
      permit[DISPOSE]();
      expect(semaphore.available).toBe(1);
    }),
  );

  test('with max, to release more than was acquired is an error that changes nothing', () => {
    const semaphore = new Semaphore(2, { max: 2 });
    expect(() => semaphore.release()).toThrow(
      'release() of a semaphore whose permits are all free (max 2): it was released more often than acquired.',
    );
    expect(() => semaphore.release()).toThrow(RangeError);
    expect(semaphore.available).toBe(2);
    semaphore.acquireNowait();
    semaphore.release();
    expect(semaphore.available).toBe(2);
  });

  test(
    'is a branch of select, which takes a permit only when it is chosen',
    coroutineTest(function* () {
      const empty = new Semaphore(0);
      const full = new Semaphore(1);
      const chosen = yield* select({ empty, full });
      expect(chosen.key).toBe('full');
      empty.release();
      expect([empty.available, full.available]).toEqual([1, 0]);
      chosen.value[DISPOSE]();
      expect(full.available).toBe(1);
    }),
  );

  test('acquireNowait takes a permit or says what to do', () => {
    const semaphore = new Semaphore(1);
    const permit = semaphore.acquireNowait();
    expect(semaphore.available).toBe(0);
    expect(() => semaphore.acquireNowait()).toThrow(
      'acquireNowait found no permit free. Wait for one with `yield* semaphore.acquire()`.',
    );
    permit[DISPOSE]();
    expect(semaphore.available).toBe(1);
  });

  test('numbers that make no sense are refused', () => {
    expect(() => new Semaphore(-1)).toThrow('new Semaphore takes a whole number of at least 0, not -1.');
    expect(() => new Semaphore(1.5)).toThrow('new Semaphore takes a whole number of at least 0, not 1.5.');
    expect(() => new Semaphore(Number.NaN)).toThrow(RangeError);
    // @ts-expect-error a number is needed
    expect(() => new Semaphore()).toThrow('new Semaphore takes a whole number, not undefined.');
    // @ts-expect-error a string is not a number
    expect(() => new Semaphore('3')).toThrow('new Semaphore takes a whole number, not "3".');
    expect(() => new Semaphore(3, { max: 2 })).toThrow(
      "new Semaphore: the option 'max' is 2, less than the 3 permits at the start. Give a larger `max`.",
    );
    expect(() => new Semaphore(0, { max: 0 })).toThrow(RangeError);
    // @ts-expect-error a typing mistake
    expect(() => new Semaphore(1, { mx: 2 })).toThrow("new Semaphore has no option 'mx'. Did you mean 'max'?");
  });

  test('no permit is lost or doubled, whatever is cancelled when', async () => {
    await underManySeeds(function* () {
      const permits = 1 + below(3);
      const semaphore = new Semaphore(permits, { max: permits });
      let inside = 0;
      function* seated(permit: Disposable): Operation<void> {
        using _held = permit;
        expect(++inside).toBeLessThanOrEqual(permits);
        try {
          yield* pause();
        } finally {
          inside--;
        }
      }
      function* byAcquire(): Operation<void> {
        yield* seated(yield* semaphore.acquire());
      }
      function* bySelect(): Operation<void> {
        const { value } = yield* select({ semaphore });
        yield* seated(value);
      }
      function* worker(): Operation<void> {
        for (let i = 0; i < 4; i++) {
          yield* pause();
          const way = below(2) === 0 ? byAcquire : bySelect;
          if (below(3) === 0) yield* attempt(timeout(below(4), way()));
          else yield* way();
        }
      }
      yield* sabotaged(Array.from({ length: 8 }, () => worker));
      expect(inside).toBe(0);
      expect(semaphore.available).toBe(permits);
    });
  });

  test('acquire gives something disposable', () => {
    expectTypeOf(new Semaphore(1).acquire()).toEqualTypeOf<Operation<Disposable>>();
  });
});
