import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  attempt,
  coroutine,
  currentTask,
  forever,
  now,
  type Operation,
  run,
  sleep,
  spawn,
  tick,
  timeout,
} from '../../index.ts';
import { coroutineTest } from '../../testing/index.ts';

describe('coroutine', () => {
  test(
    'passes arguments, this and the result',
    coroutineTest(function* () {
      class Account {
        balance = 10;
        readonly pay = coroutine(function* (this: Account, amount: number): Operation<number> {
          yield* sleep(1);
          this.balance -= amount;
          return this.balance;
        });
      }
      const account = new Account();
      expect(yield* account.pay(3)).toBe(7);
      expect(yield* account.pay(2)).toBe(5);
    }),
  );

  test(
    'runs natively when nothing waits, and gives its value at once',
    coroutineTest(function* () {
      const add = coroutine(function* (a: number, b: number): Operation<number> {
        return a + b;
      });
      const log: string[] = [];
      spawn(function* () {
        log.push('other');
        yield* tick();
      });
      expect(yield* add(1, 2)).toBe(3);
      expect(log).toEqual([]);
    }),
  );

  test('recursion is bounded by memory alone, whether it waits at the bottom or never', async () => {
    const down = coroutine(function* (n: number, waits: boolean): Operation<number> {
      if (n > 0) return 1 + (yield* down(n - 1, waits));
      if (waits) yield* sleep(1);
      return 0;
    });
    // Not in debug, which keeps the place of every call.
    expect(await run(down(100_000, true))).toBe(100_000);
    expect(await run(down(100_000, false))).toBe(100_000);
  });

  test(
    'mixes with plain generators and keeps the order of steps',
    coroutineTest(function* () {
      const log: string[] = [];
      const framed = coroutine(function* (n: number): Operation<string> {
        log.push(`in ${n}`);
        if (n > 0) yield* plain(n - 1);
        else yield* sleep(1);
        log.push(`out ${n}`);
        return `framed ${n}`;
      });
      function* plain(n: number): Operation<string> {
        log.push(`plain ${n}`);
        return yield* framed(n);
      }
      expect(yield* framed(2)).toBe('framed 2');
      expect(log).toEqual(['in 2', 'plain 1', 'in 1', 'plain 0', 'in 0', 'out 0', 'out 1', 'out 2']);
    }),
  );

  test(
    'errors go up through frames like through any call, and can be caught on the way',
    coroutineTest(function* () {
      const error = new Error('deep');
      const log: string[] = [];
      const deep = coroutine(function* (n: number, waits: boolean): Operation<string> {
        try {
          if (n === 0) {
            if (waits) yield* sleep(1);
            throw error;
          }
          return yield* deep(n - 1, waits);
        } catch (thrown) {
          expect(thrown).toBe(error);
          if (n === 2) return 'caught';
          throw thrown;
        } finally {
          log.push(`finally ${n}`);
        }
      });
      expect(yield* deep(3, true)).toBe('caught');
      expect(yield* deep(3, false)).toBe('caught');
      expect(log.slice(0, 4)).toEqual(['finally 0', 'finally 1', 'finally 2', 'finally 3']);
      expect(log).toHaveLength(8);
    }),
  );

  test(
    'a cancel goes through every frame once, innermost first',
    coroutineTest(function* () {
      const log: number[] = [];
      const deep = coroutine(function* (n: number): Operation<void> {
        try {
          if (n > 0) yield* deep(n - 1);
          else yield* forever();
        } finally {
          yield* tick();
          log.push(n);
        }
      });
      yield* attempt(timeout(5, deep(300)));
      expect(log).toEqual(Array.from({ length: 301 }, (_, n) => n));
      expect(now()).toBe(5);
    }),
  );

  test(
    'gives its name to the task that runs it',
    coroutineTest(function* () {
      const work = coroutine(function* download(): Operation<string> {
        yield* tick();
        return currentTask().name;
      });
      expect(work.name).toBe('download');
      expect(yield* spawn(work())).toBe('download');
    }),
  );

  test(
    'each call is an operation of its own, which runs once and nothing before',
    coroutineTest(function* () {
      const log: string[] = [];
      const work = coroutine(function* (): Operation<void> {
        log.push('run');
        yield* tick();
      });
      const call = work();
      yield* tick();
      expect(log).toEqual([]);
      yield* call;
      expect(yield* attempt(call)).toMatchObject({ ok: false, error: { name: 'TypeError' } });
      yield* work();
      expect(log).toEqual(['run', 'run']);
    }),
  );

  test('bad input is refused at the call', () => {
    // @ts-expect-error an operation is not a function
    expect(() => coroutine(sleep(1))).toThrow('coroutine takes a generator function, not an instance of Sleep.');
  });

  test('is typed by its function', () => {
    const work = coroutine(function* (n: number, text: string): Operation<boolean> {
      yield* tick();
      return `${n}` === text;
    });
    expectTypeOf(work).parameters.toEqualTypeOf<[number, string]>();
    expectTypeOf(work(1, '1')).toEqualTypeOf<Operation<boolean>>();
    // @ts-expect-error a string is not a number
    void (() => work('1', 1));
    coroutine(function* (): Operation<void> {
      // @ts-expect-error a plain yield gives nothing that the scheduler knows
      yield 1;
    });
  });
});
