import { expect, test } from 'vitest';
import { InvalidOptionError } from '../errors.ts';
import { DEFAULT_TIMEOUTS, mergeTimeouts, type TimeoutOptions } from './timeouts.ts';

const never = Number.POSITIVE_INFINITY;

test('five minutes in all are the default, and nothing by phase', () => {
  expect(DEFAULT_TIMEOUTS).toEqual({ total: 300_000, queue: never, connect: never, headers: never, idle: never });
});

test('a number is the total; limits are merged by key', () => {
  const session = mergeTimeouts(DEFAULT_TIMEOUTS, { connect: 50, idle: 60 });
  expect(mergeTimeouts(session, 1_000)).toMatchObject({ total: 1_000, connect: 50, idle: 60 });
  expect(mergeTimeouts(session, { idle: null, headers: 5 })).toMatchObject({
    total: 300_000,
    connect: 50,
    idle: never,
    headers: 5,
  });
  expect(mergeTimeouts(session, undefined)).toBe(session);
  expect(mergeTimeouts(session, { total: undefined })).toEqual(session);
});

test.each([null, false, 0] as const)('%s means none', (value) => {
  expect(mergeTimeouts(DEFAULT_TIMEOUTS, value).total).toBe(never);
  expect(mergeTimeouts(DEFAULT_TIMEOUTS, { total: value }).total).toBe(never);
});

test.each([-1, Number.NaN, '5', true, { total: -0.5 }, { idle: 'x' }, { totl: 1 }])('refuses %j', (value) => {
  expect(() => mergeTimeouts(DEFAULT_TIMEOUTS, value as unknown as TimeoutOptions)).toThrow(InvalidOptionError);
});
