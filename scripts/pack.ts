// Looks at the packages as their users get them: packed, checked by publint and attw, compiled against, imported, and weighed.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { checkPlaces, wrongNames } from './pack-places.ts';
import { type Package, publishedPackages, root } from './workspace.ts';

/** What a user may be made to download, in bytes of minified and gzipped code: docs/decisions/0007-size-of-the-core.md. */
const budgets = [
  { name: 'run + sleep + spawn', code: "export { run, sleep, spawn } from '@coloop/core';", limit: 18.5 * 1024 },
  { name: 'the whole front door', code: "export * from '@coloop/core';", limit: 47 * 1024 },
];

let failures = 0;

function fail(what: string): void {
  failures += 1;
  console.error(`FAILED  ${what}`);
}

function tool(what: string, cwd: string, command: string, args: readonly string[]): boolean {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status === 0) {
    console.log(`ok      ${what}`);
    return true;
  }
  fail(`${what}\n${error?.message ?? ''}${stdout}${stderr}`);
  return false;
}

const bin = (name: string): string => join(root, 'node_modules/.bin', name);

/** Unpacks a package into the consumer's node_modules, with the dependencies that its manifest names and no others. */
function install(pack: Package, tarball: string, modules: string): void {
  const target = join(modules, pack.manifest.name);
  mkdirSync(target, { recursive: true });
  tool(`${pack.manifest.name}: unpacks`, target, 'tar', ['xzf', tarball, '--strip-components=1']);
  for (const dependency of Object.keys(pack.manifest.dependencies ?? {})) {
    if (dependency.startsWith('@coloop/')) continue;
    const link = join(target, 'node_modules', dependency);
    mkdirSync(join(link, '..'), { recursive: true });
    symlinkSync(join(pack.directory, 'node_modules', dependency), link);
  }
}

function consumerConfig(module: 'nodenext' | 'bundler'): string {
  return JSON.stringify({
    compilerOptions: {
      target: 'ES2022',
      lib: ['ES2023', 'ESNext.Disposable', 'DOM'],
      types: ['node'],
      module: module === 'bundler' ? 'ESNext' : 'NodeNext',
      moduleResolution: module,
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
    },
    files: ['consumer.ts'],
  });
}

// What is loaded costs every start its time, and every collection of garbage as well.
const NEEDED = `
  import { createRequire } from 'node:module';
  await import('@coloop/http');
  const loaded = Object.keys(createRequire('/').cache).filter((file) => /undici.(index\\.js$|lib.(api|mock|web)\\b)|node_modules.ws.lib/.test(file));
  if (loaded.length > 0) throw new Error('loaded at the start: ' + loaded.join(', '));
`;

/** What a user is told whose undici has no such file. */
const WITHOUT_CODEC = `
  const { run } = await import('@coloop/core');
  const { ClientError, Session } = await import('@coloop/http');
  const error = await run(function* () {
    return yield* (yield* Session.open()).get('http://127.0.0.1:1/');
  }).catch((error) => error);
  const told = error instanceof ClientError && error.code === 'CODEC' && /install undici 7\\.\\d+\\.\\d+ [^.]*\\(~7[^ ]*\\)\\.$/.test(error.message);
  if (!told) throw error;
`;

/** The scripts with such characters; in texts the build has escaped them, in comments it has not. */
function beyondLatin1(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.js'))
    .filter((path) => /[^\0-\xff]/.test(readFileSync(join(directory, path), 'utf8')));
}

async function weigh(directory: string): Promise<void> {
  for (const { name, code, limit } of budgets) {
    const { outputFiles } = await build({
      stdin: { contents: code, resolveDir: directory },
      bundle: true,
      minify: true,
      format: 'esm',
      target: 'es2022',
      write: false,
    });
    const size = gzipSync(outputFiles[0]?.contents ?? '').length;
    const line = `${name}: ${size} bytes of ${limit} (minified, gzipped)`;
    if (size > limit) fail(line);
    else console.log(`ok      ${line}`);
  }
}

