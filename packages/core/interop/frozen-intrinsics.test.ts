// The package as it is built, where a program has frozen everything that JavaScript brings, as `--frozen-intrinsics` does.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const CORE = fileURLToPath(new URL('..', import.meta.url));

const PROGRAM = `
import { acquire, after, asAsync, asyncGenerator, attempt, broadcast, channel, coroutine, createScope, events, fixed, forever, Future, gather, generator, group, Lock, moveOnAfter, Queue, race, resource, retry, run, select, sleep, spawn, stream, tick, timeout, until } from '@coloop/core';
import { formatTree, taskTree } from '@coloop/core/inspect';
import '@coloop/core/lint';
import '@coloop/core/lowlevel';
import '@coloop/core/node';
import { explore, runTest } from '@coloop/core/testing';
import '@coloop/core/workers';

const call = coroutine(function* call(n) { return n > 0 ? yield* call(n - 1) : yield* sleep(1, 'deep'); });
const door = resource(function* (provide) { yield* provide('open'); });
function* everything() {
  const told = [];
  told.push((yield* attempt(timeout(1, forever()))).error.name);
  told.push((yield* attempt(group(function* (g) { g.spawn(function* () { throw new Error('x'); }); yield* forever(); }))).error.name);
  const task = spawn(forever());
  yield* tick();
  yield* task.cancel();
  told.push(task.status);
  told.push(yield* call(100));
  told.push(yield* gather([race([sleep(1, 1), sleep(5, 2)]), acquire(door), until(Promise.resolve(3))]));
  const q = new Queue(1); spawn(q.put(5)); told.push(yield* q.get());
  const lock = new Lock(); const held = yield* lock.acquire(); lock.release();
  told.push(yield* stream([1, 2, 3]).map((n) => n * 2).buffer(2).collect());
  const made = asyncGenerator(function* (emit) { yield* emit(1); })(); told.push((yield* made.next()).value);
  told.push([...generator(function* () { yield 7; })()]);
  told.push(yield* retry(() => sleep(0, 'retried'), fixed(1)));
  told.push((yield* moveOnAfter(1, forever())).timedOut);
  const { sender, receiver } = channel(1); yield* sender.send(1); told.push(yield* select({ got: receiver, late: after(100) }));
  const news = broadcast(); const sub = news.subscribe(); yield* news.send(2); told.push((yield* sub.next()).value);
  const emitter = new EventTarget(); const heard = events(emitter, 'x'); emitter.dispatchEvent(new Event('x')); told.push((yield* heard.next()).done);
  formatTree(taskTree());
  return told;
}
const failed = (promise) => promise.then(() => 'it did not fail', (error) => error);
const told = [await run(everything), await runTest(everything)];
await explore(function* () {
  const lock = new Lock();
  yield* gather([lock.acquire(), sleep(1)]);
}, { seeds: 5, cancel: true });
const stuck = await failed(runTest(() => new Future()));
const boom = await failed(run(function* boom() { throw new Error('boom'); }));
const group1 = await failed(run(() => group(function* () { throw boom; })));
told.push(stuck.name, boom.stack.includes('at async task boom'), structuredClone(boom).message, JSON.parse(JSON.stringify(group1)).name);
told.push(await asAsync(function* (n) { return yield* sleep(1, n); })(1));
const scope = createScope();
scope.spawn(forever());
await scope.close();
console.log(JSON.stringify(told));
`;

const TOLD = [
  'TimeoutError',
  'TaskGroupError',
  'cancelled',
  'deep',
  [1, 'open', 3],
  5,
  [2, 4, 6],
  1,
  [7],
  'retried',
  true,
  { key: 'got', value: 1 },
  2,
  false,
];

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'coloop-frozen-'));
  mkdirSync(join(folder, 'node_modules/@coloop'), { recursive: true });
  symlinkSync(CORE, join(folder, 'node_modules/@coloop/core'), 'dir');
  writeFileSync(join(folder, 'program.mjs'), PROGRAM);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([[[]], [['--frozen-intrinsics']], [['--frozen-intrinsics', '--disable-proto=throw']]])(
  'runs with %j',
  (flags) => {
    const args = ['--no-warnings', '--preserve-symlinks', ...flags, 'program.mjs'];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', timeout: 20_000 });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual([TOLD, TOLD, 'DeadlockError', true, 'boom', 'TaskGroupError', 1]);
  },
);
