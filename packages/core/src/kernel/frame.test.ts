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
