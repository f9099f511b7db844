import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { InvalidOptionError, InvalidUrlError } from '../errors.ts';
import { type Params, readBase, readTarget } from './url.ts';

const hrefOf = (input: string, params?: Params): string => readTarget(input, undefined, params).url.href;

describe('readTarget', () => {
  test('splits credentials off and decodes them', () => {
    const { url, credentials } = readTarget('http://us%40er:p%3Ass@host/x', undefined, undefined);
    expect(url.href).toBe('http://host/x');
    expect(credentials).toEqual({ username: 'us@er', password: 'p:ss' });
  });

  test('appends params and leaves the query that is there as it was written', () => {
    expect(hrefOf('http://h/?a=%7e+b', { c: 'd e', n: 1, list: ['x', 'y'], no: null, yes: true })).toBe(
      'http://h/?a=%7e+b&c=d+e&n=1&list=x&list=y&yes=true',
    );
    expect(hrefOf('http://h/', '?q=1')).toBe('http://h/?q=1');
    expect(
      hrefOf('http://h/', [
        ['a', '1'],
        ['a', '2'],
      ]),
    ).toBe('http://h/?a=1&a=2');
  });

  test('does not read params from Object.prototype', () => {
    Object.defineProperty(Object.prototype, 'leaked', {
      value: 'x',
      enumerable: true,
      configurable: true,
      writable: true,
    });
    try {
      expect(hrefOf('http://h/', { a: '1' })).toBe('http://h/?a=1');
    } finally {
      Reflect.deleteProperty(Object.prototype, 'leaked');
    }
  });

  test.each(['http://h/a\r\nb', 'http://h/\0', 'ht\ttp://h/', 'http://h\n/'])(
    'refuses the control character in %j',
    (url) => {
      expect(() => hrefOf(url)).toThrow(/control character/);
    },
  );

  test.each(['ftp://h/', 'file:///etc/passwd', 'javascript:alert(1)', 'data:,x'])('refuses the scheme of %s', (url) => {
    expect(() => hrefOf(url)).toThrow(/use http: or https:/);
  });

  test('an unreadable URL is shown without what may be its password', () => {
    for (const url of ['http://user:sec/ret@host:99999/', 'http://user:secret@ho st/', 'user:secret@host']) {
      try {
        hrefOf(url);
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidUrlError);
        expect(inspect(error)).not.toMatch(/sec/);
      }
    }
  });

  test('says whether the base was left', () => {
    const base = new URL('http://api.example/v1/');
    const within = (input: string): boolean => readTarget(input, base, undefined).withinBase;
    expect(readTarget('users', base, undefined).url.href).toBe('http://api.example/v1/users');
    expect([
      within('users'),
      within('/x'),
      within('http://api.example:80/'),
      within('//evil.example/x'),
      within('\\\\evil.example'),
      within('https://api.example/'),
    ]).toEqual([true, true, true, false, false, false]);
  });

  test('refuses values that no server could read', () => {
    expect(() => hrefOf('http://h/', { a: Number.NaN })).toThrow(InvalidOptionError);
    expect(() => readTarget('http://h/', undefined, { a: {} } as unknown as Params)).toThrow(
      /'params\.a' is an object/,
    );
  });
});

test('readBase refuses a query that would be lost', () => {
  expect(() => readBase('http://h/?a=1')).toThrow(InvalidUrlError);
  expect(() => readBase('/relative')).toThrow(InvalidUrlError);
});
