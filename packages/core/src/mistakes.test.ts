// The likeliest mistakes, and word for word what their maker is told: each message has the correct call in it.
import { expect, test } from 'vitest';
import { once } from './bridge/once.ts';
import { asyncGenerator, type Emit } from './generators/async-generator.ts';
import type { Operation, Suspension } from './kernel/operation/suspension.ts';
import { run } from './kernel/scheduler/run.ts';
import { currentTask, spawn } from './kernel/scheduler/spawn.ts';
import { attempt } from './kernel/task/attempt.ts';
import { coroutine } from './kernel/task/coroutine.ts';
import { gather } from './tasks/gather.ts';
import { type Group, group } from './tasks/group.ts';
import { race } from './tasks/race.ts';
import { runTest } from './testing/run-test.ts';
import { sleep } from './time/sleep.ts';
import { tick } from './time/tick.ts';

/** An operation whose body is not typed, as a JavaScript user writes it. */
function untyped(body: () => Generator<unknown, unknown, unknown>): () => Operation<unknown> {
  return body as () => Generator<Suspension, unknown, unknown>;
}

async function said(body: () => Operation<unknown>): Promise<string> {
  let message = 'no error';
  await runTest(function* () {
    const tried = yield* attempt(spawn(() => attempt(coroutine(body)())));
    if (tried.ok && !tried.value.ok) message = String(tried.value.error);
  });
  return message;
}

function thrown(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return String(error);
  }
  return 'no error';
}

test('a plain yield', async () => {
  expect(
    await said(
      untyped(function* () {
        yield sleep(10);
      }),
    ),
  ).toBe('TypeError: sleep(10) was yielded with a plain `yield`. Write `yield* sleep(10)`.');
  function* work(): Operation<void> {
    yield* tick();
  }
  expect(
    await said(
      untyped(function* () {
        yield work();
      }),
    ),
  ).toBe('TypeError: An operation was yielded with a plain `yield`. Write `yield* operation`.');
  expect(
    await said(
      untyped(function* () {
        yield;
      }),
    ),
  ).toBe(
    'TypeError: A plain `yield` reached the scheduler. Write `yield* operation`, or `yield* tick()` to only give way.',
  );
  expect(
    await said(
      untyped(function* () {
        yield 42;
      }),
    ),
  ).toBe(
    'TypeError: 42 is not an operation. Write `yield*` before a call that returns one, such as `yield* sleep(10)`.',
  );
  expect(
    await said(
      untyped(function* () {
        yield sleep;
      }),
    ),
  ).toBe('TypeError: The function sleep is not an operation, its call is. Write `yield* sleep()`.');
});

test('the error is thrown at the yield, so the stack shows the line and a catch sees it', () =>
  runTest(
    untyped(function* () {
      try {
        yield sleep(10);
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError);
        return;
      }
      throw new Error('not thrown');
    }),
  ));

test('a yielded promise', async () => {
  expect(
    await said(
      untyped(function* () {
        yield Promise.resolve(1);
      }),
    ),
  ).toBe('TypeError: A promise was yielded. Write `yield* until(promise)`.');
});

test('await inside', async () => {
  const asyncBody = (async () => {}) as unknown as () => Operation<void>;
  const inPlace =
    'Write `function*` in place of `async function`, and `yield* until(promise)` in place of `await promise`.';
  await expect(run(asyncBody)).rejects.toThrow(
    `run takes an operation, not an async function. Write \`run(until(asyncBody))\`; or ${inPlace.replace('W', 'w')}`,
  );
  expect(await said(() => asyncBody())).toBe(
    `TypeError: An async function was given where an operation belongs. ${inPlace}`,
  );
  async function* asyncGeneratorBody(): AsyncGenerator {}
  const given = asyncGeneratorBody as unknown as () => Operation<void>;
  await expect(run(given)).rejects.toThrow(
    'run takes an operation, not an async generator. Write `function*` in place of `async function*`, and `yield* until(promise)` in place of `await promise`.',
  );
  await expect(run(given())).rejects.toThrow(
    'run takes an operation, not an async generator. Write `function*` in place of `async function*`, and `yield* until(promise)` in place of `await promise`.',
  );
  await expect(run(Promise.resolve() as unknown as Operation<void>)).rejects.toThrow(
    'run takes an operation, not a promise. Write `run(until(promise))`.',
  );
});

