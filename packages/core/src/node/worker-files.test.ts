import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'coloop-bundle-'));
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const PROGRAM = `
  import { run, sleep } from '../index.ts';
  import { main, WorkerPool } from './index.ts';
  main(function* () {
    console.log(yield* sleep(1, 'it runs'));
    yield* WorkerPool.open(new URL('file:///jobs.mjs'));
  });`;

test.each([
  ['cjs', 'cjs'],
  ['esm', 'mjs'],
] as const)(
  'a program that was bundled as %s runs, and a pool says that the files of its workers are not there',
  (format, extension) => {
    const outfile = join(directory, `program.${extension}`);
    buildSync({
      stdin: { contents: PROGRAM, resolveDir: import.meta.dirname, loader: 'ts' },
      bundle: true,
      format,
      platform: 'node',
      logLevel: 'error',
      outfile,
    });
    const { stdout, stderr } = spawnSync(process.execPath, [outfile], { encoding: 'utf8' });
    expect(stdout).toBe('it runs\n');
    expect(stderr).toContain('WorkerLoadError: WorkerPool.open: boot.js');
    expect(stderr).toContain('esbuild --external:@coloop/core');
  },
);
