import { expect, test } from 'vitest';
import { parseHttpDate } from './http-date.ts';

const NOW = Date.UTC(2026, 10, 22, 12, 0, 0);

test('takes a two-digit year that seems far ahead for the last century', () => {
  expect(parseHttpDate('Sunday, 06-Nov-94 08:49:37 GMT', NOW)).toBe(Date.UTC(1994, 10, 6, 8, 49, 37));
  expect(parseHttpDate('Sunday, 06-Nov-70 08:49:37 GMT', NOW)).toBe(Date.UTC(2070, 10, 6, 8, 49, 37));
});
