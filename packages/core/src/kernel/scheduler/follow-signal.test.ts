import { expect, test, vi } from 'vitest';
import { forever } from '../../time/forever.ts';
import { sleep } from '../../time/sleep.ts';
import { ForeignSignals } from './follow-signal.ts';
import { run } from './run.ts';

/** A signal that counts its listeners. */
function counted(): { controller: AbortController; listeners(): number } {
  const controller = new AbortController();
  const { signal } = controller;
  const add = vi.spyOn(signal, 'addEventListener');
  const remove = vi.spyOn(signal, 'removeEventListener');
  return { controller, listeners: () => add.mock.calls.length - remove.mock.calls.length };
}

test('any number of runs put one listener on a signal, and none afterwards', async () => {
  const { controller, listeners } = counted();
  const runs = Array.from({ length: 100 }, () => run(() => sleep(0), { signal: controller.signal }));
  expect(listeners()).toBe(1);
  await Promise.all(runs);
  expect(listeners()).toBe(0);
});

test('one abort cancels all runs that follow the signal', async () => {
  const { controller, listeners } = counted();
  const runs = Array.from({ length: 3 }, () => run(() => forever(), { signal: controller.signal }));
  controller.abort('enough');
  const ends = await Promise.allSettled(runs);
  expect(ends.map((end) => end.status === 'rejected' && end.reason.reason)).toEqual(['enough', 'enough', 'enough']);
  expect(listeners()).toBe(0);
});

test('a signal that is aborted already calls its follower at once', () => {
  const follower = vi.fn();
  new ForeignSignals().follow(AbortSignal.abort('before'), follower)();
  expect(follower.mock.calls).toEqual([['before']]);
});

test('to stop following twice is to stop once', () => {
  const { controller, listeners } = counted();
  const signals = new ForeignSignals();
  const follower = vi.fn();
  const stop = signals.follow(controller.signal, follower);
  signals.follow(controller.signal, follower);
  stop();
  stop();
  expect(listeners()).toBe(1);
  controller.abort();
  expect(follower).toHaveBeenCalledTimes(1);
});
