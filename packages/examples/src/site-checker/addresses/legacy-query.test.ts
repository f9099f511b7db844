import { expect, test } from 'vitest';
import { encodeQuery } from './legacy-query.ts';

test.each([
  ['windows-1251', '/\u{43f}?\u{43f}#\u{43f}', '/\u{43f}?%EF#\u{43f}'],
  ['windows-1251', '?\u{20ac}\u{1f600}', '?%88%26%23128512%3B'],
  ['shift_jis', '?\u{3042}', '?%82%A0'],
  ['gbk', '?\u{4f60}', '?%C4%E3'],
  ['utf-8', '?\u{43f}', '?\u{43f}'],
  ['iso-2022-jp', '?\u{3042}', '?\u{3042}'],
  ['windows-1251', '#a?\u{43f}', '#a?\u{43f}'],
])('in %s, %s becomes %s', (encoding, text, encoded) => {
  expect(encodeQuery(text, encoding)).toBe(encoded);
});
