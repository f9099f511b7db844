import { describe, expect, test } from 'vitest';
import { DecompressionError, LimitExceededError } from '../errors.ts';
import { parseCodings } from './codings.ts';

const known = new Set(['gzip', 'deflate', 'br']);

describe('parseCodings', () => {
  test('gives the codings in the order in which they come off', () => {
    expect(parseCodings('deflate, GZIP , br', known, 5)).toEqual(['br', 'gzip', 'deflate']);
  });

  test('knows the old names and passes over identity and empty items', () => {
    expect(parseCodings('x-gzip,, identity', known, 5)).toEqual(['gzip']);
    expect(parseCodings('', known, 5)).toEqual([]);
    expect(parseCodings(null, known, 5)).toEqual([]);
  });

  test('refuses a coding that the platform does not know, with what to do', () => {
    expect(() => parseCodings('gzip, zstd', known, 5)).toThrow(DecompressionError);
    expect(() => parseCodings('compress', known, 5)).toThrow(/"compress".*decompress: false/);
  });

  test('refuses long chains, also of empty items', () => {
    expect(parseCodings('gzip,gzip,gzip,gzip,gzip', known, 5)).toHaveLength(5);
    expect(() => parseCodings('gzip,gzip,gzip,gzip,gzip,gzip', known, 5)).toThrow(LimitExceededError);
    expect(() => parseCodings(','.repeat(100_000), known, 5)).toThrow(LimitExceededError);
  });
});
