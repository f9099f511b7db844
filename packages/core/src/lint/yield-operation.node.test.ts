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
  const options = {
    strict: true,
    lib: ['ES2023', 'ESNext.Disposable', 'DOM'],
    types: [],
    target: 'ES2022',
    module: 'ESNext',
    moduleResolution: 'Bundler',
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    noEmit: true,
    paths: { '@coloop/core': [join(import.meta.dirname, '..', 'index.ts')] },
  };
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
  yield* gather([later, sleep(2)]);
  return yield* sleep(3);
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

const HEAD = `import { asAsync, broadcast, channel, coroutine, defer, events, forEach, gather, interval, type Operation, Queue, run, sleep, spawn, stream, until } from '@coloop/core';
function* work(n = 1): Operation<number> { yield* sleep(n); return n; }
function* body(items: number[], promise: Promise<void>, button: EventTarget) {
  yield* work();
`;

/** What is reported for a line in a generator, by the text that is marked: with types, and without. */
function marked(line: string): { typed: string[]; untyped: string[] } {
  const code = `${HEAD}${line}\n}\n`;
  const texts = (messages: Linter.LintMessage[]) =>
    messages.map(({ message, ...at }) => {
      const rows = code.split('\n').slice(at.line - 1, at.endLine);
      if (rows.length > 1) return `${message}`;
      return (rows[0] ?? '').slice(at.column - 1, (at.endColumn ?? 0) - 1);
    });
  const file = join(directory, 'program.ts');
  writeFileSync(file, code);
  const verify = (parserOptions: object) => {
    const config: Linter.Config = { ...RECOMMENDED, files: ['**/*.ts'], languageOptions: { parser, parserOptions } };
    return texts(new Linter({ cwd: directory }).verify(code, [config], file));
  };
  return { typed: verify({ projectService: true, tsconfigRootDir: directory }), untyped: verify({}) };
}

/** A line with the texts that are reported with types and without. */
const LOST: readonly (readonly [line: string, ...reported: string[]])[] = [
  ['return work(2);', 'work(2)'],
  ['return items.length > 1 ? work(2) : null;', 'work(2)'],
  ['return [work(1), work(2)];', 'work(1)', 'work(2)'],
  ['return items.map(work);', 'items.map(work)'],
  ['const inner = function* () { return sleep(1); }; yield* inner();', 'sleep(1)'],
  ['const inner = function* (): Operation<unknown> { return sleep(1); }; yield* inner();', 'sleep(1)'],
  ['yield* group(function* () { return work(2); });', 'work(2)'],
  ['const f = async () => work(2); await_(f);', 'work(2)'],
  ['const f = async () => { return work(2); }; await_(f);', 'work(2)'],
  ['const f = async () => { const n = await work(2); return n; }; await_(f);', 'work(2)'],
  ['items.forEach((x) => work(x));', 'work(x)'],
  ['items.forEach((x) => { return work(x); });', 'work(x)'],
  ['items.forEach((x) => { work(x); });', 'work(x)'],
  ['items.forEach(work);', 'work'],
  ['items.forEach(function* (x) { yield* work(x); });', 'function* (x) { yield* work(x); }'],
  ['items.map((x) => work(x));', 'items.map((x) => work(x))'],
  ['void items.map(work);', 'items.map(work)'],
  ['setTimeout(() => work(1), 5);', 'work(1)'],
  ['setTimeout(work, 5);', 'work'],
  ['globalThis.setTimeout(() => sleep(1), 5);', 'sleep(1)'],
  ['queueMicrotask(() => work(1));', 'work(1)'],
  ['yield* until(Promise.all([work(1), promise]));', 'work(1)'],
  ['yield* until(Promise.all(items.map(work)));', 'items.map(work)'],
  ['yield* until(Promise.allSettled(items.map((x) => work(x))));', 'items.map((x) => work(x))'],
  ['yield* until(Promise.resolve(work(1)));', 'work(1)'],
  ['yield* until(promise.then(() => work(1)));', 'work(1)'],
  ['yield* until(promise.then(work, () => sleep(1)));', 'work', 'sleep(1)'],
  ['yield* until(promise.catch(() => work(1)).finally(() => sleep(2)));', 'work(1)', 'sleep(2)'],
  ["button.addEventListener('click', () => work(1));", 'work(1)'],
  ["button.addEventListener('click', function* () { yield* work(1); });", 'function* () { yield* work(1); }'],
  ['void work(1);', 'work(1)'],
  ['void (items.length > 0 && work(1));', 'work(1)'],
  ['yield* until(new Promise(() => work(1)));', 'work(1)'],
  ['if (work(1)) yield* sleep(1);', 'work(1)'],
  ['while (!work(1)) yield* sleep(1);', 'work(1)'],
  [
    'const walk = coroutine(function* step(n: number): Operation<void> { if (n > 0) yield* step(n - 1); }); yield* walk(1);',
    'step',
  ],
  [
    'const walk = coroutine(function* walk(n: number): Operation<void> { yield* gather([n].map(walk)); }); yield* walk(1);',
    'walk',
  ],
];

test.each(LOST)('%s is reported, with types and without', (line, ...reported) => {
  expect(marked(line)).toEqual({ typed: reported, untyped: reported });
});

