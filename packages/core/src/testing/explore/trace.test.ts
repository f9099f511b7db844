import { describe, expect, test } from 'vitest';
import { formatTrace, parseTrace } from './trace.ts';

describe('a trace', () => {
  test('reads back as what was written, for any seed', () => {
    const deviations = new Map([
      ['s12', 2],
      ['p3.17', 1],
      ['c3.5w', 1],
      ['c2.0r', 1],
      ['l4', 1],
      ['f5', 1],
    ]);
    for (const seed of [1, 0, -3, 0.5, 2 ** 60, 1e-7]) {
      expect(parseTrace(formatTrace({ seed, deviations }))).toEqual({ seed, deviations });
    }
    expect(formatTrace({ seed: 17, deviations })).toBe('v1/17/s12=2/p3.17/c3.5w/c2.0r/l4/f5');
  });

  test.each(['', 'v1', 'v1/', 'v2/1', 'v1/x', 'v1/1/', 'v1/1/s3', 'v1/1/p3', 'v1/1/c3.1', 'v1/1/q1.1'])(
    'is not %j',
    (text) => {
      expect(() => parseTrace(text)).toThrow(TypeError);
    },
  );
});
