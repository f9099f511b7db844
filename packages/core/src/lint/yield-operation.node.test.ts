import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as parser from '@typescript-eslint/parser';
import { Linter } from 'eslint';
import { afterAll, beforeAll, expect, test } from 'vitest';
import coloop from './index.ts';

const RECOMMENDED = coloop.configs.recommended as unknown as Linter.Config;

/** The messages for a piece of code, each with its line. */
function lint(code: string): string[] {
  return new Linter().verify(code, [RECOMMENDED], 'program.mjs').map(({ line, message }) => `${line}: ${message}`);
}

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'coloop-lint-'));
  const options = { strict: true, lib: ['ES2022'], types: [], target: 'ES2022', module: 'ESNext' };
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['program.ts'] }));
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** The same with types, in a project of this one file. */
function lintTyped(code: string): string[] {
  const file = join(directory, 'program.ts');
  writeFileSync(file, code);
  const parserOptions = { projectService: true, tsconfigRootDir: directory };
  const config: Linter.Config = { ...RECOMMENDED, files: ['**/*.ts'], languageOptions: { parser, parserOptions } };
  return new Linter({ cwd: directory }).verify(code, [config], file).map(({ line, message }) => `${line}: ${message}`);
}

test('a word of the library without yield* is found, under any name', () => {
  const code = `import { sleep, tick as giveWay } from '@coloop/core';
import * as core from '@coloop/core';
function* work() {
  sleep(10);
  giveWay();
  core.forever();
  yield* sleep(10);
  ready && sleep(1);
}`;
  expect(lint(code)).toEqual([
    '4: `sleep(10)` makes an operation and does not run it. Write `yield* sleep(10)`.',
    '5: `giveWay()` makes an operation and does not run it. Write `yield* giveWay()`.',
    '6: `core.forever()` makes an operation and does not run it. Write `yield* core.forever()`.',
    '8: `sleep(1)` makes an operation and does not run it. Write `yield* sleep(1)`.',
  ]);
});

test('so are generator functions of the file, coroutines and methods', () => {
  const code = `import { coroutine } from '@coloop/core';
function* save() {}
const load = coroutine(function* () {});
const list = function* () {};
class Store {
  *open() {}
  *run() {
    this.open();
    save();
    load();
    list();
    yield* this.open();
  }
}`;
  expect(lint(code).map((line) => line.slice(0, line.indexOf(' makes')))).toEqual([
    '8: `this.open()`',
    '9: `save()`',
    '10: `load()`',
    '11: `list()`',
  ]);
});

test('and methods of what the library makes', () => {
  const code = `import { channel, Lock, Queue } from '@coloop/core';
const queue = new Queue();
const lock = new Lock();
const { sender } = channel();
function* work() {
  queue.put(1);
  queue.putNowait(1);
  lock.acquire();
  lock.release();
  sender.send(1);
}`;
  expect(lint(code).map((line) => line.slice(0, line.indexOf(' makes')))).toEqual([
    '6: `queue.put(1)`',
    '8: `lock.acquire()`',
    '10: `sender.send(1)`',
  ]);
});

test('a plain yield, an await, and a call where no yield* can stand each get their own advice', () => {
  const code = `import { run, sleep } from '@coloop/core';
function* work() {
  yield sleep(10);
}
async function main() {
  await sleep(10);
  await run(work);
  sleep(10);
}`;
  expect(lint(code)).toEqual([
    '3: `yield sleep(10)` hands the operation out and does not run it. Write `yield* sleep(10)`.',
    '6: `await` does nothing for an operation. Write `yield* sleep(10)` in a `function*`, or `await run(() => sleep(10))`.',
    '8: `sleep(10)` makes an operation and does not run it. Return it, or write `await run(() => sleep(10))`, as only a `function*` can `yield*` it.',
  ]);
});

test('what runs at once, or is used, is left alone', () => {
  const code = `import { defer, gather, sleep, spawn } from '@coloop/core';
import { sleep as other } from 'elsewhere';
function* work() {
  const task = spawn(sleep(10));
  task.cancel();
  defer(() => sleep(1));
  other(10);
  const later = sleep(1);
  void sleep(1);
  yield* gather([later, sleep(2)]);
  return sleep(3);
}
function sleepLocal(sleep) {
  sleep(10);
}`;
  expect(lint(code)).toEqual([]);
});

test('it suggests the yield*', () => {
  const code = `import { sleep } from '@coloop/core';
function* work() {
  sleep(10);
  yield sleep(20);
}`;
  const fixes = new Linter().verify(code, [RECOMMENDED], 'program.mjs').map(({ suggestions }) => suggestions?.[0]?.fix);
  const fixed = fixes.reduceRight<string>(
    (text, fix) => (fix == null ? text : text.slice(0, fix.range[0]) + fix.text + text.slice(fix.range[1])),
    code,
  );
  expect(fixed).toContain('  yield* sleep(10);\n  yield* sleep(20);\n');
});

test('with types every call that returns an operation is found, and a task is none', () => {
  // The two types as the library's declarations have them.
  const code = `export declare abstract class Suspension { readonly 'write yield* before an operation, and until(promise) around a promise': never }
export interface Operation<T> { [Symbol.iterator](): Iterator<Suspension, T, unknown> }
export interface Task<T> extends Operation<T> { readonly cancelRequested: boolean; cancel(): Operation<boolean> }
declare function spawn<T>(operation: Operation<T>): Task<T>;
declare const client: { send(text: string): Operation<void>; log(text: string): void; maybe?: () => Operation<number> };
declare function anyGenerator(): Generator<number>;
export function* work(): Operation<void> {
  client.send('a');
  client.log('a');
  client.maybe?.();
  anyGenerator();
  const task = spawn(client.send('b'));
  spawn(client.send('c'));
  task.cancel();
  yield* client.send('d');
}
`;
  expect(lintTyped(code)).toEqual([
    "8: `client.send('a')` makes an operation and does not run it. Write `yield* client.send('a')`.",
    '10: `client.maybe?.()` makes an operation and does not run it. Write `yield* client.maybe?.()`.',
  ]);
});

test("Biome's plugin finds the words of the library as statements", () => {
  const root = join(import.meta.dirname, '..', '..', '..', '..');
  const plugin = join(import.meta.dirname, '..', '..', 'lint', 'yield-operation.grit');
  const rules = { preset: 'none' };
  writeFileSync(join(directory, 'biome.json'), JSON.stringify({ plugins: [plugin], linter: { rules } }));
  const code =
    'function* work() {\n  sleep(10);\n  yield* sleep(20);\n  const later = tick();\n  return until(later);\n}\n';
  writeFileSync(join(directory, 'biome-sample.mjs'), code);
  const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  const { stderr } = spawnSync(process.execPath, [biome, 'lint', 'biome-sample.mjs'], {
    cwd: directory,
    encoding: 'utf8',
  });
  expect(stderr.match(/biome-sample\.mjs:\d+:\d+ plugin/g)).toEqual(['biome-sample.mjs:2:3 plugin']);
});
