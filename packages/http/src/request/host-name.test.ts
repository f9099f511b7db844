import { describe, expect, test } from 'vitest';
import { hostNameOf } from './host-name.ts';

describe('the name of a host', () => {
  test.each([
    ['api.test', 'api.test'],
    ['API.Test', 'api.test'],
    ['api.test.', 'api.test'],
    ['my_host', 'my_host'],
    ['a-b.c-d', 'a-b.c-d'],
    ['münchen.test', 'xn--mnchen-3ya.test'],
    ['MÜNCHEN.test.', 'xn--mnchen-3ya.test'],
    ['xn--MNCHEN-3ya.test', 'xn--mnchen-3ya.test'],
    ['日本語。テスト。', 'xn--wgv71a119e.xn--zckzah'],
    ['straße.test', 'xn--strae-oqa.test'],
    ['a%62c.test', 'abc.test'],
    ['127.1', '127.0.0.1'],
    ['0x7f.0.0.1', '127.0.0.1'],
    ['::1', '::1'],
    ['[::1]', '::1'],
    ['0:0:0:0:0:0:0:1', '::1'],
  ])('%j is %j', (given, expected) => {
    expect(hostNameOf(given)).toBe(expected);
  });

  test.each([
    ['the empty name', ''],
    ['a lone dot', '.'],
    ['a port', 'a.test:80'],
    ['a path', 'a.test/b'],
    ['a query', 'a.test?b'],
    ['a fragment', 'a.test#b'],
    ['a user', 'u@a.test'],
    ['white space', 'a test'],
    ['white space around it', ' a.test '],
    ['a line end', 'a.test\n'],
    ['a number that is too large', '1.2.3.456'],
    ['broken Punycode', 'xn--\u{200d}.test'],
  ])('is not %s', (_, given) => {
    expect(hostNameOf(given)).toBeUndefined();
  });
});
