// Whether the reports of the packages, as their users get them, name the users' files and lines: installed into a folder
// whose path is as hard to read as paths get, and started in every usual way.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { root } from './workspace.ts';

/** Each line that a report has to name is marked; `report` prints what it finds under the name of its mark. */
const PROGRAM = `
import { coroutine, createScope, Future, gather, Queue, run, Scheduler, sleep, spawn, timeout } from '@coloop/core';
import { formatTree, neverStarted, taskTree } from '@coloop/core/inspect';
import { explore, runTest } from '@coloop/core/testing';

export const reports = {};
const textOf = (error) => error.message + '\\n' + error.stack;
const failureOf = (promise) => promise.then(() => 'it did not fail', textOf);

function* slow() {
  yield* timeout(1, sleep(100)); // mark: timeout
}
const call = coroutine(function* call() {
  yield* slow(); // mark: caller
});
reports.timeout = reports.caller = await failureOf(run(function* () { yield* gather([call()]); }));
reports.deadlock = await failureOf(runTest(function* () {
  spawn(function* () { yield* new Future(); }); // mark: deadlock
  yield* new Queue().get();
}));
reports.leak = await failureOf(runTest(function* () {
  createScope().spawn(sleep(1000)); // mark: leak
}));
reports.explore = await failureOf(explore(function* () {
  let ready = false;
  spawn(function* () { yield* sleep(0); ready = true; });
  spawn(function* () { yield* sleep(0); if (!ready) throw new Error('too early'); }); // mark: explore
}));
await new Scheduler({ debug: true }).run(function* () {
  spawn(sleep(1)); // mark: tree
  sleep(5); // mark: forgotten
  reports.tree = formatTree(taskTree());
  reports.forgotten = JSON.stringify(neverStarted());
});
`;

const CHECK = `
export function problemsOf(reports, marks, file) {
  return Object.entries(marks).flatMap(([name, line]) => {
    const text = reports[name].replaceAll('%40', '@').replaceAll('%20', ' ');
    const problems = [];
    if (!text.includes(file + ':' + line + ':')) problems.push(name + ': no ' + file + ':' + line + ' in\\n' + text);
    if (/^ +at .*@coloop.(core|http)/m.test(text)) problems.push(name + ': a line of the library in\\n' + text);
    return problems;
  });
}
`;

const MAIN = (program: string, file: string, marks: object): string => `
import { reports } from './${program}';
import { problemsOf } from './check.mjs';
const problems = problemsOf(reports, ${JSON.stringify(marks)}, '${file}');
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
`;

const TEST = (marks: object): string => `
import { expect, test } from 'vitest';
import { reports } from './program.ts';
import { problemsOf } from './check.mjs';
test('reports name the lines of this package', () => expect(problemsOf(reports, ${JSON.stringify(marks)}, 'program.ts')).toEqual([]));
`;

/** Operations that are dropped; the last one is found only with the types of the package. */
const DROPPED = `
import { run, sleep, Queue } from '@coloop/core';
import { job } from './jobs.ts';
await run(function* () {
  sleep(5); // mark: word
  new Queue<number>().put(1); // mark: method
  [1, 2].forEach(() => sleep(1)); // mark: callback
  job(); // mark: typed
  yield* sleep(1);
});
`;

const JOBS = `
import { type Operation, sleep } from '@coloop/core';
export const job = (): Operation<void> => sleep(1);
`;

/** @param eslint the modules of the linter and of its parser for types, which the consumer has not installed */
const LINT = (eslint: string, parser: string, marks: readonly number[]): string => `
import { pathToFileURL } from 'node:url';
import coloop from '@coloop/core/lint';
const { ESLint } = await import(pathToFileURL(${JSON.stringify(eslint)}));
const parser = await import(pathToFileURL(${JSON.stringify(parser)}));
const eslint = new ESLint({
  overrideConfigFile: true,
  overrideConfig: [
    coloop.configs.recommended,
    { files: ['**/*.ts'], languageOptions: { parser, parserOptions: { project: './tsconfig.json', tsconfigRootDir: process.cwd() } } },
  ],
});
const results = await eslint.lintFiles(['dropped.ts']);
const told = results.flatMap(({ filePath, messages }) => messages.map(({ line, ruleId }) => [filePath.split(/[\\\\/]/).at(-1), line, ruleId].join(' ')));
const expected = ${JSON.stringify(marks)}.map((line) => ['dropped.ts', line, 'coloop/yield-operation'].join(' '));
if (told.join() !== expected.join()) {
  console.error('expected ' + expected.join(', ') + '\\n     got ' + told.join(', ') + '\\n' + JSON.stringify(results.map(({ messages }) => messages)));
  process.exitCode = 1;
}
`;

