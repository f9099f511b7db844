import { describe, expect, test } from 'vitest';
import { cookieLine, cookiePair } from './header.ts';

describe('cookieLine', () => {
  test('puts the call before the header and the header before the jar, one cookie per name', () => {
    expect(cookieLine('b=header; c=header', { a: 'call', b: 'call' }, 'a=jar; c=jar; d=jar')).toBe(
      'a=call; b=call; c=header; d=jar',
    );
    expect(cookieLine(undefined, null, 'a=jar')).toBe('a=jar');
    expect(cookieLine(undefined, { a: '1' }, '')).toBe('a=1');
  });

  test('keeps two cookies of one name from different paths', () => {
    expect(cookieLine('x=1', null, 'a=deep; a=root')).toBe('x=1; a=deep; a=root');
  });
});

describe('cookiePair', () => {
  test('refuses what a server would read as something else', () => {
    for (const bad of ['', 'a b', 'a=b', 'a;b', 'a\r\n', '\u4f60'])
      expect(() => cookiePair(bad, 'x')).toThrow(/use letters, digits/);
    for (const bad of ['a;b', 'a\r\nX-Evil: 1', 'a\0', '\u4f60', 5])
      expect(() => cookiePair('n', bad)).toThrow(/encode it/);
    expect(cookiePair('n', '"quoted, with comma"')).toBe('n="quoted, with comma"');
  });
});
