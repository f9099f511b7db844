import { afterAll, expect, test } from 'vitest';
import { Programs, type } from '../fixtures/programs.ts';

const programs = new Programs();
afterAll(() => programs.close());

test('coloop dump gives the tree as JSON, as taskTree has it', async () => {
  const program = await programs.start(`import { run, sleep, spawn, tick, timeout } from '@coloop/core';
function* nap() {
  yield* sleep(1e6);
}
await run(function* main() {
  spawn(timeout(9e5, nap()), { name: 'nap' });
  yield* tick();
  yield* tick();
  console.log('ready');
  yield* sleep(1e6);
});
`);
  const { code, out } = await type('dump', program.pid);
  expect(code).toBe(0);
  const { copies } = JSON.parse(out);
  expect(copies).toEqual([{ from: expect.stringContaining('@coloop/core/dist'), trees: [[expect.anything()]] }]);
  const [main] = copies[0].trees[0];
  expect(main).toMatchObject({ name: 'main', status: 'waiting', waitsFor: 'sleep(1000000)' });
  expect(main.children).toMatchObject([
    { name: 'nap', frames: [{ file: program.file, line: 3, column: 10, function: 'nap' }], children: [] },
  ]);
  expect(main.children[0].deadline).toBeGreaterThan(0);
});

test('a tree of thousands of tasks comes in parts, and is whole', async () => {
  const program = await programs.start(`import { run, sleep, spawn, tick } from '@coloop/core';
function* leaf() { yield* sleep(1e6); }
function* owner() {
  for (let i = 0; i < 10; i++) spawn(leaf());
  yield* sleep(1e6);
}
await run(function* main() {
  for (let i = 0; i < 200; i++) spawn(owner());
  yield* sleep(1);
  console.log('ready');
  yield* sleep(1e6);
});
`);
  const [main] = JSON.parse((await type('dump', program.pid)).out).copies[0].trees[0];
  expect(main.children).toHaveLength(200);
  for (const { children, frames } of main.children) {
    expect(frames).toHaveLength(1);
    expect(children).toHaveLength(10);
  }
});
