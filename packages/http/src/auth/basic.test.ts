import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { BasicAuth } from './basic.ts';

describe('BasicAuth', () => {
  test('encodes user name and password as RFC 7617 shows it', () => {
    expect(new BasicAuth('Aladdin', 'open sesame').authorization).toBe('Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==');
    expect(new BasicAuth('test', '123\u00a3').authorization).toBe('Basic dGVzdDoxMjPCow==');
  });

  test('sends an empty password where none is given', () => {
    expect(new BasicAuth('token').authorization).toBe('Basic dG9rZW46');
  });

  test('uses latin1 on request, and refuses what latin1 does not have', () => {
    expect(new BasicAuth('test', '123\u00a3', 'latin1').authorization).toBe('Basic dGVzdDoxMjOj');
    expect(() => new BasicAuth('test', '\u4f60', 'latin1')).toThrow(/use 'utf-8'/);
    expect(() => new BasicAuth('test', '\u00a3', 'ascii')).toThrow(/ascii/);
  });

  test('refuses a colon in the user name and control characters anywhere', () => {
    expect(() => new BasicAuth('a:b', 'c')).toThrow(/colon/);
    expect(() => new BasicAuth('a\r\nX-Evil', 'c')).toThrow(/control character/);
    expect(() => new BasicAuth('a', 'b\0')).toThrow(/control character/);
  });

  test('refuses an unknown encoding by name', () => {
    expect(() => new BasicAuth('a', 'b', 'utf-16' as 'utf-8')).toThrow(/"utf-16"/);
  });

  test('takes credentials out of a URL, percent-decoded', () => {
    const auth = BasicAuth.fromUrl(new URL('http://me%40home:p%3Ass%2F@example.com/'));
    expect(auth?.user).toBe('me@home');
    expect(auth?.authorization).toBe(`Basic ${btoa('me@home:p:ss/')}`);
    expect(BasicAuth.fromUrl(new URL('http://example.com/'))).toBeUndefined();
  });

  test('does not show its password when it is printed', () => {
    const auth = new BasicAuth('user', 'very-secret');
    expect(inspect(auth, { depth: 9, showHidden: true })).not.toContain('secret');
    expect(JSON.stringify(auth)).not.toContain('secret');
  });
});
