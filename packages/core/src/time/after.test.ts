import { expect, test } from 'vitest';
import { after, now, Queue, select, sleep } from '../index.ts';
import { coroutineTest } from '../testing/index.ts';

test(
  'a time counts from each select, so that it can be kept',
  coroutineTest(function* () {
    const late = after(10);
    const queue = new Queue<string>();
    yield* sleep(100);
    yield* select({ queue, late });
    expect(now()).toBe(110);
    yield* select({ queue, late });
    expect(now()).toBe(120);
  }),
);

test(
  'no time at all is ready at once, after the branches before it',
  coroutineTest(function* () {
    const queue = new Queue<string>();
    expect((yield* select({ queue, late: after(0) })).key).toBe('late');
    expect((yield* select({ queue, late: after(-5) })).key).toBe('late');
    queue.putNowait('x');
    expect((yield* select({ queue, late: after(0) })).key).toBe('queue');
    expect(now()).toBe(0);
  }),
);

test(
  'Infinity never comes',
  coroutineTest(function* () {
    expect((yield* select({ never: after(Number.POSITIVE_INFINITY), soon: after(10) })).key).toBe('soon');
  }),
);

test('a value that is not a duration is refused at the call', () => {
  expect(() => after(Number.NaN)).toThrow('after got NaN as a duration. Give milliseconds, or Infinity for never.');
  expect(() => after('10' as never)).toThrow('after takes milliseconds as a number, not "10".');
});
