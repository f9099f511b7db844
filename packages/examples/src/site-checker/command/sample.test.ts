import { describe, expect, test } from 'vitest';
import { visit } from '../report/findings.fixture.ts';
import { pickSample } from './sample.ts';

const pages = (count: number) => Array.from({ length: count }, (_, index) => visit(`/${index}`, index, index + 20));

describe('the sample that the gain is measured on', () => {
  test('is spread over the whole run', () => {
    const sample = pickSample(pages(400));
    expect(sample).toHaveLength(40);
    expect(sample[0]).toBe('https://site.test/0');
    expect(sample[39]).toBe('https://site.test/390');
  });

  test('holds every page of a small site once', () => {
    expect(pickSample(pages(10))).toHaveLength(10);
    expect(pickSample([])).toEqual([]);
  });

  test('leaves out failures, slow pages and what is not a page', () => {
    const problem = { why: 'timeout', text: 'no answer' } as const;
    const sample = pickSample([
      ...pages(9),
      visit('/slow', 0, 2_000),
      visit('/broken', 0, 20, { problem }),
      visit('/picture', 0, 20, { kind: 'other' }),
    ]);
    expect(sample).toHaveLength(9);
  });
});