test("running a finished task's operation again", async () => {
  const work = coroutine(function* work(): Operation<void> {
    yield* tick();
  });
  expect(
    await said(function* () {
      const operation = work();
      yield* spawn(operation);
      yield* operation;
    }),
  ).toBe(
    'TypeError: The operation work() was used a second time. An operation runs once: make a new one for every yield*, ' +
      'or share its result with `const task = spawn(op)` and `yield* task`.',
  );
});

test('spawn into a closed group', async () => {
  expect(
    await said(function* () {
      const closed = yield* group(function* (g): Operation<Group> {
        return g;
      });
      closed.spawn(sleep(1));
    }),
  ).toMatch(
    /^GroupClosedError: A task was to be spawned into a group in task task-\d+, which has ended\. Spawn while its body or its children run, or into a scope that lives longer\.$/,
  );
});

test('use outside of a task', () => {
  const inside =
    'Call it inside of `run(function* () { … })`; from promise or callback code, enter the runtime with `run(…)`, ' +
    '`scope.run(…)` or `asAsync(fn)` first.';
  expect(thrown(() => spawn(sleep(1)))).toBe(`NotInTaskError: spawn() was used outside of a task. ${inside}`);
  expect(thrown(() => currentTask())).toBe(`NotInTaskError: currentTask() was used outside of a task. ${inside}`);
  expect(thrown(() => [...(sleep(10) as Iterable<unknown>)])).toBe(
    `NotInTaskError: sleep(10) was used outside of a task. ${inside}`,
  );
});

test('a task that joins itself', async () => {
  let message = 'no error';
  await runTest(function* () {
    const task = spawn(
      function* (): Operation<void> {
        const tried = yield* attempt(currentTask());
        if (!tried.ok) message = String(tried.error);
      },
      { name: 'ouroboros' },
    );
    yield* task;
  });
  expect(message).toBe(
    'Error: task ouroboros waits for itself, which would never end. Use `return` to end it, or `currentTask().cancel()`.',
  );
});

test('a second next at the same time', async () => {
  const numbers = asyncGenerator(function* numbers(emit: Emit<number>): Operation<void> {
    yield* sleep(10);
    yield* emit(1);
  });
  expect(
    await said(function* () {
      const source = numbers();
      yield* gather([source.next(), source.next()]);
    }),
  ).toBe(
    'Error: numbers(): next() was called while another next() of it is waiting. A source has one reader at a time: wait ' +
      'for the first with `yield* source.next()`, or give each reader a generator object of its own.',
  );
});

test('several operations without the array', () => {
  const [a, b] = [sleep(1), sleep(2)];
  const loose = { gather, race } as unknown as Record<'gather' | 'race', (...ops: unknown[]) => unknown>;
  expect(thrown(() => loose.gather(a, b))).toBe(
    'TypeError: gather takes its operations as one array or record: pass an array, `gather([a(), b()])`.',
  );
  expect(thrown(() => loose.gather([a], b))).toContain('pass an array, `gather([a(), b()])`.');
  expect(thrown(() => loose.race(a, b))).toBe(
    'TypeError: race takes its operations as one array or record: pass an array, `race([a(), b()])`.',
  );
});

test('an event name without quotes, or no emitter', () => {
  expect(thrown(() => once({} as EventTarget, 'x'))).toBe(
    "TypeError: once takes an emitter with on() and off(), or an EventTarget with addEventListener(), not an object. Write `once(emitter, 'name')`.",
  );
});

test('yield* before an array', async () => {
  const message = await said(
    untyped(function* () {
      yield* [sleep(1), sleep(2)];
    }),
  );
  expect(message).toBe('TypeError: An array is not an operation. Write `yield* gather([a(), b()])`.');
});

test('a function that returns no operation', async () => {
  expect(await said(() => 5 as never)).toMatch(/returned 5. Make it a `function\*`, or return the operation/);
});

test('one generator in two tasks', async () => {
  function* work(): Operation<void> {
    yield* sleep(10);
  }
  const shared = work();
  const tried = await said(function* () {
    yield* gather([shared, shared]);
  });
  expect(tried).toMatch(/sleep\(10\) was used a second time/);
});

test('an error of the program itself, also one that speaks of throw', async () => {
  const own = new TypeError("the key 'throw' is missing");
  const message = await said(
    untyped(function* () {
      try {
        yield Promise.resolve();
      } catch {
        throw own;
      }
    }),
  );
  expect(message).toBe(String(own));
});
