import { expect, test } from 'vitest';
import { describeTiming, Timeline } from './timing.ts';

test('a timeline adds up what each phase took, over all hops', () => {
  const timeline = new Timeline(100);
  timeline.enter('connect', 101);
  timeline.enter('headers', 111);
  timeline.enter('connect', 113);
  timeline.enter('body', 118);
  expect(timeline.at(120)).toMatchObject({ prepare: 1, connect: 15, headers: 2, body: 2, dns: 0, total: 20 });
  expect(describeTiming(timeline.at(120))).toBe('prepare 1 ms, connect 15 ms, headers 2 ms, body 2 ms');
});

test('a timeline that has ended stands still', () => {
  const timeline = new Timeline(0);
  timeline.enter('body', 5);
  timeline.end(9);
  timeline.end(50);
  timeline.enter('retry', 60);
  expect(timeline.at(100)).toMatchObject({ prepare: 5, body: 4, retry: 0, total: 9 });
});
