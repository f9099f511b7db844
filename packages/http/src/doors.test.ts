import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

interface Word {
  readonly file: string;
  readonly isType: boolean;
}

/** The words that a door exports, each with the file that it comes from. */
function wordsOf(door: string): Map<string, Word> {
  const text = readFileSync(join(import.meta.dirname, door), 'utf8');
  const words = new Map<string, Word>();
  for (const statement of ts.createSourceFile(door, text, ts.ScriptTarget.ES2022, true).statements) {
    if (!ts.isExportDeclaration(statement) || !statement.moduleSpecifier || !statement.exportClause) continue;
    if (!ts.isNamedExports(statement.exportClause) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    for (const { name, isTypeOnly } of statement.exportClause.elements) {
      words.set(name.text, { file: statement.moduleSpecifier.text, isType: isTypeOnly || statement.isTypeOnly });
    }
  }
  return words;
}

const node = wordsOf('index.ts');
const browser = wordsOf('browser.ts');

test('a value that one door exports is exported by the other, too', () => {
  const valuesOf = (words: Map<string, Word>): string[] =>
    [...words].filter(([, { isType }]) => !isType).map(([name]) => name);
  expect(valuesOf(browser).sort()).toEqual(valuesOf(node).sort());
  expect(valuesOf(node).length).toBeGreaterThan(30);
});

test('a word of both doors comes from one file, unless its platform makes it', () => {
  const shared = [...browser].filter(([name]) => node.has(name));
  const twofold = shared.filter(([name, { file }]) => {
    const other = node.get(name)?.file ?? '';
    return file !== other && !file.startsWith('./web/') && !other.startsWith('./node/');
  });
  expect(twofold).toEqual([]);
  expect(shared.length).toBeGreaterThan(50);
});

test('the browser has no word of its own: code that is written for it runs in Node', () => {
  expect([...browser.keys()].filter((name) => !node.has(name))).toEqual([]);
});
