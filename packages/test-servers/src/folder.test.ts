import { existsSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder } from './folder.ts';

test('a folder has its files, is open to the readers of other users, and goes with all that is in it', async () => {
  const folder = await makeFolder({ 'a.txt': 'text', 'b.bin': new Uint8Array([1, 2]) });
  expect(await readFile(join(folder.path, 'a.txt'), 'utf8')).toBe('text');
  expect([...(await readFile(join(folder.path, 'b.bin')))]).toEqual([1, 2]);
  expect((await stat(folder.path)).mode & 0o777).toBe(0o755);
  await writeFile(join(folder.path, 'later.txt'), '');
  await folder.close();
  expect(existsSync(folder.path)).toBe(false);
});
