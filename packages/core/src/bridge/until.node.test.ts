import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import type { Operation } from '../kernel/operation/suspension.ts';
import { Scheduler } from '../kernel/scheduler/scheduler.ts';
import { spawn } from '../kernel/scheduler/spawn.ts';
import { race } from '../tasks/race.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { moveOnAfter } from '../time/move-on-after.ts';
import { sleep } from '../time/sleep.ts';
import { until } from './until.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const WAITS = 10_000;

/** Bytes of heap that stay for each wait that was given up. */
async function kept(giveUp: (promise: Promise<unknown>) => Operation<unknown>): Promise<number> {
  const promise = new Promise<never>(() => {});
  const scheduler = new Scheduler({ clock: new VirtualClock() });
  function* all(times: number): Operation<void> {
    for (let i = 0; i < times; i++) yield* giveUp(promise);
  }
  // The first ones compile the code, and make what is made once for the promise.
  await scheduler.run(all(WAITS));
  collect();
  const before = process.memoryUsage().heapUsed;
  await scheduler.run(all(WAITS));
  collect();
  return (process.memoryUsage().heapUsed - before) / WAITS;
}

function* cancelled(promise: Promise<unknown>): Operation<void> {
  const task = spawn(until(promise));
  yield* sleep(1);
  yield* task.cancel();
}

test.each([
  ['by a deadline', (promise) => moveOnAfter(1, until(promise))],
  ['by a race', (promise) => race([until(promise), sleep(1)])],
  ['by a cancel', cancelled],
  ['before it began', (promise) => race([sleep(0), until(promise)])],
] as [string, (promise: Promise<unknown>) => Operation<unknown>][])(
  'a wait for a promise that never settles costs nothing that stays when it is given up %s',
  // One subscription alone is some 200 bytes; what is compiled meanwhile counts here, too.
  async (_, giveUp) => expect(await kept(giveUp)).toBeLessThan(50),
);
