import { describe, expect, test } from 'vitest';
import { addressOn, bytes, count, duration, factor, linkOn, plural, printable, shorten, wrap } from './format.ts';

describe('figures', () => {
  test('counts are grouped and carry their noun', () => {
    expect(count(1_234_567)).toBe('1,234,567');
    expect([plural(1, 'page'), plural(2, 'page'), plural(0, 'address', 'addresses')]).toEqual([
      '1 page',
      '2 pages',
      '0 addresses',
    ]);
  });

  test('bytes are rounded to what can be read', () => {
    expect([0, 999, 1_000, 1_550, 99_960, 999_499, 999_500, 3_400_000].map(bytes)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '1.6 kB',
      '100 kB',
      '999 kB',
      '1.0 MB',
      '3.4 MB',
    ]);
  });

  test('durations keep the precision that matters', () => {
    expect([0, 0.42, 12.6, 999.4, 999.6, 1_254, 12_345, 59_940, 59_960, 125_000].map(duration)).toEqual([
      '0 ms',
      '0.4 ms',
      '13 ms',
      '999 ms',
      '1.00 s',
      '1.25 s',
      '12.3 s',
      '59.9 s',
      '1 min 0 s',
      '2 min 5 s',
    ]);
  });

  test('factors', () => {
    expect([1.04, 9.94, 14.6].map(factor)).toEqual(['1.0x', '9.9x', '15x']);
  });
});

describe('foreign text', () => {
  test('cannot steer a terminal or turn its own direction', () => {
    expect(printable('a\u{1b}[2Jb\r\n\u{9b}c\u{202e}d\u{2028}e')).toBe('a�[2Jb���c�d�e');
    expect(printable('naïve 漢字 🙂')).toBe('naïve 漢字 🙂');
  });

  test('is cut in the middle', () => {
    expect(shorten('abcdefghij', 10)).toBe('abcdefghij');
    expect(shorten('abcdefghij', 7)).toBe('abc…hij');
    expect(shorten('🙂🙂🙂🙂🙂', 4)).toBe('🙂…🙂🙂');
    expect(shorten('abc', 2)).toBe('ab');
  });

  test('addresses lose the part that every one of them has', () => {
    expect(addressOn('https://site.test/docs/', 'https://site.test/a?b')).toBe('/a?b');
    expect(addressOn('https://site.test/', 'https://site.test.evil.test/')).toBe('https://site.test.evil.test/');
  });

  test('links within a page lose the page', () => {
    expect(linkOn('https://site.test/', 'https://site.test/a', 'https://site.test/a#part')).toBe('#part');
    expect(linkOn('https://site.test/', 'https://site.test/a', 'https://site.test/b#part')).toBe('/b#part');
    expect(linkOn('https://site.test/', 'https://site.test/a', 'https://site.test/a')).toBe('/a');
  });
});

test('a sentence is broken at blanks, and a word that is too long stands alone', () => {
  expect(wrap('one two three', 7)).toBe('one two\nthree');
  expect(wrap('a https://site.test/long b', 8)).toBe('a\nhttps://site.test/long\nb');
  expect(wrap('short', 80)).toBe('short');
});
