import { describe, expect, test } from 'vitest';
import { parseHttpDate, parseRetryAfter } from './retry-after.ts';

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

test('takes a two-digit year that seems far ahead for the last century', () => {
  expect(parseHttpDate('Sunday, 06-Nov-94 08:49:37 GMT', NOW)).toBe(Date.UTC(1994, 10, 6, 8, 49, 37));
  expect(parseHttpDate('Sunday, 06-Nov-70 08:49:37 GMT', NOW)).toBe(Date.UTC(2070, 10, 6, 8, 49, 37));
});
