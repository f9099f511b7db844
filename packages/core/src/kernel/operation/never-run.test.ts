import { describe, expect, test } from 'vitest';
import {
  attempt,
  coroutine,
  gather,
  group,
  type Operation,
  Queue,
  run,
  sleep,
  spawn,
  supervise,
  timeout,
} from '../../index.ts';

let ran = 0;

function* load(id: number): Operation<{ id: number }> {
  yield* sleep(0);
  ran++;
  return { id };
}

const loading = coroutine(load);
/** As a body without an annotation has it. */
const returning = (make: () => unknown) =>
  function* (): Operation<unknown> {
    return make();
  };

describe('an operation that a body returns in place of running it is an error', () => {
  const made: readonly [string, () => unknown][] = [
    ['a call of a generator function', () => load(1)],
    ['a call of a coroutine', () => loading(1)],
    ['a wait', () => sleep(5)],
    ['an array of them', () => [1, 2].map(load)],
  ];
  const bodies: readonly [string, (body: () => Operation<unknown>) => Operation<unknown>][] = [
    ['a task', (body) => spawn(body())],
    ['a group', (body) => group(body)],
    ['supervise', (body) => supervise(body)],
    ['timeout', (body) => timeout(1_000, body())],
    ['a branch of gather', (body) => gather([body()])],
  ];

  test.each(made)('%s, from run', async (_, make) => {
    await expect(run(returning(make))).rejects.toThrow(/that never ran\. Write `return yield\* /);
    expect(ran).toBe(0);
  });

  test.each(bodies)('from %s', (_, inside) =>
    run(function* () {
      const tried = yield* attempt(group(() => inside(returning(() => load(1)))));
      expect(tried.ok).toBe(false);
      expect(String((tried as { error: Error }).error)).toContain('returned an operation that never ran');
    }),
  );

  test('the advice works, also that for one who means it', async () => {
    expect(
      await run(function* (): Operation<unknown> {
        return yield* load(1);
      }),
    ).toEqual({ id: 1 });
    const { operation } = await run(function* () {
      yield* sleep(0);
      return { operation: load(2) };
    });
    expect(await run(operation)).toEqual({ id: 2 });
  });
});

test('what has begun, and what a queue hands on, is a value like any other', () =>
  run(function* () {
    const task = yield* group(function* (g) {
      yield* sleep(0);
      return g.spawn(load(1));
    });
    expect(yield* task).toEqual({ id: 1 });
    const work = new Queue<Operation<{ id: number }>>();
    yield* work.put(load(2));
    const next = yield* timeout(1_000, work.get());
    expect(yield* next).toEqual({ id: 2 });
    expect(yield* spawn(sleep(0, [load(3)]))).toHaveLength(1);
  }));
