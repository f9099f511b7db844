import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { publicWords } from '../scripts/fragments.ts';
import { root } from '../scripts/workspace.ts';

interface Row {
  readonly line: number;
  readonly names: string;
  readonly word: string;
  readonly remark: string;
}

/** The rows of a page's tables that have three columns. */
function rowsOf(page: string): Row[] {
  const lines = readFileSync(join(root, 'docs', page), 'utf8').split('\n');
  return lines.flatMap((text, index) => {
    const [names, word, remark, ...more] = text.split(/(?<!\\)\|/).slice(1, -1);
    if (names === undefined || word === undefined || remark === undefined || more.length > 0) return [];
    if (/^[\s-]+$/.test(names) || lines[index + 1]?.startsWith('|---')) return [];
    return [{ line: index + 1, names: names.trim(), word: word.trim(), remark: remark.trim() }];
  });
}

describe.each(['asyncio.md', 'aiohttp.md'])('the table of %s', (page) => {
  const rows = rowsOf(page);
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
