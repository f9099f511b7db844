import { run } from '@coloop/core';
import { expect, test } from 'vitest';
import { printed } from '../shared/printed.fixture.ts';
import { downloading } from './download.ts';

test('the connection breaks, the download goes on where it was, and the file is whole', async () => {
  const lines = await printed(() => run(downloading));
  expect(lines.filter((line) => /server/.test(line)).map((line) => line.replace(/byte \d+/, 'byte N'))).toEqual([
    '  server: asked for the file',
    '  server: cuts the connection',
    '  server: asked for the rest, from byte N',
  ]);
  const bars = lines.filter((line) => line.startsWith('['));
  expect(bars).toEqual([...new Set(bars)].sort((a, b) => a.lastIndexOf('#') - b.lastIndexOf('#')));
  expect(bars.at(-1)).toBe('[#####] 100 %');
  expect(lines.at(-1)).toBe('2621440 bytes over 2 connections; the copy is whole');
});
