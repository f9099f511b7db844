import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@coloop/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { printed } from '../shared/printed.fixture.ts';
import { bar } from './hash-tree/progress.ts';
import { hashAll, hashTree } from './hash-tree.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coloop-hash-tree-'));
  await mkdir(join(folder, 'inner/deep'), { recursive: true });
  await writeFile(join(folder, 'b.txt'), 'b');
  await writeFile(join(folder, 'inner/deep/large'), 'x'.repeat(3_000_000));
  await writeFile(join(folder, 'inner/empty'), '');
  await symlink(folder, join(folder, 'inner/round'));
});

afterAll(() => rm(folder, { recursive: true }));

test('every file is hashed in workers, links are not followed, and the lines are those of sha256sum', async () => {
  const { lines, failures } = await run(hashTree(folder, 2));
  expect(failures).toBe(0);
  expect(lines).toEqual([
    `${sha256('b')}  ${join(folder, 'b.txt')}`,
    `${sha256('x'.repeat(3_000_000))}  ${join(folder, 'inner/deep/large')}`,
    `${sha256('')}  ${join(folder, 'inner/empty')}`,
  ]);
});

test('a file that is gone when its turn comes is told, and the others are hashed', async () => {
  const files = ['b.txt', 'gone'].map((name) => ({ path: join(folder, name), size: 1 }));
  const progress = { bytes: 0, ofBytes: 2, files: 0, ofFiles: 2 };
  let hashes: (string | null)[] = [];
  const lines = await printed(async () => {
    hashes = await run(hashAll(files, 1, progress));
  });
  expect(hashes).toEqual([sha256('b'), null]);
  expect(lines).toEqual([expect.stringMatching(/gone: ENOENT/)]);
  expect(progress).toMatchObject({ bytes: 2, files: 2 });
});

test('the bar tells bytes and files', () => {
  const half = { bytes: 2 ** 20, ofBytes: 2 ** 21, files: 1, ofFiles: 3 };
  expect(bar(half)).toBe('[###############---------------] 50 % of 2.0 MiB, 1 of 3 files');
  expect(bar({ bytes: 0, ofBytes: 0, files: 0, ofFiles: 0 })).toContain('] 100 % of 0.0 MiB');
});
