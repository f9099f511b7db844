import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  attempt,
  Future,
  gather,
  type Operation,
  run,
  select,
  sleep,
  spawn,
  tick,
  timeout,
  WouldBlockError,
} from '../index.ts';
import { below, pause, sabotaged, underManySeeds } from '../tasks/sabotage.fixture.ts';
import { coroutineTest } from '../testing/index.ts';
import { testMeeting } from './meeting.fixture.ts';

function* take<T>(future: Future<T>): Operation<T> {
  return yield* future;
}

describe('Future', () => {
  testMeeting('This future', () => {
    const future = new Future<void>();
    return {
      *pass(inside) {
        yield* future;
        yield* inside();
      },
      *letOn() {
        expect(future.done).toBe(false);
        future.resolve();
      },
      isIdle: () => future.done,
    };
  });

  test(
    'gives its value to all that wait, and to all that come later',
    coroutineTest(function* () {
      const future = new Future<string>();
      const waiting = [spawn(take(future)), spawn(take(future))];
      yield* tick();
      future.resolve('value');
      expect(yield* gather(waiting)).toEqual(['value', 'value']);
      expect(yield* future).toBe('value');
      expect(yield* future).toBe('value');
    }),
  );

  test(
    'throws its error, the very same, in all that wait, and in all that come later',
    coroutineTest(function* () {
      const future = new Future<string>();
      const error = new Error('mine');
      const waiting = spawn(attempt(future));
      yield* tick();
      future.reject(error);
      expect(yield* waiting).toEqual({ ok: false, error });
      const tried = yield* attempt(future);
      expect(tried.ok ? undefined : tried.error).toBe(error);
    }),
  );

  test(
    'a value is handed over as it is: no promise and no operation in it is waited for',
    coroutineTest(function* () {
      const promise = Promise.resolve(1);
      const future = new Future<Promise<number>>();
      future.resolve(promise);
      expect(yield* future).toBe(promise);
    }),
  );

  test('may be resolved by the host', async () => {
    const future = new Future<string>();
    const result = run(future);
    queueMicrotask(() => future.resolve('from a callback'));
    expect(await result).toBe('from a callback');
  });

  test('tells whether it is done, and gives its result without waiting', () => {
    const future = new Future<number>();
    expect(future.done).toBe(false);
    expect(() => future.result()).toThrow(WouldBlockError);
    expect(() => future.result()).toThrow('result() of a future that is not done. Wait for it with `yield* future`.');
    future.resolve(1);
    expect(future.done).toBe(true);
    expect(future.result()).toBe(1);
    const error = new Error('mine');
    const rejected = new Future<number>();
    rejected.reject(error);
    expect(() => rejected.result()).toThrow(error);
  });

  test('can be resolved or rejected once; later attempts are errors that change nothing', () => {
    const future = new Future<number>();
    future.resolve(1);
    expect(() => future.resolve(2)).toThrow(
      'resolve() on a future that was resolved already. Look at `future.done` first.',
    );
    expect(() => future.reject(new Error('late'))).toThrow('reject() on a future that was resolved already.');
    expect(future.result()).toBe(1);
    const rejected = new Future<number>();
    rejected.reject(new Error('mine'));
    expect(() => rejected.resolve(1)).toThrow('resolve() on a future that was rejected already.');
    expect(() => rejected.result()).toThrow('mine');
  });

  test(
    'is a branch of select',
    coroutineTest(function* () {
      const first = new Future<string>();
      const second = new Future<number>();
      const chosen = spawn(select({ first, second }));
      yield* tick();
      second.resolve(2);
      expect(yield* chosen).toEqual({ key: 'second', value: 2 });
      first.reject(new Error('mine'));
      expect(yield* attempt(select({ first }))).toMatchObject({ ok: false, error: { message: 'mine' } });
    }),
  );

  test('every task that waits gets the value once, or was cancelled', async () => {
    await underManySeeds(function* () {
      const future = new Future<number>();
      let got = 0;
      let done = 0;
      function* worker(): Operation<void> {
        yield* pause();
        if (below(3) === 0) {
          if ((yield* attempt(timeout(below(4), future))).ok) got++;
          yield* pause();
        } else if (below(2) === 0) {
          expect((yield* select({ future })).value).toBe(7);
          got++;
        } else {
          expect(yield* future).toBe(7);
          got++;
        }
        done++;
      }
      function* resolver(): Operation<void> {
        yield* sleep(3);
        future.resolve(7);
      }
      const end = spawn(resolver());
      const ended = yield* sabotaged(Array.from({ length: 8 }, () => worker));
      yield* end;
      expect(ended).toBeLessThanOrEqual(done);
      expect(got).toBeLessThanOrEqual(8);
    });
  });

  test('is typed by its value', () => {
    expectTypeOf(take(new Future<string>())).toEqualTypeOf<Operation<string>>();
    expectTypeOf<ReturnType<Future<string>['result']>>().toEqualTypeOf<string>();
    // @ts-expect-error a string is not a number
    new Future<number>().resolve('1');
  });
});
