// Two copies of the library in one process, as a package manager may install them: loaded from two bundles.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';

type Core = typeof import('./index.ts');

let directory: string;
let a: Core;
let b: Core;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'coloop-copies-'));
  const load = async (name: string): Promise<Core> => {
    const outfile = join(directory, `${name}.mjs`);
    buildSync({ entryPoints: [join(import.meta.dirname, 'index.ts')], bundle: true, format: 'esm', outfile });
    return import(pathToFileURL(outfile).href);
  };
  a = await load('a');
  b = await load('b');
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const told = (what: string): string =>
  `TypeError: ${what} belongs to a second copy of @coloop/core: the task that runs here is of another one. Keep one: ` +
  `\`npm ls @coloop/core\` shows who brings them.\n  the task's copy: ${pathToFileURL(join(directory, 'a.mjs'))}\n` +
  `  this copy: ${pathToFileURL(join(directory, 'b.mjs'))}`;

test('a word of one copy in a task of the other says so, and where both copies lie', async () => {
  await a.run(function* () {
    const waits = yield* a.attempt(b.sleep(10) as never);
    expect(String(!waits.ok && waits.error)).toBe(told('sleep(10)'));
    expect(() => b.spawn(b.sleep(1))).toThrow(told('spawn()').slice('TypeError: '.length));
    expect(() => b.currentTask()).toThrow('belongs to a second copy of @coloop/core');
  });
});

test('an operation of the other copy behind a plain yield is told apart too', async () => {
  const yields = function* () {
    yield b.sleep(10);
  };
  await expect(a.run(yields as never)).rejects.toThrow(
    'This operation comes from a second copy of @coloop/core. Keep one: `npm ls @coloop/core` shows who brings them.',
  );
});

test('outside of every task a word of any copy says only that', () => {
  expect(() => b.currentTask()).toThrow('currentTask() was used outside of a task.');
});

test('each copy runs its own programs', async () => {
  expect(await Promise.all([a.run(() => a.sleep(1, 'a')), b.run(() => b.sleep(1, 'b'))])).toEqual(['a', 'b']);
});
