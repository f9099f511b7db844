import { describe, expect, test } from 'vitest';
import { InvalidOptionError } from './errors.ts';
import { type HeadersInit, RequestHeaders } from './headers.ts';

const flatOf = (init: HeadersInit): readonly string[] => RequestHeaders.from(init).flat;

describe('RequestHeaders', () => {
  test('keeps order, spelling and duplicates', () => {
    expect(
      flatOf([
        ['X-B', '1'],
        ['x-a', '2'],
        ['X-B', '3'],
      ]),
    ).toEqual(['X-B', '1', 'x-a', '2', 'X-B', '3']);
    expect(flatOf({ 'X-List': ['1', 2], 'X-Number': 3, 'X-True': true })).toEqual([
      'X-List',
      '1',
      'X-List',
      '2',
      'X-Number',
      '3',
      'X-True',
      'true',
    ]);
    expect(flatOf(new Headers({ a: 'b' }))).toEqual(['a', 'b']);
  });

  test('leaves out what is null, undefined or false', () => {
    expect(flatOf({ a: null, b: undefined, c: 'd' })).toEqual(['c', 'd']);
  });

  test('finds, sets, appends, deletes and merges without regard to case, and never changes itself', () => {
    const headers = RequestHeaders.from({ 'X-A': '1', 'X-B': '2' });
    expect([headers.get('x-a'), headers.has('X-C'), headers.get('x-c')]).toEqual(['1', false, undefined]);
    expect(headers.set('x-a', '3').flat).toEqual(['X-B', '2', 'x-a', '3']);
    expect(headers.append('x-a', '3').flat).toEqual(['X-A', '1', 'X-B', '2', 'x-a', '3']);
    expect(headers.delete('X-A').flat).toEqual(['X-B', '2']);
    expect(headers.merge(RequestHeaders.from({ 'x-b': '9', c: 'd' })).flat).toEqual(['X-A', '1', 'x-b', '9', 'c', 'd']);
    expect(headers.toHeaders().get('x-b')).toBe('2');
    expect(headers.flat).toEqual(['X-A', '1', 'X-B', '2']);
  });

  test.each(['content-length', 'Host', 'AUTHORIZATION', 'Transfer-Encoding'])('takes %s once only', (name) => {
    expect(() =>
      flatOf([
        [name, '1'],
        [name.toLowerCase(), '2'],
      ]),
    ).toThrow(/given twice/);
    expect(() => RequestHeaders.from({ [name]: '1' }).append(name, '2')).toThrow(InvalidOptionError);
  });

  test.each(['', 'a b', 'a:b', 'a\r\n', 'ä', 'a\0', '(a)'])('refuses the name %j', (name) => {
    expect(() => flatOf({ [name]: 'x' })).toThrow(/write letters, digits/);
  });

  test.each(['a\rb', 'a\nb', 'a\0b', '\x7f', '\u0100', 'a\r\n b', '\x1b[0m'])('refuses the value %j', (value) => {
    expect(() => flatOf({ a: value })).toThrow(/U\+/);
  });

  test('reads a value once, so that none can change after the check', () => {
    let asked = 0;
    const sly = { toString: () => (asked++ === 0 ? 'fine' : 'evil\r\nX: y') };
    expect(() => flatOf({ a: sly as unknown as string })).toThrow(/give a string/);
  });

  test('does not read from Object.prototype', () => {
    Object.defineProperty(Object.prototype, 'X-Evil', {
      value: '1',
      enumerable: true,
      configurable: true,
      writable: true,
    });
    try {
      expect(flatOf({ a: 'b' })).toEqual(['a', 'b']);
    } finally {
      Reflect.deleteProperty(Object.prototype, 'X-Evil');
    }
  });
});
