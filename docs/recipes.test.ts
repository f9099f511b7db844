import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../scripts/workspace.ts';

test('each recipe of the page is the file that its test runs', () => {
  const folder = join(root, 'packages/examples/src/recipes');
  const files = readdirSync(folder).filter((file) => !file.endsWith('.test.ts'));
  const page = readFileSync(join(root, 'docs/recipes.md'), 'utf8');
  const blocks = [...page.matchAll(/^```\w+[^\n]*\n([\s\S]*?)^```/gm)].map(([, code]) => code);
  expect(blocks.toSorted()).toEqual(files.map((file) => readFileSync(join(folder, file), 'utf8')).toSorted());
});
