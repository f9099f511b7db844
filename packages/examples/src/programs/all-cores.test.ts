import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTest } from '@coloop/core/testing';
import { expect, test } from 'vitest';
import { printed } from '../shared/printed.fixture.ts';
import { compare } from './all-cores.ts';

test('the comparison prints a row for every place and draws them', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'coloop-all-cores-'));
  const file = join(folder, 'plot.svg');
  try {
    // In virtual time the workers run in this thread; the program does not know.
    const amount = { waits: 20, parts: 4, rounds: 10 };
    const lines = await printed(() => runTest(compare(2, file, amount), { holdForHost: true }));
    expect(lines.map((line) => line.replace(/\s+/g, ' '))).toEqual([
      ' waiting computing',
      'one loop 100 ms 0 ms',
      '2 threads 100 ms 0 ms',
      '2 processes 100 ms 0 ms',
      'Waiting needs no thread; computing is as fast as there are cores.',
      `The plot is in ${file}`,
    ]);
    const svg = await readFile(file, 'utf8');
    expect(svg.match(/<rect x=/g)).toHaveLength(6);
    expect(svg).toMatch(/^<svg [^>]*>[\s\S]*<\/svg>\n$/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
