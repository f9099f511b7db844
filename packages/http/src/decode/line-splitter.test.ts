import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LimitExceededError } from '../errors.ts';
import { LineSplitter } from './line-splitter.ts';

function split(chunks: readonly string[], most = 1000): string[] {
  const splitter = new LineSplitter(most);
  const lines: string[] = [];
  for (const chunk of chunks) splitter.push(chunk, lines);
  const last = splitter.end();
  return last === undefined ? lines : [...lines, last];
}

describe('LineSplitter', () => {
  test('cuts at LF and CRLF and gives a last line without an end', () => {
    expect(split(['a\nb\r\n\nc'])).toEqual(['a', 'b', '', 'c']);
    expect(split(['a\n'])).toEqual(['a']);
    expect(split([])).toEqual([]);
  });

  test('does not care how the text was cut into chunks', () => {
    expect(split(['a\r', '\nb', '', 'c\n'])).toEqual(['a', 'bc']);
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[ab\r\n]{0,6}$/)), (chunks) => {
        expect(split(chunks)).toEqual(split([chunks.join('')]));
      }),
    );
  });

  test('refuses a line beyond the limit before it is complete', () => {
    const splitter = new LineSplitter(10);
    splitter.push('12345', []);
    expect(() => splitter.push('678901', [])).toThrow(LimitExceededError);
    expect(split(['1234567890\nab'], 10)).toEqual(['1234567890', 'ab']);
  });
});
