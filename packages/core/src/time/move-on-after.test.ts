import { describe, expect, expectTypeOf, test } from 'vitest';
import { attempt, defer, forever, group, moveOnAfter, now, type Operation, sleep, spawn, tick } from '../index.ts';
import { coroutineTest } from '../testing/index.ts';
import type { Moved } from './move-on-after.ts';

describe('moveOnAfter', () => {
  test(
    'gives the value of an operation that ends in time',
    coroutineTest(function* () {
      expect(yield* moveOnAfter(10, sleep(5, 'value'))).toEqual({ timedOut: false, value: 'value' });
      expect(now()).toBe(5);
    }),
  );

  test(
    'goes on without an error at the deadline, after the cleanup of the body',
    coroutineTest(function* () {
      const log: string[] = [];
      function* body(): Operation<string> {
        try {
          return yield* forever();
        } finally {
          yield* sleep(5);
          log.push('cleaned up');
        }
      }
      expect(yield* moveOnAfter(10, body())).toEqual({ timedOut: true, value: undefined });
      expect(log).toEqual(['cleaned up']);
      expect(now()).toBe(15);
    }),
  );

  test(
    'an outer deadline and an outside cancel go through it',
    coroutineTest(function* () {
      const log: string[] = [];
      function* inner(): Operation<void> {
        yield* moveOnAfter(50, forever());
        log.push('never');
      }
      expect(yield* moveOnAfter(10, inner())).toEqual({ timedOut: true, value: undefined });
      const task = spawn(moveOnAfter(50, forever()));
      yield* tick();
      yield* task.cancel();
      expect(task.status).toBe('cancelled');
      expect(log).toEqual([]);
    }),
  );

  test(
    'an error of the body is thrown as it is',
    coroutineTest(function* () {
      const error = new Error('mine');
      function* failing(): Operation<void> {
        yield* sleep(1);
        throw error;
      }
      expect(yield* attempt(moveOnAfter(10, failing()))).toEqual({ ok: false, error });
    }),
  );

  test(
    'the error of a cleanup that the runtime runs is kept together with the timeout',
    coroutineTest(function* () {
      const error = new Error('cleanup');
      const tried = yield* attempt(
        moveOnAfter(10, () =>
          group(function* () {
            defer(() => {
              throw error;
            });
            yield* forever();
          }),
        ),
      );
      expect(tried).toMatchObject({
        ok: false,
        error: { name: 'SuppressedError', error, suppressed: { name: 'TimeoutError' } },
      });
    }),
  );

  test(
    'gives its body the deadline, to look at and to move',
    coroutineTest(function* () {
      const moved = yield* moveOnAfter(10, function* (deadline) {
        deadline.reschedule(30);
        return yield* sleep(20, 'value');
      });
      expect(moved).toEqual({ timedOut: false, value: 'value' });
    }),
  );

  test(
    'takes a Date; Infinity sets no deadline, negative is due at the first wait',
    coroutineTest(function* () {
      expect((yield* moveOnAfter(new Date(20), forever())).timedOut).toBe(true);
      expect(now()).toBe(20);
      expect((yield* moveOnAfter(Number.POSITIVE_INFINITY, sleep(5))).timedOut).toBe(false);
      expect((yield* moveOnAfter(-1, tick())).timedOut).toBe(true);
    }),
  );

  test('bad input is refused at the call', () => {
    expect(() => moveOnAfter(Number.NaN, tick())).toThrow(
      'moveOnAfter got NaN as a duration. Give milliseconds, or Infinity for never.',
    );
    // @ts-expect-error null is not a duration
    expect(() => moveOnAfter(null, tick())).toThrow('moveOnAfter takes milliseconds as a number, not null.');
  });

  test('timedOut tells whether there is a value', () => {
    expectTypeOf(moveOnAfter(1, sleep(1, 'a'))).toEqualTypeOf<Operation<Moved<string>>>();
    const moved = {} as Moved<string>;
    if (moved.timedOut === false) expectTypeOf(moved.value).toEqualTypeOf<string>();
  });
});

test(
  'a loop over deadlines that are due at once gives other tasks their turns',
  coroutineTest(function* () {
    let turns = 0;
    const busy = spawn(function* () {
      for (;;) yield* moveOnAfter(0, ++turns % 2 === 0 ? tick() : forever());
    });
    yield* tick();
    yield* tick();
    expect(turns).toBeGreaterThan(1);
    yield* busy.cancel();
  }),
);
