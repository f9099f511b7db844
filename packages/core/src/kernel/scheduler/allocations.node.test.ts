import { GCProfiler, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { channel } from '../../channels/channel.ts';
import { Queue } from '../../channels/queue.ts';
import { Lock } from '../../sync/lock.ts';
import { gather } from '../../tasks/gather.ts';
import { sleep } from '../../time/sleep.ts';
import { tick } from '../../time/tick.ts';
import { timeout } from '../../time/timeout.ts';
import type { Operation } from '../operation/suspension.ts';
import { coroutine } from '../task/coroutine.ts';
import { Scheduler } from './scheduler.ts';
import { spawn } from './spawn.ts';

// What things cost in bytes of heap: a busy machine changes times, and not these. A bound is the most that Node 20, 24 and 26
// showed and about a fifth more, as compiled code allocates less than code that is new: who makes something cheaper lowers it.

setFlagsFromString('--expose-gc');
// Else a collection drops code that was not used for a while, and compiling it again allocates.
setFlagsFromString('--no-flush-bytecode');
const collect = runInNewContext('gc') as () => void;

/** Each slice is as long as its work: giving way allocates, too. */
const patient = (): Scheduler => new Scheduler({ slice: 600_000 });

const heap = (): number => process.memoryUsage().heapUsed;

/** Rounds before those that count, after which the code is compiled. */
const WARM = 100;
const ROUNDS = 16;
/** How many units a round does: few enough that their garbage does not fill the young generation. */
const UNITS = 500;

/**
 * Bytes of heap that one of `UNITS` allocates, whatever becomes of them. Of several rounds a low one counts, as
 * compiling allocates too; a round in which something was collected shows less than was allocated, and does not count.
 */
async function allocated(work: (scheduler: Scheduler) => Promise<unknown>): Promise<number> {
  for (let round = 0; round < WARM; round++) await work(patient());
  const rounds: number[] = [];
  while (rounds.length < ROUNDS) {
    const scheduler = patient();
    collect();
    const profiler = new GCProfiler();
    profiler.start();
    const before = heap();
    await work(scheduler);
    const used = heap() - before;
    if (profiler.stop().statistics.length === 0) rounds.push(used / UNITS);
  }
  return rounds.sort((a, b) => a - b)[ROUNDS >> 2] as number;
}

function* switches(times: number) {
  for (let i = 0; i < times; i++) yield* tick();
}

function* one() {
  return 1;
}

test('a switch allocates no more than the operation that is yielded', async () => {
  const part = UNITS / 4;
  const bytes = await allocated((scheduler) =>
    scheduler.run(() => gather([switches(part), switches(part), switches(part), switches(part)])),
  );
  expect(bytes).toBeLessThan(160);
});

test('a task that is spawned and joined allocates some objects, and no more', async () => {
  function* spawns() {
    for (let i = 0; i < UNITS; i++) yield* spawn(one());
  }
  expect(await allocated((scheduler) => scheduler.run(spawns))).toBeLessThan(640);
});

test('an item that goes through a queue with room allocates its two operations', async () => {
  function* put(queue: Queue<number>) {
    for (let i = 0; i < UNITS; i++) yield* queue.put(i);
  }
  function* through() {
    const queue = new Queue<number>(100);
    spawn(put(queue));
    for (let i = 0; i < UNITS; i++) yield* queue.get();
  }
  expect(await allocated((scheduler) => scheduler.run(through))).toBeLessThan(320);
});

test('a round trip over two channels without a buffer allocates its four operations', async () => {
  type Ends = ReturnType<typeof channel<number>>;
  function* echo(there: Ends, back: Ends) {
    for (let i = 0; i < UNITS; i++) yield* back.sender.send(yield* there.receiver.receive());
  }
  function* ask() {
    const there = channel<number>();
    const back = channel<number>();
    spawn(echo(there, back));
    for (let i = 0; i < UNITS; i++) {
      yield* there.sender.send(i);
      yield* back.receiver.receive();
    }
  }
  expect(await allocated((scheduler) => scheduler.run(ask))).toBeLessThan(560);
});

test('a deadline that does not pass allocates its scope', async () => {
  function* limited() {
    for (let i = 0; i < UNITS; i++) yield* timeout(60_000, tick());
  }
  expect(await allocated((scheduler) => scheduler.run(limited))).toBeLessThan(680);
});

test('a section under a lock allocates its operations', async () => {
  function* sections(lock: Lock, times: number) {
    for (let i = 0; i < times; i++) {
      yield* lock.acquire();
      yield* tick();
      lock.release();
    }
  }
  const bytes = await allocated((scheduler) =>
    scheduler.run(() => {
      const lock = new Lock();
      return gather([sections(lock, UNITS / 2), sections(lock, UNITS / 2)]);
    }),
  );
  expect(bytes).toBeLessThan(320);
});

const below: (depth: number, times: number) => Operation<void> = coroutine(function* (depth: number, times: number) {
  if (depth > 0) return yield* below(depth - 1, times);
  yield* switches(times);
});

test('a switch below a hundred calls allocates what it does at the top', async () => {
  const once = await allocated((scheduler) => scheduler.run(() => below(100, UNITS)));
  // The calls themselves are made once, however many switches follow.
  const twice = await allocated((scheduler) => scheduler.run(() => below(100, 2 * UNITS)));
  expect(twice - once).toBeLessThan(160);
});

test('a call that waits allocates its generator and its frame', async () => {
  expect(await allocated((scheduler) => scheduler.run(() => below(UNITS, 1)))).toBeLessThan(480);
});

/** Bytes of heap that each of so many tasks keeps while it sleeps. */
async function kept(tasks: number): Promise<number> {
  const scheduler = patient();
  function* work() {
    yield* sleep(60_000);
  }
  function* all() {
    for (let i = 0; i < tasks; i++) spawn(work());
    yield* sleep(60_000);
  }
  collect();
  const before = heap();
  const running = scheduler.run(all).catch(() => {});
  await scheduler.run(tick());
  collect();
  const bytes = (heap() - before) / tasks;
  await scheduler.close();
  await running;
  return bytes;
}

/** The least of some tries: what is compiled meanwhile is on the heap, too. */
async function leastKept(tasks: number): Promise<number> {
  const tries: number[] = [];
  for (let round = 0; round < 5; round++) tries.push(await kept(tasks));
  return Math.min(...tries);
}

test('a sleeping task keeps little more than its generator, its task and its timer', async () => {
  expect(await leastKept(5_000)).toBeLessThan(450);
});

test('a sleeping task keeps no more among forty thousand than among five thousand', async () => {
  expect(await leastKept(40_000)).toBeLessThan(450);
});
