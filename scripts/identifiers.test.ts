import { expect, test } from 'vitest';
import { namesIn, wordsIn } from './identifiers.ts';

test('a name is split into its words', () => {
  expect(wordsIn('chunkNowait')).toEqual(['chunk', 'nowait']);
  expect(wordsIn('MAX_BODY_SIZE')).toEqual(['max', 'body', 'size']);
  expect(wordsIn('HTTPServer2')).toEqual(['http', 'server2']);
  expect(wordsIn('#bodyOf')).toEqual(['body', 'of']);
});

test('the names that a file declares are found, with their lines, and names that it only uses are not', () => {
  const text = [
    'import { imported } from "./a.ts";',
    'export class Box<T> { #secret = 1; size(given: number): void { this.used.member(); } }',
    'interface Lid { readonly open: boolean }',
    'type Key = 1;',
    'const { one, two: renamed } = used; function call() {}',
  ].join('\n');
  const found = namesIn('a.ts', text);
  expect(found.filter(({ isType }) => isType).map(({ name, line }) => [name, line])).toEqual([
    ['Box', 2],
    ['Lid', 3],
    ['Key', 4],
  ]);
  expect(found.map(({ name }) => name)).toEqual([
    'imported',
    'Box',
    'T',
    '#secret',
    'size',
    'given',
    'Lid',
    'open',
    'Key',
    'one',
    'renamed',
    'call',
  ]);
});
