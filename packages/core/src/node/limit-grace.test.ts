import { expect, test } from 'vitest';
import type { Operation } from '../kernel/operation/suspension.ts';
import { Scheduler } from '../kernel/scheduler/scheduler.ts';
import { currentTask, spawn } from '../kernel/scheduler/spawn.ts';
import { group } from '../tasks/group.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { forever } from '../time/forever.ts';
import { sleep } from '../time/sleep.ts';
import { limitGrace } from './limit-grace.ts';

test('a cleanup that is on its way, in any depth, gets no more time than is left from now', async () => {
  const scheduler = new Scheduler({ clock: new VirtualClock() });
  const again: number[] = [];
  function* stubborn(): Operation<void> {
    try {
      yield* forever();
    } finally {
      try {
        yield* forever();
      } finally {
        again.push(scheduler.now());
      }
    }
  }
  await scheduler.run(function* () {
    const root = currentTask();
    const parent = spawn(() =>
      group(function* (g) {
        const child = g.spawn(stubborn());
        yield* sleep(10);
        child.cancel();
      }),
    );
    yield* sleep(20);
    limitGrace(root, 100);
    yield* parent;
  });
  expect(again).toEqual([120]);
});
