import { afterAll, describe, expect, test } from 'vitest';
import { portsOf } from '../attach/process-facts.ts';
import { Programs, type } from '../fixtures/programs.ts';

const programs = new Programs(['core', 'second']);
afterAll(() => programs.close());

const WORKERS = `import { Lock, run, spawn, tick, until } from '@coloop/core';
import { once } from 'node:events';
const lock = new Lock();
const word = once(process.stdin, 'data');
function* worker() {
  yield* lock.acquire();
  yield* until(word);
  lock.release();
}
await run(function* main() {
  const tasks = ['a', 'b'].map((name) => spawn(worker(), { name }));
  yield* tick();
  yield* tick();
  console.log('ready');
  for (const task of tasks) yield* task;
});
process.exit(7);
`;

describe('coloop ps', () => {
  test('prints the tasks of a process that was not prepared, with the lines on which they wait, and the process goes on', async () => {
    const program = await programs.start(WORKERS);
    const { code, out, err } = await type('ps', program.pid);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.split('\n')).toEqual([
      `task main: waiting for task a, at ${program.file}:15:29`,
      `  task a: waiting for until(promise), at ${program.file}:7:10`,
      `  task b: waiting for lock.acquire(), at ${program.file}:6:15; held by task a, which is at ${program.file}:7:10`,
      '',
    ]);
    // The inspector is closed again.
    expect([...portsOf(program.pid)]).toEqual([]);
    program.say('on');
    expect(await program.ended).toBe(7);
  });

  test('names a task that spins and never gives way, with the lines that run', async () => {
    const program = await programs.start(`import { run, spawn, tick } from '@coloop/core';
function spin() {
  for (let turns = 0; ; turns++) Math.sqrt(turns);
}
function* hog() {
  console.log('ready');
  spin();
}
await run(function* main() {
  const task = spawn(hog, { name: 'hog' });
  yield* task;
});
`);
    const { out } = await type('ps', program.pid);
    expect(out).toMatch(/^task main: waiting for task hog, at .*:11:3\n {2}task hog: running, at .*:3:\d+\n/);
    expect(out).toMatch(/ at spin .*:3:\d+\)\n.* at hog .*:7:3\)\n/);
    expect([...portsOf(program.pid)]).toEqual([]);
  });

  test('uses an inspector that is open already, however it was opened, and leaves it open', async () => {
    const ready = `import { run, sleep } from '@coloop/core';
import inspector from 'node:inspector';
OPEN
await run(function* main() {
  console.log('ready');
  yield* sleep(1e6);
});
`;
    const byFlag = await programs.start(ready.replace('OPEN', ''), '--inspect=0');
    const byCall = await programs.start(ready.replace('OPEN', 'inspector.open(0);'));
    for (const { pid } of [byFlag, byCall]) {
      const ports = [...portsOf(pid)];
      expect(ports).toHaveLength(1);
      expect((await type('ps', pid)).out).toContain('waiting for sleep(1000000)');
      expect([...portsOf(pid)]).toEqual(ports);
    }
  });

  test('shows each of two copies of the library', async () => {
    const program = await programs.start(`import { run, sleep } from '@coloop/core';
import * as second from '@coloop/second';
run(function* first() { yield* sleep(1e6); });
second.run(function* other() { console.log('ready'); yield* second.sleep(1e6); });
`);
    const { out } = await type('ps', program.pid);
    expect(out).toMatch(/the copy of @coloop\/core in .*@coloop\/core\/dist.*\ntask first: waiting for sleep/);
    expect(out).toMatch(/the copy of @coloop\/core in .*@coloop\/second\/dist.*\ntask other: waiting for sleep/);
  });

  test('shows the tasks of every scheduler, and says so when none is alive', async () => {
    const program = await programs.start(`import { run, Scheduler, sleep } from '@coloop/core';
new Scheduler().run(function* own() { yield* sleep(1e6); });
run(function* shared() { console.log('ready'); yield* sleep(1e6); });
`);
    expect((await type('ps', program.pid)).out).toMatch(/^task own: .*\n\ntask shared: .*\n$/);
    const idle = await programs.start(`import { run } from '@coloop/core';
await run(function* () {});
console.log('ready');
setInterval(() => {}, 1e6);
`);
    expect((await type('ps', idle.pid)).out).toBe('No task is alive.\n');
  });

  test('names tasks that wait for each other, with their lines', async () => {
    const program = await programs.start(`import { Lock, run, spawn, tick } from '@coloop/core';
const [left, right] = [new Lock({ name: 'left' }), new Lock({ name: 'right' })];
function* both(first, second) {
  yield* first.acquire();
  yield* tick();
  yield* second.acquire();
}
setInterval(() => {}, 1e6);
await run(function* main() {
  spawn(both(left, right), { name: 'a' });
  spawn(both(right, left), { name: 'b' });
  for (let turns = 0; turns < 5; turns++) yield* tick();
  console.log('ready');
});
`);
    expect((await type('ps', program.pid)).out).toContain(
      [
        'They wait for each other, and none of them can go on:',
        `  task a at ${program.file}:6:17 waits for lock.acquire(right), which task b has`,
        `  task b at ${program.file}:6:17 waits for lock.acquire(left), which task a has`,
      ].join('\n'),
    );
  });
});