const work = mkdtempSync(join(tmpdir(), 'coloop-pack-'));
try {
  const packages = publishedPackages().filter((pack) => pack.doors.length > 0);
  // A path with what a URL writes in another way, and with what stands in a stack around a path.
  const consumer = join(work, 'a con @sumer (é)');
  const modules = join(consumer, 'node_modules');
  mkdirSync(join(modules, '@types'), { recursive: true });
  symlinkSync(join(root, 'node_modules/@types/node'), join(modules, '@types/node'));
  for (const pack of packages) {
    const { name } = pack.manifest;
    for (const door of pack.missing) fail(`${name} promises ${door.specifier}, but ${door.source} does not exist`);
    const out = join(work, name.replace('/', '-'));
    mkdirSync(out);
    if (!existsSync(join(pack.directory, 'dist'))) {
      fail(`${name} is not built: run the build first`);
      continue;
    }
    tool(`${name}: packs`, pack.directory, 'npx', ['--yes', 'pnpm@12.21.0', 'pack', '--pack-destination', out]);
    const [file] = readdirSync(out);
    if (!file) continue;
    const tarball = join(out, file);
    for (const path of beyondLatin1(join(pack.directory, 'dist/joined'))) {
      fail(`${name}: ${path} has a character beyond U+00FF, so that V8 keeps all of it in two bytes a character`);
    }
    tool(`${name}: publint --strict`, root, bin('publint'), ['run', '--strict', tarball]);
    tool(`${name}: attw, ESM only`, root, bin('attw'), [tarball, '--profile', 'esm-only', '--no-emoji', '--no-color']);
    install(pack, tarball, modules);
  }
  const doors = packages.flatMap((pack) => pack.doors.filter((door) => door.condition === 'default'));
  writeFileSync(join(consumer, 'package.json'), '{ "type": "module" }\n');
  writeFileSync(
    join(consumer, 'consumer.ts'),
    doors.map((door, index) => `export * as door${index} from '${door.specifier}';\n`).join(''),
  );
  for (const module of ['nodenext', 'bundler'] as const) {
    writeFileSync(join(consumer, 'tsconfig.json'), consumerConfig(module));
    tool(`a consumer compiles with ${module} and skipLibCheck off`, consumer, bin('tsc'), ['-p', '.']);
  }
  for (const { specifier } of doors) {
    tool(`node imports ${specifier}`, consumer, process.execPath, [
      '-e',
      `await import('${specifier}')`,
      '--input-type=module',
    ]);
  }
  // Node 20.18 needs the flag, later versions take it for granted.
  const flags = 'require_module' in process.features ? [] : ['--experimental-require-module'];
  for (const { specifier } of doors) {
    const code = `if (Object.keys(require('${specifier}')).length === 0) throw new Error('it exports nothing')`;
    tool(`node requires ${specifier}`, consumer, process.execPath, [...flags, '-e', code, '--input-type=commonjs']);
  }
  if (packages.some((pack) => pack.manifest.name === '@coloop/http')) {
    tool('node loads of the codec and of ws only what it needs', consumer, process.execPath, [
      '-e',
      NEEDED,
      '--input-type=module',
    ]);
    const undici = join(modules, '@coloop/http/node_modules/undici');
    rmSync(undici);
    mkdirSync(undici);
    writeFileSync(join(undici, 'package.json'), '{ "name": "undici", "version": "7.99.0" }\n');
    tool('node is told which undici works where its file is missing', consumer, process.execPath, [
      '-e',
      WITHOUT_CODEC,
      '--input-type=module',
    ]);
  }
  for (const { specifier } of doors) {
    for (const wrong of wrongNames(consumer, specifier)) fail(`${specifier}: ${wrong}`);
  }
  if (packages.some((pack) => pack.manifest.name === '@coloop/core')) {
    checkPlaces(consumer, tool, bin);
    await weigh(consumer);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
console.log(failures === 0 ? 'the packages are fit to publish' : `${failures} packaging checks failed`);
process.exitCode = failures === 0 ? 0 : 1;
