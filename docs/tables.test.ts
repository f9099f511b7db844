import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { publicWords } from '../scripts/fragments.ts';
import { root } from '../scripts/workspace.ts';
import { rowsOf } from './tables.ts';

interface Line {
  readonly line: number;
  readonly names: string;
  readonly word: string;
  readonly remark: string;
}

/** The rows of a page's tables that have three columns. */
function linesOf(page: string): Line[] {
  return rowsOf(page).flatMap(({ line, cells: [names, word, remark, ...more] }) =>
    names === undefined || word === undefined || remark === undefined || more.length > 0
      ? []
      : [{ line, names, word, remark }],
  );
}

describe.each(['asyncio.md', 'aiohttp.md'])('the table of %s', (page) => {
  const rows = linesOf(page);
  const words = publicWords();

  test('names for every row a word that exists, or none', () => {
    const named = rows
      .filter(({ word }) => word !== 'none')
      .flatMap(({ line, word }) => word.split(', ').map((one) => ({ line, one })));
    const unknown = named.filter(({ one }) => !words.has(one.replace(/^`(\w+)`$/, '$1')));
    expect(unknown.map(({ line, one }) => `docs/${page}:${line}: there is no word ${one}`)).toEqual([]);
  });

  test('says what to do instead where there is no word', () => {
    const silent = rows.filter(({ word, remark }) => word === 'none' && remark === '');
    expect(silent.map(({ line, names }) => `docs/${page}:${line}: nothing is said about ${names}`)).toEqual([]);
  });

  test('has rows', () => {
    expect(rows.length).toBeGreaterThan(50);
  });
});

test('every word in the README of the core exists', () => {
  const text = readFileSync(join(root, 'packages/core/README.md'), 'utf8');
  const [, table = ''] = /## The words\n([\s\S]*?)\n\n[^|]/.exec(text) ?? [];
  const words = publicWords();
  const named = [...table.matchAll(/`(\w+)`/g)].map(([, word = '']) => word);
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter((word) => !words.has(word))).toEqual([]);
});
