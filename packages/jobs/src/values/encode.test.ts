import { ErrorClasses } from '@coloop/core/lowlevel';
import { expect, test } from 'vitest';
import { UntransferableError } from '../errors.ts';
import { decode, decodeError } from './decode.ts';
import { encode, encodeError } from './encode.ts';

const there = (value: unknown): unknown => decode(encode(value, 'value'));

test('values arrive as what they were', () => {
  const values = [
    undefined,
    null,
    Number.NaN,
    Number.NEGATIVE_INFINITY,
    -0,
    12n,
    new Date(5),
    new Map<unknown, unknown>([[{ a: 1 }, new Set([undefined, 'x'])]]),
    new Uint8Array([0, 255, 7]),
    new Float64Array([1.5, Number.NaN]),
    { $: ['number', 'NaN'], nested: { $: 1 } },
    [[], {}, ''],
  ];
  expect(there(values)).toEqual(values);
  expect(Object.is(there(-0), -0)).toBe(true);
  expect(there(new Date(Number.NaN))).toEqual(new Date(Number.NaN));
  expect(there(Buffer.from('abc'))).toEqual(new Uint8Array([97, 98, 99]));
  expect(there(new Uint8Array([1, 2, 3, 4]).subarray(1, 3))).toEqual(new Uint8Array([2, 3]));
  expect(there(new Uint8Array([1]).buffer)).toEqual(new Uint8Array([1]).buffer);
  const large = there(new Uint8Array(200_000).fill(3)) as Uint8Array;
  expect(Buffer.from(large).equals(Buffer.alloc(200_000, 3))).toBe(true);
});

test('errors arrive with class, cause and properties, within values and as what was thrown', () => {
  const error = Object.assign(new RangeError('too far', { cause: new TypeError('why') }), { code: 'FAR' });
  for (const got of [
    (there({ error }) as { error: RangeError }).error,
    decodeError(encodeError(error), new ErrorClasses(), 'a test') as RangeError,
  ]) {
    expect(got).toBeInstanceOf(RangeError);
    expect(got).toMatchObject({ message: 'too far', code: 'FAR', cause: { message: 'why' } });
  }
  const odd = Object.assign(new Error('odd'), { data: { fn: () => 1 } });
  expect((decodeError(encodeError(odd), new ErrorClasses(), 'a test') as Error).message).toBe('odd');
  expect(decodeError(encodeError('a text'), new ErrorClasses(), 'a test')).toBe('a text');
});

test('what cannot travel is named by its path', () => {
  const circle: { self?: unknown } = {};
  circle.self = [circle];
  const cases: [unknown, string][] = [
    [{ 'a b': { f: () => 1 } }, 'value["a b"].f'],
    [[Symbol('s')], 'value[0]'],
    [circle, 'value.self[0]'],
    [new Map([['k', new WeakMap()]]), 'value.get("k")'],
    [JSON.parse('{"a":{"__proto__":1}}'), 'value.a.__proto__'],
    [{ constructor: 1 }, 'value.constructor'],
  ];
  for (const [value, path] of cases) {
    try {
      encode(value, 'value');
      expect.unreachable(path);
    } catch (error) {
      expect(error).toBeInstanceOf(UntransferableError);
      expect((error as UntransferableError).path).toBe(path);
    }
  }
  let deep: unknown = 1;
  for (let index = 0; index < 100_000; index++) deep = [deep];
  expect(() => encode(deep, 'value')).toThrow('objects deep');
});

test('the same object twice is no circle', () => {
  const same = { a: 1 };
  expect(there([same, same])).toEqual([same, same]);
});

test('keys that reach a prototype are left out of what arrives, also from a peer that writes them', () => {
  const got = decode('{"a":1,"__proto__":{"polluted":1},"constructor":2,"prototype":3}') as Record<string, unknown>;
  expect(Object.keys(got)).toEqual(['a']);
  expect(Object.getPrototypeOf(got)).toBe(Object.prototype);
  expect(() => decode('{"$":["toString",1]}')).toThrow('the unknown kind "toString"');
});
