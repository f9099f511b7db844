// Real time: under virtual time nothing passes in a step.
import { expect, test } from 'vitest';
import { Queue, run, Scheduler, sleep, spawn, tick } from '../index.ts';
import { recordTrace, type TraceEvent } from './index.ts';

const named = (events: readonly TraceEvent[], cat: string): string[] =>
  events.filter((event) => event.cat === cat && event.ph === 'X').map(({ name }) => name);

test('recordTrace has a slice for each step and each wait, with arrows from what led to them', () =>
  new Scheduler().run(function* main() {
    const recording = recordTrace();
    const queue = new Queue<number>();
    const reader = spawn(
      function* () {
        yield* queue.get();
        yield* sleep(1);
      },
      { name: 'reader' },
    );
    const lazy = spawn(sleep(1e6), { name: 'lazy' });
    yield* tick();
    yield* tick();
    queue.putNowait(1);
    lazy.cancel('enough');
    yield* reader;
    const { traceEvents, dropped } = recording.stop();
    expect(dropped).toBe(0);
    expect(named(traceEvents, 'step')).toEqual(expect.arrayContaining(['reader', 'lazy', 'main']));
    expect(named(traceEvents, 'wait')).toEqual(expect.arrayContaining(['queue.get()', 'sleep(1)', 'sleep(1000000)']));
    const arrows = traceEvents.filter(({ ph }) => ph === 's' || ph === 'f');
    for (const cat of ['spawn', 'wake', 'cancel']) {
      const from = arrows.find((event) => event.cat === cat && event.ph === 's');
      expect(from?.tid).toBe(1);
      expect(arrows.find(({ id, ph }) => id === from?.id && ph === 'f')).toMatchObject({ cat, bp: 'e' });
    }
    for (const { dur = 0 } of traceEvents) expect(dur).toBeGreaterThanOrEqual(0);
    yield* tick();
    expect(recording.stop().traceEvents).toEqual([]);
  }));

test('keeps the newest events, as many as the limit', () =>
  run(function* () {
    const recording = recordTrace({ limit: 10 });
    for (let i = 0; i < 50; i++) yield* tick();
    const { traceEvents, dropped } = recording.stop();
    expect(traceEvents).toHaveLength(10);
    expect(dropped).toBeGreaterThan(30);
    const times = traceEvents.map(({ ts }) => ts);
    expect(times.at(-1)).toBe(Math.max(...times));
  }));

test('leaves the scheduler as it was, also after two recordings', async () => {
  const scheduler = new Scheduler();
  const [first, second] = [recordTrace({ scheduler }), recordTrace({ scheduler })];
  first.stop();
  await scheduler.run(tick());
  expect(named(second.stop().traceEvents, 'step').length).toBeGreaterThan(0);
  expect(Object.hasOwn(scheduler, 'enqueue')).toBe(false);
  expect(() => recordTrace({ limit: 0 })).toThrow(RangeError);
  expect(() => recordTrace({ scheduler: {} as Scheduler })).toThrow(TypeError);
});
