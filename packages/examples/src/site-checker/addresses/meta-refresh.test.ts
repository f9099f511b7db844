import { expect, test } from 'vitest';
import { addressOfRefresh } from './meta-refresh.ts';

test.each([
  ['0; url=/en/', '/en/'],
  ['5;URL = "/a b" rest', '/a b'],
  ["0.5, url='/a", '/a'],
  ['0 /a', '/a'],
  ['0;/a', '/a'],
  ['.5; url=/a', '/a'],
  [' 3 ; urls', 'urls'],
  ['0; url=a"b', 'a"b'],
  ['5', undefined],
  ['5;', undefined],
  ['5; url=', undefined],
  ['url=/a', undefined],
  ['5x; url=/a', undefined],
])('%j leads to %j', (content, address) => {
  expect(addressOfRefresh(content)).toBe(address);
});
