// The package as it is built, in tests that jest runs: each file in a realm and with a registry of modules of its own, and with
// the fake timers of jest.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const CORE = fileURLToPath(new URL('..', import.meta.url));
const { resolve } = createRequire(import.meta.url);
const JEST = join(dirname(resolve('jest/package.json')), 'bin/jest.js');

const FAKES = `
import { afterEach, expect, jest, test } from '@jest/globals';
import { forever, gather, run, sleep, timeout, until } from '@coloop/core';
import { explore, runTest } from '@coloop/core/testing';
afterEach(() => jest.useRealTimers());
test('sleep follows modern fake timers', async () => {
  jest.useFakeTimers();
  let done = false;
  const running = run(sleep(1000)).then(() => { done = true; });
  await jest.advanceTimersByTimeAsync(999);
  expect(done).toBe(false);
  await jest.advanceTimersByTimeAsync(1);
  expect(done).toBe(true);
  await running;
});
test('two sleeps, one after the other, in one advance', async () => {
  jest.useFakeTimers();
  const at = [];
  const p = run(function* () { for (let i = 0; i < 3; i++) { yield* sleep(100); at.push(i); } });
  await jest.advanceTimersByTimeAsync(300);
  expect(at).toEqual([0, 1, 2]);
  await p;
});
test('timeouts', async () => {
  jest.useFakeTimers();
  const p = run(timeout(5000, forever())).catch((e) => e.name);
  await jest.advanceTimersByTimeAsync(5000);
  expect(await p).toBe('TimeoutError');
});
test.each(['runAllTimersAsync', 'runOnlyPendingTimersAsync', 'advanceTimersToNextTimerAsync'])('%s', async (way) => {
  jest.useFakeTimers();
  const sleeping = run(sleep(1000, 'rested'));
  await jest[way]();
  await jest[way]();
  expect(await sleeping).toBe('rested');
});
test('taken away while a sleep is pending', async () => {
  jest.useFakeTimers();
  const p = run(sleep(20, 'later'));
  await jest.advanceTimersByTimeAsync(5);
  jest.useRealTimers();
  expect(await run(sleep(5, 'x'))).toBe('x');
  expect(await p).toBe('later');
});
test('a mocked Date does not make deadlines pass', async () => {
  jest.useFakeTimers({ doNotFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance', 'nextTick', 'queueMicrotask'] });
  jest.setSystemTime(new Date('2099-01-01'));
  expect(await run(timeout(1000, sleep(5, 'in time')))).toBe('in time');
});
test('setSystemTime', async () => {
  jest.useFakeTimers();
  const p = run(timeout(1000, sleep(500, 'in time')));
  await jest.advanceTimersByTimeAsync(1);
  jest.setSystemTime(new Date('2099-01-01'));
  await jest.advanceTimersByTimeAsync(500);
  expect(await p).toBe('in time');
});
test('sync advance', async () => {
  jest.useFakeTimers();
  let done = false;
  const p = run(sleep(1000)).then(() => { done = true; });
  await Promise.resolve(); await Promise.resolve(); await Promise.resolve();
  jest.advanceTimersByTime(1000);
  await p;
  expect(done).toBe(true);
});
test('advanceTimers: true', async () => {
  jest.useFakeTimers({ advanceTimers: true });
  expect(await run(sleep(20, 'by itself'))).toBe('by itself');
});
test('runTest and explore are not touched', async () => {
  jest.useFakeTimers();
  expect(await runTest(() => sleep(3_600_000, 'virtual'))).toBe('virtual');
  expect(await runTest(() => until(new Promise(() => {}))).catch((e) => e.name)).toBe('DeadlockError');
  await explore(() => gather([sleep(1), sleep(2)]), { seeds: 3 });
});
test('a spy on setTimeout', async () => {
  const spy = jest.spyOn(globalThis, 'setTimeout');
  expect(await run(sleep(5, 'x'))).toBe('x');
  spy.mockRestore();
});
test('two copies in one process, since the registry was emptied', async () => {
  jest.resetModules();
  const other = await import('@coloop/core');
  expect(await other.run(other.sleep(5, 'x'))).toBe('x');
});
test('instanceof and equality in the realm of the test', async () => {
  const e = await run(timeout(1, forever())).catch((e) => e);
  expect(e).toBeInstanceOf(Error);
  expect(await run(gather([sleep(1, 'a')]))).toEqual(['a']);
  expect(await run(gather({ a: sleep(1, 'a') }))).toStrictEqual({ a: 'a' });
  await expect(run(timeout(1, forever()))).rejects.toThrow('The deadline of 1 ms passed');
  expect(await run(until(Promise.resolve(5)))).toBe(5);
  const c = new AbortController(); setTimeout(() => c.abort('why'), 5);
  await expect(run(forever(), { signal: c.signal })).rejects.toMatchObject({ name: 'CancelledError' });
});
`;

const LOADED_UNDER_FAKES = `
import { expect, jest, test } from '@jest/globals';
jest.useFakeTimers();
const { run, sleep } = await import('@coloop/core');
test('sleep follows the timers under which the library was loaded, and those of the host later', async () => {
  const sleeping = run(sleep(1000, 'x'));
  await jest.advanceTimersByTimeAsync(1000);
  expect(await sleeping).toBe('x');
  jest.useRealTimers();
  expect(await run(sleep(5, 'y'))).toBe('y');
});
`;

const REQUIRED = `
test('the library is required', async () => {
  const { run, sleep } = require('@coloop/core');
  jest.useFakeTimers();
  const sleeping = run(sleep(1000, 'x'));
  await jest.advanceTimersByTimeAsync(1000);
  expect(await sleeping).toBe('x');
});
`;

let folder: string;

beforeAll(() => {
  // Its files are found by their real path, which a temporary folder may not have.
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'coloop-jest-')));
  mkdirSync(join(folder, 'node_modules/@coloop'), { recursive: true });
  symlinkSync(CORE, join(folder, 'node_modules/@coloop/core'), 'dir');
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'fakes.test.mjs'), FAKES);
  writeFileSync(join(folder, 'loaded-under-fakes.test.mjs'), LOADED_UNDER_FAKES);
  writeFileSync(join(folder, 'required.test.cjs'), REQUIRED);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What jest says of one file. */
function jest(file: string): { passed: number; said: string } {
  const options = ['--json', '--runInBand', '--watchman=false', '--testMatch', `**/${file}`];
  const { stdout, stderr } = spawnSync(process.execPath, ['--experimental-vm-modules', JEST, ...options], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
  });
  const { numPassedTests, success } = JSON.parse(stdout) as { numPassedTests: number; success: boolean };
  return { passed: numPassedTests, said: success ? '' : stderr };
}

test('sleep and deadlines follow the fake timers of jest, and runTest and explore do not', () => {
  expect(jest('fakes.test.mjs')).toEqual({ passed: 15, said: '' });
}, 90_000);

test('the library may be loaded while they are in place', () => {
  expect(jest('loaded-under-fakes.test.mjs')).toEqual({ passed: 1, said: '' });
}, 90_000);

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const canRequire = major > 24 || (major === 24 && minor >= 9);

// jest refuses to require an ES module in Node before 24.9, and says so.
test('the library may be required where jest can', () => {
  const { passed, said } = jest('required.test.cjs');
  if (canRequire) expect({ passed, said }).toEqual({ passed: 1, said: '' });
  else expect(said).toContain('Must use import to load ES Module');
}, 90_000);
