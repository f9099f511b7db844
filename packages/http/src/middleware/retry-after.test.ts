import { describe, expect, test } from 'vitest';
import { parseRetryAfter } from './retry-after.ts';

const NOW = Date.UTC(2026, 10, 22, 12, 0, 0);

describe('parseRetryAfter', () => {
  test('reads whole seconds, 0 meaning at once', () => {
    expect(parseRetryAfter('120', NOW)).toBe(120_000);
    expect(parseRetryAfter(' 0 ', NOW)).toBe(0);
  });

  test('reads all three forms of a date, a past one meaning at once', () => {
    expect(parseRetryAfter('Sun, 22 Nov 2026 12:00:30 GMT', NOW)).toBe(30_000);
    expect(parseRetryAfter('Sunday, 22-Nov-26 12:00:30 GMT', NOW)).toBe(30_000);
    expect(parseRetryAfter('Sun Nov 22 12:00:30 2026', NOW)).toBe(30_000);
    expect(parseRetryAfter('Fri, 31 Dec 1999 23:59:59 GMT', NOW)).toBe(0);
  });

  test('takes the first of several', () => {
    expect(parseRetryAfter('5, 10', NOW)).toBe(5_000);
    expect(parseRetryAfter('Sun, 22 Nov 2026 12:00:30 GMT, Sun, 22 Nov 2026 12:00:50 GMT', NOW)).toBe(30_000);
    expect(parseRetryAfter('7, Sun, 22 Nov 2026 12:00:50 GMT', NOW)).toBe(7_000);
    expect(parseRetryAfter('soon, 5', NOW)).toBeUndefined();
  });

  test('makes nothing of anything else', () => {
    for (const bad of [
      '',
      '-1',
      '1.5',
      '1e3',
      '0x10',
      'soon',
      '120s',
      '2026-11-22',
      'Sun, 31 Feb 2026 12:00:00 GMT',
      'Sun, 22 Nov 2026 25:00:00 GMT',
      'Sun, 22 Xyz 2026 12:00:00 GMT',
    ]) {
      expect([bad, parseRetryAfter(bad, NOW)]).toEqual([bad, undefined]);
    }
    expect(parseRetryAfter(null, NOW)).toBeUndefined();
  });
});
