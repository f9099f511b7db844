import { expect, test } from 'vitest';
import { looksEndless } from './endless.ts';

test.each([
  ['/a/b/c/d/e/f/g', false],
  ['/2024/01/01/2024/', false],
  ['/docs/docs/docs/docs/docs/docs/', true],
  ['/en/about/en/help/en/about/en/help/en/about/en/help/', true],
  [`/${'x'.repeat(9_000)}`, true],
  ['/?a/a/a/a/a/a/a', false],
])('%s: %s', (path, expected) => {
  expect(looksEndless(new URL(path, 'https://site.test/'))).toBe(expected);
});
