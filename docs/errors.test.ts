import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { codes } from '../packages/core/src/inspect/index.ts';
import { publishedPackages, root } from '../scripts/workspace.ts';

const page = readFileSync(join(root, 'docs/errors.md'), 'utf8');
const headings = [...page.matchAll(/^### (\w+)$/gm)].map(([, name = '']) => name);

/** The classes of errors that the doors of all packages export. */
async function exportedErrors(): Promise<Set<string>> {
  const found = new Set<string>();
  for (const { directory, doors } of publishedPackages()) {
    for (const { source, condition } of doors) {
      if (condition !== 'default' || source.includes('lowlevel')) continue;
      const words: Record<string, unknown> = await import(join(directory, source));
      for (const [name, word] of Object.entries(words)) {
        if (typeof word === 'function' && word.prototype instanceof Error) found.add(name);
      }
    }
  }
  return found;
}

/** The codes that the client gives its errors, those of the system left out. */
function codesOfClient(): Set<string> {
  const source = join(root, 'packages/http/src');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !/test\.ts$|fixture|testing/.test(file),
  );
  const text = files.map((file) => readFileSync(join(source, file), 'utf8')).join('\n');
  const given = [...text.matchAll(/(?:\bcode: |defaultCode: string = )'([A-Z0-9_]+)'/g)].map(([, code = '']) => code);
  return new Set(given.filter((code) => !/^E[A-Z]+$/.test(code)));
}

test('the page of errors has every class that is exported, and no other', async () => {
  expect(headings.toSorted()).toEqual([...(await exportedErrors())].toSorted());
});

test('the page of errors has every code of the client', () => {
  const given = codesOfClient();
  expect(given.size).toBeGreaterThan(30);
  expect([...given].filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
});

test('the page of errors has every event and error that explain knows', () => {
  expect(codes.filter((code) => !headings.includes(code) && !page.includes(`<a id="${code}"></a>`))).toEqual([]);
});
