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

  test.each([
    ['http://h/??a.js,b.js', { t: 1 }, 'http://h/??a.js,b.js&t=1'],
    ['http://h/???', { t: 1 }, 'http://h/???&t=1'],
    ['http://h/?', { t: 1 }, 'http://h/?t=1'],
    ['http://h/?a', { t: 1 }, 'http://h/?a&t=1'],
    ['http://h/?a=1&', { t: 1 }, 'http://h/?a=1&t=1'],
    ['http://h/?&', { t: 1 }, 'http://h/?&t=1'],
    ['http://h/?a=b=c&&a', { a: 2 }, 'http://h/?a=b=c&&a&a=2'],
    ['http://h/?sig=%2f%2F+%20~!*()', { t: 1 }, 'http://h/?sig=%2f%2F+%20~!*()&t=1'],
    ['http://h/?q=1#part?x', { t: 1 }, 'http://h/?q=1&t=1#part?x'],
    ['http://h/#?x', { t: 1 }, 'http://h/?t=1#?x'],
    ['http://h/?a=1', {}, 'http://h/?a=1'],
    ['http://h/?', {}, 'http://h/?'],
    ['http://h/?a=1', '', 'http://h/?a=1'],
    ['http://h/?a=1', '?', 'http://h/?a=1'],
    ['http://h/', '??x', 'http://h/??x'],
    ['http://h/?a=1', 'b=#&c=%23', 'http://h/?a=1&b=%23&c=%23'],
    ['http://h/?a=1', new URLSearchParams('b=2&b=3'), 'http://h/?a=1&b=2&b=3'],
    ['http://h/', { '?': '?#&=', é: '日' }, 'http://h/?%3F=%3F%23%26%3D&%C3%A9=%E6%97%A5'],
  ] as [string, Params, string][])('adds to the query of %s what %j says', (url, params, expected) => {
    expect(hrefOf(url, params)).toBe(expected);
    expect(readTarget(new URL(url), undefined, params).url.href).toBe(expected);
  });

  test('refuses a query with line ends, which the platform would leave out', () => {
    for (const query of ['a=1\nb=2', 'a\tb', '\r', 'a\0']) {
      expect(() => hrefOf('http://h/', query)).toThrow(/'params' has the control character U\+00/);
    }
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
