// Workers in a page that a bundler has built: the recipes of docs/workers.md, of the package as it is built, run in Chromium.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as esbuild } from 'esbuild';
import { type Browser, chromium } from 'playwright';
import { build as vite } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const CORE = fileURLToPath(new URL('..', import.meta.url));

const JOBS = `
import { sleep } from '@coloop/core';
export function* greet(name) {
  yield* sleep(1);
  return 'hello ' + name;
}
export function* numbers(count) {
  for (let i = 1; i <= count; i++) yield i;
}
export function refuse() {
  throw new RangeError('not today');
}
`;

const WORKER = `
import { expose } from '@coloop/core/workers';
import * as jobs from './jobs.js';
expose(jobs);
`;

/** @param script - how the worker's script is called where the page runs */
const pageOf = (script: string): string => `
import { attempt, run, stream, timeout } from '@coloop/core';
import { WorkerPool } from '@coloop/core/workers';
run(function* () {
  const make = () => new Worker(new URL('${script}', import.meta.url), { type: 'module' });
  const pool = yield* WorkerPool.open(make, { size: 2 });
  const greeting = yield* timeout(20_000, pool.call('greet', 'page'));
  const numbers = yield* stream(pool.stream('numbers', 4)).collect();
  const { error } = yield* attempt(pool.call('refuse'));
  return [greeting, numbers.join(), error.name, error.message].join('; ');
}).then(
  (text) => { document.title = text; },
  (error) => { document.title = 'failed: ' + error.stack; },
);
`;

const HTML = '<!doctype html><title>waiting</title><script type="module" src="./main.js"></script>';
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };

let folder = '';
let server: Server | undefined;
let browser: Browser | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bundlers-'));
  await mkdir(join(folder, 'node_modules/@coloop'), { recursive: true });
  await symlink(CORE, join(folder, 'node_modules/@coloop/core'));
  await writeFile(join(folder, 'jobs.js'), JOBS);
  await writeFile(join(folder, 'jobs.worker.js'), WORKER);
  await writeFile(join(folder, 'index.html'), HTML);
});

afterAll(async () => {
  await browser?.close();
  server?.close();
  await rm(folder, { recursive: true, force: true });
});

/** What the page of a folder says when it has run. */
async function titleIn(built: string): Promise<string> {
  server ??= createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
    const file = join(folder, path.endsWith('/') ? `${path}index.html` : path);
    response.setHeader('Content-Type', TYPES[extname(file)] ?? 'application/octet-stream');
    try {
      response.end(await readFile(file));
    } catch {
      response.writeHead(404).end();
    }
  }).listen(0, '127.0.0.1');
  if (!server.listening) await new Promise((resolve) => server?.once('listening', resolve));
  browser ??= await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
  const page = await browser.newPage();
  const { port } = server.address() as { port: number };
  await page.goto(`http://127.0.0.1:${port}/${built}/`);
  await page.waitForFunction(() => document.title !== 'waiting');
  const title = await page.title();
  await page.close();
  return title;
}

const EXPECTED = 'hello page; 1,2,3,4; RangeError; not today';

const missing = existsSync(CHROMIUM) ? '' : ' (SKIPPED: chromium is not installed)';

describe.skipIf(missing !== '')(`workers in a bundled page${missing}`, () => {
  test('esbuild, with the worker as an entry of its own', async () => {
    await writeFile(join(folder, 'main.js'), pageOf('./jobs.worker.js'));
    const outdir = join(folder, 'esbuild');
    await esbuild({
      absWorkingDir: folder,
      entryPoints: ['main.js', 'jobs.worker.js'],
      outdir,
      bundle: true,
      minify: true,
      format: 'esm',
      splitting: true,
      logLevel: 'error',
    });
    await writeFile(join(outdir, 'index.html'), HTML);
    expect(await titleIn('esbuild')).toBe(EXPECTED);
  });

  test('Vite, which finds the worker by itself', async () => {
    await writeFile(join(folder, 'main.js'), pageOf('./jobs.worker.js'));
    await vite({
      root: folder,
      base: './',
      logLevel: 'error',
      configFile: false,
      worker: { format: 'es' },
      build: { outDir: 'vite', emptyOutDir: false },
    });
    expect(await titleIn('vite')).toBe(EXPECTED);
  });
});