const RUN: readonly string[] = [
  'const { sender } = channel<number>(1); sender.close(); sender.clone().close();',
  'const { receiver } = channel<number>(1); receiver.close();',
  'const all = broadcast<number>(); all.subscribe().close(); all.close();',
  "const clicks = events(button, 'click'); clicks.close();",
  'const beat = interval(5); beat.close();',
  'const task = spawn(work(1)); task.cancel(); void task.cancel(); items.forEach(() => task.cancel());',
  'return spawn(work(1));',
  'yield* group((g) => { g.cancel(); return sleep(1); });',
  'const make = function* (): Operation<Operation<number>> { yield* sleep(1); return work(2); }; yield* yield* make();',
  'const make: () => Operation<Operation<number>> = function* () { yield* sleep(1); return work(2); }; yield* yield* make();',
  'const later = function* (): Generator<Operation<number>> { for (const x of items) yield work(x); }; yield* gather([...later()]);',
  'return yield* work(2);',
  'return run(() => work(2));',
  'const ops = items.map((x) => work(x)); yield* gather(ops);',
  'yield* gather(items.map(work));',
  'yield* forEach(stream(items), (x) => sleep(x));',
  'yield* stream(items).filter(function* (x) { return (yield* work(x)) > 1; }).collect();',
  'defer(() => sleep(1)); defer(function* () { yield* sleep(1); });',
  'setTimeout(() => void run(() => work(1)), 5); setTimeout(asAsync(work), 5);',
  "button.addEventListener('click', asAsync(work));",
  'items.forEach((x) => { void run(work(x)); }); items.forEach((x) => console.log(x));',
  'yield* until(promise.then(() => run(work(1))));',
  'yield* until(Promise.all([run(work(1)), promise]));',
  'const f = async () => run(() => work(2)); await_(f);',
  'const walk = coroutine(function* step(n: number): Operation<void> { if (n > 0) yield* walk(n - 1); else console.log(step.name); }); yield* walk(1);',
  'const numbers = function* () { yield 1; yield 2; }; return numbers();',
  'const queue = new Queue<number>(); queue.putNowait(1); const get = () => queue.get(); return yield* get();',
  'const waits = new Set([sleep(1)]); waits.add(sleep(2)); yield* gather([...waits]);',
  'const own = { forEach: (fn: (x: number) => Operation<number>) => fn(1) }; yield* own.forEach((x) => work(x));',
];

test.each(RUN)('%s is left alone, with types and without', (line) => {
  expect(marked(line)).toEqual({ typed: [], untyped: [] });
});

test('with types every place that drops the result of a function is found, and one that runs it is none', () => {
  const code = `import { type Operation, sleep } from '@coloop/core';
declare const bus: { on(name: string, fn: () => void): void; once(name: string, fn: (() => void) | undefined): void };
declare const server: { handle(fn: (id: number) => void | Promise<void>): void; run(fn: () => Operation<void> | void): void };
declare const props: { onClick?: () => void; load: () => Operation<void> };
declare class Store { save(): Operation<void>; }
declare const store: Store;
declare function find(): Operation<void> | undefined;
export function* work(): Operation<void> {
  bus.on('a', () => sleep(1));
  bus.once('b', store.save);
  server.handle(() => store.save());
  server.run(() => store.save());
  props.onClick = () => store.save();
  props.load = () => store.save();
  const more: typeof props = { onClick: () => sleep(2), load: () => sleep(3) };
  if (find()) yield* more.load();
  [1].filter(() => store.save());
  find();
}
`;
  expect(lintTyped(code).map((line) => Number.parseInt(line, 10))).toEqual([9, 10, 11, 13, 15, 17, 18]);
});

test('without types what the file itself says is enough', () => {
  const code = `import { sleep } from '@coloop/core';
import * as core from '@coloop/core';
import { Session } from '@coloop/http';
class Store {
  *load() { yield* sleep(1); }
  save = () => sleep(1);
  plain() {}
}
const api = { *list() { yield* sleep(1); } };
const wait = (n) => sleep(n);
function waitTwice(n) { return wait(n * 2); }
const tree = core.coroutine(function* node(n) { yield* node(n - 1); });
function* walk() {
  const store = new Store();
  const session = yield* Session.open();
  store.load();
  store.save();
  store.plain();
  api.list();
  wait(1);
  waitTwice(1);
  session.get('/');
  tree(1);
  [1].forEach(tree);
}`;
  expect(lint(code).map((line) => Number.parseInt(line, 10))).toEqual([12, 16, 17, 19, 20, 21, 22, 23, 24]);
});

test('each advice works when it is followed', () => {
  const said = (line: string) =>
    lint(`import { coroutine, sleep } from '@coloop/core';\nfunction* f() { ${line} }`)[0] ?? '';
  expect(said('return sleep(1);')).toContain('Write `return yield* sleep(1)`.');
  expect(said('[1].forEach((n) => sleep(n));')).toContain('Wrap the function: `asAsync(…)` runs what it returns.');
  expect(said('yield* until(Promise.all([sleep(1)]));')).toContain('Write `yield* gather(…)`');
  expect(said('[1].map((n) => sleep(n));')).toContain('Write `yield* gather([1].map((n) => sleep(n)))`.');
  expect(said('const a = coroutine(function* b() { yield* b(); });')).toContain('Call `a`.');
  const followed = `import { asAsync, coroutine, gather, sleep } from '@coloop/core';
function* f() {
  [1].forEach(asAsync((n) => sleep(n)));
  yield* gather([sleep(1)]);
  yield* gather([1].map((n) => sleep(n)));
  const a = coroutine(function* b() { yield* a(); });
  return yield* sleep(1);
}`;
  expect(lint(followed)).toEqual([]);
});
