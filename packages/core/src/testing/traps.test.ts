import { describe, expect, test } from 'vitest';
import { run } from '../index.ts';
import { Traps } from './traps.ts';

async function trapped(body: () => unknown): Promise<Error | null> {
  const traps = new Traps();
  traps.begin();
  try {
    await run(function* () {
      body();
    }).catch(() => {});
  } finally {
    traps.end();
  }
  traps.begin();
  await run(function* () {
    body();
  }).catch(() => {});
  return traps.end();
}

describe('traps', () => {
  // Real time: none passes, since a trap catches each call.
  test.each<[string, () => unknown, string]>([
    ['Date.now()', () => Date.now(), 'now()'],
    ['new Date()', () => new Date(), 'wallNow()'],
    ['Math.random()', () => Math.random(), 'random()'],
    ['performance.now()', () => performance.now(), 'now()'],
    ['setTimeout()', () => setTimeout(() => {}, 0), 'yield* sleep(ms)'],
    ['setInterval()', () => setInterval(() => {}, 1), 'interval(ms)'],
    ['crypto.getRandomValues()', () => crypto.getRandomValues(new Uint8Array(1)), 'scheduler.entropy'],
  ])('catch %s, name the caller and the word to use instead', async (call, body, instead) => {
    const caught = await trapped(body);
    expect(caught?.message).toContain(`${call} was called inside of a task at`);
    expect(caught?.message).toMatch(/traps\.test\.ts:\d+:\d+/);
    expect(caught?.message).toContain(instead);
  });

  test('let a date with arguments pass, and everything outside of tasks', async () => {
    const traps = new Traps();
    traps.begin();
    expect(typeof Date.now()).toBe('number');
    expect(new Date() instanceof Date).toBe(true);
    const year = await run(function* () {
      return new Date(0).getUTCFullYear();
    });
    expect(year).toBe(1970);
    expect(traps.end()).toBeNull();
  });

  test('leave everything as it was', () => {
    const before = [Date, Date.now, Math.random, performance.now, setTimeout];
    const own = Object.hasOwn(performance, 'now');
    const traps = new Traps();
    traps.begin();
    traps.end();
    expect([Date, Date.now, Math.random, performance.now, setTimeout]).toEqual(before);
    expect(Object.hasOwn(performance, 'now')).toBe(own);
  });
});
