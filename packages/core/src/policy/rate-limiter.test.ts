import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { harassed } from '../channels/chaos.fixture.ts';
import {
  gather,
  moveOnAfter,
  now,
  type Operation,
  type RateLimiter,
  rateLimiter,
  Scheduler,
  sleep,
  spawn,
} from '../index.ts';
import { below, pause } from '../tasks/sabotage.fixture.ts';
import { coroutineTest, runTest } from '../testing/index.ts';

function* times(limiter: RateLimiter, count: number, n = 1): Operation<number[]> {
  const at: number[] = [];
  for (let i = 0; i < count; i++) {
    yield* limiter.acquire(n);
    at.push(now());
  }
  return at;
}

describe('a rate limiter', () => {
  test(
    'lets a burst pass and then keeps the pace, to the millisecond',
    coroutineTest(function* () {
      expect(yield* times(rateLimiter({ permits: 2, per: 100 }), 5)).toEqual([0, 0, 50, 100, 150]);
    }),
  );

  test(
    'with a burst of 1 keeps an even pace',
    coroutineTest(function* () {
      expect(yield* times(rateLimiter({ permits: 4, per: 100, burst: 1 }), 4)).toEqual([0, 25, 50, 75]);
    }),
  );

  test(
    'saves up no more than its burst',
    coroutineTest(function* () {
      const limiter = rateLimiter({ permits: 10, per: 100, burst: 3 });
      expect(yield* times(limiter, 4)).toEqual([0, 0, 0, 10]);
      yield* sleep(990);
      expect(yield* times(limiter, 5)).toEqual([1_000, 1_000, 1_000, 1_010, 1_020]);
    }),
  );

  test(
    'does not drift where a permit takes no whole number of milliseconds',
    coroutineTest(function* () {
      const limiter = rateLimiter({ permits: 3, per: 1_000, burst: 1 });
      const at = yield* times(limiter, 3_001);
      expect(at[3_000]).toBe(1_000_000);
      expect(at[300]).toBe(100_000);
    }),
  );

  test(
    'serves in order of arrival: few permits do not overtake many',
    coroutineTest(function* () {
      const limiter = rateLimiter({ permits: 10, per: 100 });
      yield* limiter.acquire(10);
      const log: string[] = [];
      function* user(name: string, n: number): Operation<void> {
        yield* limiter.acquire(n);
        log.push(`${name} at ${now()}`);
      }
      yield* gather([user('many', 8), user('few', 1), user('some', 4)]);
      expect(log).toEqual(['many at 80', 'few at 90', 'some at 130']);
    }),
  );

  test(
    'gives the turn of a call that is cancelled to the next, and takes nothing for it',
    coroutineTest(function* () {
      const limiter = rateLimiter({ permits: 10, per: 100 });
      yield* limiter.acquire(10);
      const first = spawn(moveOnAfter(30, limiter.acquire(10)));
      yield* sleep(1);
      const second = spawn(times(limiter, 1));
      const third = spawn(times(limiter, 1));
      expect((yield* first).timedOut).toBe(true);
      expect([yield* second, yield* third]).toEqual([[30], [30]]);
      yield* limiter.acquire(2);
      expect(now()).toBe(40);
    }),
  );

  test(
    'leaves no timer when the last one waiting is cancelled',
    coroutineTest(function* () {
      const limiter = rateLimiter({ permits: 1, per: 10_000 });
      yield* limiter.acquire();
      yield* moveOnAfter(5, limiter.acquire());
      expect(now()).toBe(5);
    }),
  );

  test('calls that make no sense are refused', async () => {
    const message = (options: unknown) => {
      try {
        rateLimiter(options as never);
      } catch (error) {
        return `${(error as Error).name}: ${(error as Error).message}`;
      }
      return 'nothing was thrown';
    };
    expect(message({ permits: 0, per: 1 })).toBe(
      'RangeError: rateLimiter: permits takes a whole number of at least 1, not 0.',
    );
    expect(message({ per: 1 })).toBe('TypeError: rateLimiter: permits takes a whole number, not undefined.');
    expect(message({ permits: 1, per: 0 })).toBe('RangeError: rateLimiter: per takes milliseconds above 0, not 0.');
    expect(message({ permits: 1 })).toBe('RangeError: rateLimiter: per takes milliseconds above 0, not undefined.');
    expect(message({ permits: 1, per: Number.NaN })).toMatch(/got NaN as a duration/);
    expect(message({ permits: 1, per: 1, burst: 0.5 })).toBe(
      'RangeError: rateLimiter: burst takes a whole number of at least 1, not 0.5.',
    );
    expect(message({ permit: 1, per: 1 })).toMatch(/has no option 'permit'. Did you mean 'permits'\?/);
    const limiter = rateLimiter({ permits: 5, per: 100 });
    expect(() => limiter.acquire(6)).toThrow(
      'rateLimiter.acquire takes at most as many permits as the burst of 5, not 6. Give a larger `burst`, or take them in parts.',
    );
    expect(() => limiter.acquire(0)).toThrow('rateLimiter.acquire takes a whole number of at least 1, not 0.');
    await new Scheduler().run(() => limiter.acquire());
    await expect(new Scheduler().run(() => limiter.acquire())).rejects.toThrow(/This rate limiter belongs to another/);
  });
});

/** Users that are cut off at random: in no stretch of time more passes than the burst and what was earned meanwhile. */
function* chaos(): Operation<void> {
  const permits = 1 + below(5);
  const per = 1 + below(20);
  const burst = 1 + below(6);
  const limiter = rateLimiter({ permits, per, burst });
  const given: { at: number; n: number }[] = [];
  function* user(): Operation<void> {
    for (;;) {
      const n = 1 + below(burst);
      const moved = yield* moveOnAfter(below(30), limiter.acquire(n));
      if (!moved.timedOut) given.push({ at: now(), n });
      yield* pause();
    }
  }
  yield* gather([1, 2, 3, 4].map(() => harassed(user, 80)));
  for (const [i, first] of given.entries()) {
    let sum = 0;
    for (const { at, n } of given.slice(i)) {
      sum += n;
      expect(sum).toBeLessThanOrEqual(burst + ((at - first.at) * permits) / per + 1e-6);
    }
  }
  // Who was cancelled has taken nothing: after a full pause the whole burst is there.
  yield* sleep((burst * per) / permits);
  const before = now();
  yield* limiter.acquire(burst);
  expect(now()).toBe(before);
}

test('under random cancels never lets more pass than it may, and loses no permit', () =>
  fc.assert(
    fc.asyncProperty(fc.integer(), (seed) => runTest(chaos, { seed })),
    { numRuns: 40 },
  ));
