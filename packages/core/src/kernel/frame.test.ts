import { expect, test } from 'vitest';
import {
  attempt,
  coroutine,
  currentTask,
  gather,
  group,
  moveOnAfter,
  type Operation,
  run,
  sleep,
  spawn,
  tick,
} from '../index.ts';

function* nothing(): Operation<void> {}

const call = coroutine(nothing);

test.each([
  ['gather of nothing', () => gather([])],
  ['a group with an empty body', () => group(nothing())],
  ['attempt', () => attempt(nothing())],
  ['moveOnAfter', () => moveOnAfter(1_000, nothing())],
  ['a coroutine', () => call()],
] as [string, () => Operation<unknown>][])(
  '%s that never waits, in a loop without end, lets others run and can be cancelled',
  async (_, make) => {
    const loop = function* (): Operation<void> {
      for (;;) yield* make();
    };
    const status = await run(function* () {
      const task = spawn(loop());
      for (let turn = 0; turn < 10; turn++) yield* tick();
      expect(currentTask().status).toBe('running');
      yield* task.cancel();
      return task.status;
    });
    expect(status).toBe('cancelled');
  },
);

const nested = coroutine(function* (depth: number): Operation<string> {
  if (depth > 0) return yield* nested(depth - 1);
  yield* sleep(10);
  return 'done';
});

test.each([
  ['in the body', (use: () => unknown) => attempt(plainly(use))],
  ['in a call', (use: () => unknown) => attempt(coroutine(() => plainly(use))())],
])('a call that somebody drives by hand, %s, is an error there, and all else goes on', async (_, within) => {
  const log: unknown[] = [];
  await run(function* () {
    const tried = yield* within(() => [...(nested(3) as Iterable<unknown>)]);
    expect(tried).toMatchObject({ error: { message: /was used a second time/ } });
    log.push(yield* nested(3));
    yield* tick();
    log.push('end');
  });
  expect(log).toEqual(['done', 'end']);
});

function* plainly(use: () => unknown): Operation<unknown> {
  return use();
}
