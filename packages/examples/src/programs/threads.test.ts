import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@coloop/core';
import { expect, test } from 'vitest';
import { printed } from '../shared/printed.fixture.ts';
import { compare } from './threads.ts';

test('the comparison prints a row for every N and draws them', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'coloop-threads-'));
  const file = join(folder, 'plot.svg');
  try {
    const lines = await printed(() => run(compare([1, 3], file)));
    // Anchored: the folder's random name may end in a digit and an x, too.
    const times = lines.map((line) =>
      line
        .replace(/\d+ ms/g, '# ms')
        .replace(/[\d.]+x$/, '#x')
        .replace(/\s+/g, ' '),
    );
    expect(times).toEqual([
      ' N coroutines threads ratio',
      ' 1 # ms # ms #x',
      ' 3 # ms # ms #x',
      'At most 64 threads live at the same time. A thread is a whole worker here: see the top of the source.',
      `The plot is in ${file}`,
    ]);
    const svg = await readFile(file, 'utf8');
    expect(svg.match(/<circle /g)).toHaveLength(4);
    expect(svg).toMatch(/^<svg [^>]*>[\s\S]*<\/svg>\n$/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a plot that cannot be written is an error that names the file', async () => {
  const lines = printed(() => run(compare([1], '/nowhere/plot.svg')));
  await expect(lines).rejects.toMatchObject({ code: 'ENOENT', path: '/nowhere/plot.svg' });
});
