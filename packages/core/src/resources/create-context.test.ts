import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  attempt,
  createContext,
  createScope,
  gather,
  group,
  NotInTaskError,
  type Operation,
  run,
  sleep,
  spawn,
  tick,
  timeout,
} from '../index.ts';
import { coroutineTest, runTest } from '../testing/index.ts';

const color = createContext('none');
const size = createContext<number | undefined>(undefined);

function* read(ms = 0): Operation<string> {
  yield* sleep(ms);
  return color.get();
}

describe('createContext', () => {
  test('gives the initial value where none was set, and outside of every task', async () => {
    expect(color.get()).toBe('none');
    expect(await runTest(read)).toBe('none');
  });

  test(
    'set changes the value for the rest of the task',
    coroutineTest(function* () {
      color.set('red');
      yield* sleep(10);
      expect(yield* read()).toBe('red');
      color.set('blue');
      expect(color.get()).toBe('blue');
    }),
  );

  test('a task sees the values of the moment when it was spawned', async () => {
    await runTest(function* () {
      color.set('red');
      const task = spawn(read(10));
      color.set('blue');
      expect(yield* task).toBe('red');
    });
  });

  test(
    'what a task sets reaches neither the task that spawned it nor a sibling',
    coroutineTest(function* () {
      color.set('red');
      const seen = yield* gather([
        (function* () {
          color.set('blue');
          yield* sleep(10);
          return color.get();
        })(),
        read(5),
      ]);
      expect(seen).toEqual(['blue', 'red']);
      expect(color.get()).toBe('red');
    }),
  );

  test(
    'a task spawned into a group by another task sees the values of the one that spawns',
    coroutineTest(function* () {
      yield* group(function* (g) {
        color.set('home');
        const child = g.spawn(function* () {
          color.set('spawner');
          return yield* g.spawn(read());
        });
        expect(yield* child).toBe('spawner');
      });
    }),
  );

  test(
    'a branch that starts late sees the values of the caller, not of the branch before it',
    coroutineTest(function* () {
      function* painting(): Operation<string> {
        const seen = color.get();
        color.set('paint');
        yield* tick();
        return seen;
      }
      color.set('clean');
      expect(yield* gather([painting(), painting()], { concurrency: 1 })).toEqual(['clean', 'clean']);
    }),
  );

  test(
    'with changes the value for one operation and puts the old one back',
    coroutineTest(function* () {
      expect(yield* color.with('red', read(5))).toBe('red');
      expect(color.get()).toBe('none');
      color.set('blue');
      expect(yield* color.with('red', color.with('green', read(5)))).toBe('green');
      expect(color.get()).toBe('blue');
    }),
  );

  test(
    'with puts the old value back after an error and after a deadline, and leaves other variables alone',
    coroutineTest(function* () {
      function* broken(): Operation<never> {
        size.set(3);
        yield* tick();
        throw new Error('broken');
      }
      yield* attempt(color.with('red', broken()));
      expect(color.get()).toBe('none');
      expect(size.get()).toBe(3);
      yield* attempt(timeout(5, color.with('red', sleep(10))));
      expect(color.get()).toBe('none');
    }),
  );

  test(
    'with reaches the tasks that are spawned inside of it, for all their life',
    coroutineTest(function* () {
      function* spawning(): Operation<() => Operation<string>> {
        const task = spawn(read(20));
        yield* tick();
        return () => task;
      }
      const join = yield* color.with('red', spawning());
      expect(color.get()).toBe('none');
      expect(yield* join()).toBe('red');
    }),
  );

  test(
    'undefined is a value like any other',
    coroutineTest(function* () {
      size.set(5);
      expect(yield* size.with(undefined, attempt(tick()))).toEqual({ ok: true, value: undefined });
      size.set(undefined);
      expect(size.get()).toBeUndefined();
    }),
  );

  test('two runs do not see each other, nor do the runs of one scope', async () => {
    await run(function* () {
      color.set('one');
      yield* tick();
    });
    const scope = createScope();
    await scope.run(function* () {
      color.set('two');
      yield* tick();
    });
    expect(await scope.run(read)).toBe('none');
    await scope.close();
  });

  test('set outside of a task is an error, with outside of a task waits for its run', async () => {
    expect(() => color.set('red')).toThrow(NotInTaskError);
    expect(() => color.set('red')).toThrow('context.set() was used outside of a task.');
    expect(await run(color.with('red', read()))).toBe('red');
  });

  test('with takes an operation', () => {
    // @ts-expect-error a promise is not an operation
    expect(() => color.with('red', Promise.resolve())).toThrow(
      'context.with takes an operation, not a promise. Write `context.with(value, until(promise))`.',
    );
  });

  test('values are typed by the initial one, or as told', () => {
    expectTypeOf(color.get()).toEqualTypeOf<string>();
    expectTypeOf(size.get()).toEqualTypeOf<number | undefined>();
    expectTypeOf(size.with(1, read())).toEqualTypeOf<Operation<string>>();
    // @ts-expect-error a number is not a string
    expect(() => color.set(1)).toThrow();
  });
});
