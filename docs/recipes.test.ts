import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../scripts/workspace.ts';

/** The blocks of code of a page. */
function blocksOf(name: string): string[] {
  const page = readFileSync(join(root, 'docs', name), 'utf8');
  return [...page.matchAll(/^```\w+[^\n]*\n([\s\S]*?)^```/gm)].map(([, code = '']) => code);
}

test('the Chinese page has the same code in the same order, with comments of its own', () => {
  const withoutComments = (code: string): string => code.replace(/\/\*\*.*?\*\/|\/\/ .*/g, '');
  expect(blocksOf('recipes.zh-CN.md').map(withoutComments)).toEqual(blocksOf('recipes.md').map(withoutComments));
});

test('each recipe of the page is the file that its test runs', () => {
  const folder = join(root, 'packages/examples/src/recipes');
  const files = readdirSync(folder).filter((file) => !file.endsWith('.test.ts'));
  expect(blocksOf('recipes.md').toSorted()).toEqual(
    files.map((file) => readFileSync(join(folder, file), 'utf8')).toSorted(),
  );
});
