import { createHook } from 'node:async_hooks';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { gather } from '../../tasks/gather.ts';
import { sleep } from '../../time/sleep.ts';
import { tick } from '../../time/tick.ts';
import { timeout } from '../../time/timeout.ts';
import { Scheduler } from './scheduler.ts';

// What things cost, counted: a busy machine changes times, and not these.

// The scheduler takes the host's immediates when it is loaded: they have to be counted before that.
const immediates = vi.hoisted(() => {
  const { setImmediate } = globalThis;
  const counted = { count: 0 };
  globalThis.setImmediate = new Proxy(setImmediate, {
    apply(host, self, given) {
      counted.count++;
      return Reflect.apply(host, self, given);
    },
  });
  return counted;
});

beforeEach(() => {
  immediates.count = 0;
});

afterEach(() => void vi.restoreAllMocks());

/** How many promises the thread makes until what is returned is called; those of the host itself are counted too. */
function countPromises(): () => number {
  let promises = 0;
  const hook = createHook({
    init: (_, type) => {
      if (type === 'PROMISE') promises++;
    },
  }).enable();
  return () => {
    hook.disable();
    return promises;
  };
}

function* switches(times: number) {
  for (let i = 0; i < times; i++) yield* tick();
}

// Each slice is as long as its work, so that their number is not the machine's.
const patient = (): Scheduler => new Scheduler({ slice: 600_000 });

test('a thousand sleeps share their host timers', async () => {
  const timers = vi.spyOn(globalThis, 'setTimeout');
  await new Scheduler().run(() => gather(Array.from({ length: 1_000 }, (_, i) => sleep(5 + (i % 3)))));
  expect(timers.mock.calls.length).toBeLessThanOrEqual(100);
});

test('a sleep that begins while an earlier one is pending sets no host timer', async () => {
  const timers = vi.spyOn(globalThis, 'setTimeout');
  await patient().run(() => gather(Array.from({ length: 1_000 }, (_, i) => sleep(5 + i / 1_000_000))));
  expect(timers.mock.calls.length).toBeLessThanOrEqual(5);
});

test('sleeps that end together are one turn of the thread, no immediate, and no promise each', async () => {
  const promises = countPromises();
  const scheduler = patient();
  await scheduler.run(() => gather(Array.from({ length: 1_000 }, () => sleep(5))));
  expect(scheduler.slices).toBeLessThanOrEqual(5);
  expect(immediates.count).toBeLessThanOrEqual(1);
  expect(promises()).toBeLessThanOrEqual(100);
});

test('timeouts that do not fire set no host timer each', async () => {
  const timers = vi.spyOn(globalThis, 'setTimeout');
  const stops = vi.spyOn(globalThis, 'clearTimeout');
  await patient().run(function* () {
    for (let i = 0; i < 1_000; i++) yield* timeout(60_000, tick());
  });
  expect(timers.mock.calls.length).toBeLessThanOrEqual(2);
  expect(stops.mock.calls.length).toBeLessThanOrEqual(2);
});

test('ten thousand switches within a slice are one turn of the thread', async () => {
  const promises = countPromises();
  const scheduler = patient();
  await scheduler.run(() => gather(Array.from({ length: 10 }, () => switches(1_000))));
  expect(scheduler.slices).toBe(1);
  expect(immediates.count).toBe(0);
  expect(promises()).toBeLessThanOrEqual(50);
});

test('each slice is one immediate with one continuation, however many tasks it runs', async () => {
  const promises = countPromises();
  // A slice without length ends at its first look at the clock, which comes after so many steps.
  const scheduler = new Scheduler({ slice: 0 });
  await scheduler.run(() => gather(Array.from({ length: 10 }, () => switches(320))));
  expect(scheduler.slices).toBeGreaterThan(50);
  expect(immediates.count).toBe(scheduler.slices - 1);
  // A continuation is two promises: what a wake resolves, and what goes on from it.
  expect(promises()).toBeLessThanOrEqual(2 * scheduler.slices + 50);
});
