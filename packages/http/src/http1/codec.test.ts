import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WORKING_VERSIONS } from './codec.ts';

test('the versions of the codec that the error names are those that the package depends on', () => {
  const catalog = readFileSync(new URL('../../../../pnpm-workspace.yaml', import.meta.url), 'utf8');
  const range = /^ {2}undici: (~7\.\d+\.\d+)$/m.exec(catalog)?.[1];
  expect(range).toBeDefined();
  expect(WORKING_VERSIONS).toContain(`(${range})`);
});

describe('a program that was bundled into one file', () => {
  let directory: string;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'coloop-bundle-'));
    // Where a bundle lies another version may be meant for somebody else.
    mkdirSync(join(directory, 'node_modules/undici'), { recursive: true });
    writeFileSync(join(directory, 'node_modules/undici/package.json'), '{ "name": "undici", "version": "5.0.0" }');
  });

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  /** What a program prints that asks a port at which nobody listens. */
  function printed(format: 'cjs' | 'esm', banner: string): string {
    const outfile = join(directory, `program.${format === 'cjs' ? 'cjs' : 'mjs'}`);
    const contents = `
      import { run } from '@coloop/core';
      import { Session } from '../index.ts';
      run(function* () {
        const session = yield* Session.open({ retry: null });
        yield* session.get('http://127.0.0.1:1/');
      }).catch((error) => console.log(error.code, error.message));`;
    buildSync({
      stdin: { contents, resolveDir: import.meta.dirname, loader: 'ts' },
      bundle: true,
      format,
      platform: 'node',
      target: 'node20',
      conditions: ['@coloop/source'],
      logLevel: 'error',
      banner: { js: banner },
      outfile,
    });
    const { stdout, stderr } = spawnSync(process.execPath, [outfile], { encoding: 'utf8' });
    expect(stderr).toBe('');
    return stdout;
  }

  test('asks as CommonJS', () => {
    expect(printed('cjs', '')).toMatch(/^ECONNREFUSED/);
  });

  test('is told as modules what their `require` needs, and asks when it has that', () => {
    const told = printed('esm', '');
    expect(told).toMatch(/^CODEC .* is in the bundle of this program, which has no `require` for it/);
    const banner = /the banner `(.+)`\./.exec(told)?.[1];
    expect(printed('esm', banner as string)).toMatch(/^ECONNREFUSED/);
  });
});
