import { expect, test } from 'vitest';
import { type Operation, Scheduler, spawn, tick } from '../../index.ts';
import { ChosenOrder } from './policy-order.ts';

test('a chosen order is the same in slices of one step as in one slice', async () => {
  const logs: string[][] = [];
  for (const slice of [0, 600_000]) {
    const log: string[] = [];
    function* work(name: string): Operation<void> {
      for (let turn = 0; turn < 3; turn++) {
        log.push(`${name}${turn}`);
        yield* tick();
      }
    }
    const scheduler = new Scheduler({ slice });
    scheduler.order = new ChosenOrder(scheduler, {
      choose: (ready, due) => due[0] ?? ready[0] ?? null,
      stepped() {},
    });
    await scheduler.run(function* () {
      for (const name of ['a', 'b', 'c']) spawn(work(name));
    });
    logs.push(log);
  }
  expect(logs).toEqual(Array(2).fill(['a0', 'b0', 'c0', 'a1', 'b1', 'c1', 'a2', 'b2', 'c2']));
});
