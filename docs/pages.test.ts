import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../scripts/workspace.ts';

/** The blocks of code of a page. */
function blocksOf(name: string): string[] {
  const page = readFileSync(join(root, 'docs', name), 'utf8');
  return [...page.matchAll(/^```\w+[^\n]*\n([\s\S]*?)^```/gm)].map(([, code = '']) => code);
}

const CHINESE = readdirSync(join(root, 'docs'))
  .filter((name) => name.endsWith('.zh-CN.md') && name !== 'getting-started.zh-CN.md')
  .map((name) => name.replace('.zh-CN', ''));

/** Without comments, and without what a page prints in its own language. */
const withoutProse = (code: string): string =>
  code.replace(/\/\*\*.*?\*\/|\/\/.*|[\p{Script=Han}\u3000-\u303f\uff00-\uffef]+/gu, '').replace(/[ \t]+$/gm, '');

test.each(CHINESE)('the Chinese twin of %s has the same code in the same order, with comments of its own', (page) => {
  const twin = page.replace('.md', '.zh-CN.md');
  expect(blocksOf(twin).map(withoutProse)).toEqual(blocksOf(page).map(withoutProse));
});

test('each program of the page of services with a framework is the file that its test runs', () => {
  const folder = join(root, 'packages/examples/src/recipes');
  const files = readdirSync(folder).filter((file) => !file.endsWith('.test.ts'));
  const blocks = blocksOf('services.md');
  const missing = files.filter((file) => !blocks.includes(readFileSync(join(folder, file), 'utf8')));
  expect(files.length).toBeGreaterThan(4);
  expect(missing).toEqual([]);
});
