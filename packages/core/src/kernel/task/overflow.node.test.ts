import { expect, test } from 'vitest';
import { attempt, coroutine, type Operation, run, sleep, tick, timeout } from '../../index.ts';

function* plain(n: number): Operation<number> {
  return n === 0 ? 0 : 1 + (yield* plain(n - 1));
}

const PLAIN =
  'Maximum call stack size exceeded. The calls of the generator function plain() lie one in the other on the native ' +
  'stack, and plain generators are only as deep as that allows. Make it a coroutine, whose depth is bounded by memory ' +
  'alone: `const plain = coroutine(function* () { … yield* plain() … })`.';

test('plain generators that fill the native stack get an error that names them and says what to write', async () => {
  await expect(run(plain(1_000_000))).rejects.toThrow(PLAIN);
  const stack: unknown = await run(plain(1_000_000)).catch((error: Error) => error.stack);
  expect(stack).toMatch(/^RangeError: .* The calls of the generator function plain\(\) .*\n.*\n +at plain/);
});

test('the advice is followed: as a coroutine the same is bounded by memory alone', async () => {
  const followed = coroutine(function* (n: number): Operation<number> {
    return n === 0 ? 0 : 1 + (yield* followed(n - 1));
  });
  expect(await run(followed(100_000))).toBe(100_000);
});

test('a coroutine that calls itself by its inner name is told to call the outer one', async () => {
  const called = coroutine(function* walk(n: number): Operation<number> {
    return n === 0 ? 0 : 1 + (yield* walk(n - 1));
  });
  const advice =
    /^Maximum call stack size exceeded\. walk\(\) calls itself by the name inside of `coroutine\(function\* walk\(\) .* Call the outer name/;
  await expect(run(called(1_000_000))).rejects.toThrow(advice);
  // The test runner reads an import through a function that catches what is thrown in it, also an overflow.
  const wait = tick;
  const waiting = coroutine(function* walk(n: number): Operation<number> {
    yield* wait();
    return n === 0 ? 0 : 1 + (yield* walk(n - 1));
  });
  await expect(run(waiting(100_000))).rejects.toThrow(advice);
});

test('the error is the same object, wherever it is caught, and what was entered is left', () =>
  run(function* () {
    let thrown: unknown;
    function* deep(n: number): Operation<number> {
      try {
        return 1 + (yield* deep(n + 1));
      } catch (error) {
        thrown ??= error;
        throw error;
      }
    }
    const tried = yield* attempt(timeout(50, deep(0)));
    expect(!tried.ok && tried.error).toBe(thrown);
    expect(!tried.ok && (tried.error as Error).message).toMatch(/generator function deep\(\)/);
    // Real time: the deadline that was left would pass here.
    yield* sleep(60);
  }));

test('an overflow that no generator has to do with is left alone', async () => {
  function counting(n: number): number {
    return 1 + counting(n + 1);
  }
  await expect(
    run(function* () {
      counting(0);
    }),
  ).rejects.toThrow(/^Maximum call stack size exceeded$/);
});

test('coroutines with some plain generators between them are bounded by memory alone', async () => {
  const outer = coroutine(function* (n: number): Operation<number> {
    return n === 0 ? 0 : 1 + (yield* between(n, 50));
  });
  function* between(n: number, left: number): Operation<number> {
    return left === 0 ? yield* outer(n - 1) : yield* between(n, left - 1);
  }
  expect(await run(outer(2_000))).toBe(2_000);
});