/** What the rules of the package report of a program of its user, with the types as they are published. */
function checkLint(folder: string, tool: Tool): void {
  const { resolve } = createRequire(join(root, 'packages/core/package.json'));
  const marks = Object.values(marksOf(DROPPED));
  writeFileSync(join(folder, 'dropped.ts'), DROPPED);
  writeFileSync(join(folder, 'jobs.ts'), JOBS);
  writeFileSync(join(folder, 'tsconfig.json'), LINTED);
  writeFileSync(join(folder, 'lint.mjs'), LINT(resolve('eslint'), resolve('@typescript-eslint/parser'), marks));
  tool('the linter names the line of the user', folder, process.execPath, ['lint.mjs']);
}

const LINTED = JSON.stringify({
  compilerOptions: {
    target: 'ES2022',
    lib: ['ES2023', 'ESNext.Disposable', 'DOM'],
    module: 'NodeNext',
    moduleResolution: 'NodeNext',
    allowImportingTsExtensions: true,
    strict: true,
    noEmit: true,
  },
  files: ['dropped.ts'],
});

/** The line of each mark, from 1. */
function marksOf(program: string): Record<string, number> {
  return Object.fromEntries(
    program.split('\n').flatMap((line, index) => {
      const mark = /\/\/ mark: (\w+)/.exec(line)?.[1];
      return mark === undefined ? [] : [[mark, index + 1]];
    }),
  );
}

type Tool = (what: string, cwd: string, command: string, args: readonly string[]) => boolean;

/** @param consumer a folder in which the packages are installed */
export function checkPlaces(consumer: string, tool: Tool, bin: (name: string) => string): void {
  const marks = marksOf(PROGRAM);
  const folder = join(consumer, 'src');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'check.mjs'), CHECK);
  writeFileSync(join(folder, 'program.mjs'), PROGRAM);
  // Types that are left out move its columns and lines when it is built.
  writeFileSync(join(folder, 'program.ts'), `${PROGRAM}`);
  buildSync({
    stdin: {
      contents: `// a line more\n// and one more\n${PROGRAM}`,
      resolveDir: folder,
      sourcefile: 'mapped.ts',
      loader: 'ts',
    },
    outfile: join(folder, 'mapped.mjs'),
    format: 'esm',
    target: 'es2022',
    sourcemap: 'inline',
    minifyWhitespace: true,
  });
  const later = Object.fromEntries(Object.entries(marks).map(([mark, line]) => [mark, line + 2]));
  writeFileSync(join(folder, 'plain.mjs'), MAIN('program.mjs', 'program.mjs', marks));
  writeFileSync(join(folder, 'typed.ts'), MAIN('program.ts', 'program.ts', marks));
  writeFileSync(join(folder, 'maps.mjs'), MAIN('mapped.mjs', 'mapped.ts', later));
  writeFileSync(join(folder, 'places.test.ts'), TEST(marks));
  buildSync({
    entryPoints: [join(folder, 'program.mjs')],
    outfile: join(folder, 'bundled.mjs'),
    bundle: true,
    minify: true,
    sourcemap: true,
    platform: 'node',
    format: 'esm',
  });
  writeFileSync(join(folder, 'whole.mjs'), MAIN('bundled.mjs', 'program.mjs', marks));
  const { execPath: node } = process;
  tool('reports name the line of the user with node', folder, node, ['plain.mjs']);
  tool('reports name the line of the user with tsx', folder, bin('tsx'), ['typed.ts']);
  tool('reports name the line of the user with --enable-source-maps', folder, node, [
    '--enable-source-maps',
    'maps.mjs',
  ]);
  tool('reports name the line of the user in a bundle of everything with its source map', folder, node, [
    '--enable-source-maps',
    'whole.mjs',
  ]);
  tool('reports name the line of the user with --frozen-intrinsics', folder, node, [
    '--frozen-intrinsics',
    'plain.mjs',
  ]);
  checkLint(folder, tool);
  tool('reports name the line of the user with vitest', folder, bin('vitest'), ['run', '--root', folder]);
}

/** What a stack of the built package calls a class has to be its name: the bundler gives some a name of its own. */
export function wrongNames(consumer: string, specifier: string): string[] {
  const code = `
    const door = await import('${specifier}');
    const wrong = Object.entries(door).filter(([name, value]) => typeof value === 'function' && /^class/.test(Function.prototype.toString.call(value)) && value.name !== name);
    console.log(JSON.stringify(wrong.map(([name, value]) => name + ' is called ' + value.name)));
  `;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd: consumer,
    encoding: 'utf8',
  });
  return JSON.parse(stdout) as string[];
}
