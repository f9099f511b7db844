import { afterAll, expect, test } from 'vitest';
import { Programs, type } from '../fixtures/programs.ts';

const programs = new Programs();
afterAll(() => programs.close());

const PROGRAM = `import { run, sleep, spawn } from '@coloop/core';
function* busy() {
  for (;;) {
    const end = Date.now() + 5;
    while (Date.now() < end);
    yield* sleep(1);
  }
}
await run(function* main() {
  spawn(busy(), { name: 'busy' });
  spawn(sleep(1e6), { name: 'idle' });
  console.log('ready');
  yield* sleep(1e6);
});
`;

test('coloop top lists the tasks that run most first, with what was measured', async () => {
  const program = await programs.start(PROGRAM);
  // Real time: the program has to run meanwhile.
  const { code, out } = await type('top', program.pid, '--every', '0.3', '--times', '2');
  expect(code).toBe(0);
  const lines = out.split('\n');
  expect(lines.filter((line) => line.includes('TASK'))).toHaveLength(2);
  expect(lines[1]).toMatch(/^ *\d+\.\d% +\d+\.\d% +[1-9]\d* +\d+\.\d ms +\d+\.\d ms {2}busy: /);
  expect(out).toContain('idle: waiting for sleep(1000000)');
});

test('a number that is none is refused', async () => {
  expect(await type('top', 1, '--every', 'often')).toMatchObject({
    code: 2,
    err: '--every takes a number above 0, as in `--every 1`.\n',
  });
});

test('coloop trace gives what ran and waited in the format of Chrome', async () => {
  const program = await programs.start(PROGRAM);
  const { code, out } = await type('trace', program.pid, '--seconds', '0.5');
  expect(code).toBe(0);
  const { traceEvents } = JSON.parse(out);
  const slices = traceEvents.filter(({ ph }: { ph: string }) => ph === 'X');
  expect(slices).toContainEqual(expect.objectContaining({ cat: 'step', name: 'busy', dur: expect.any(Number) }));
  expect(slices).toContainEqual(expect.objectContaining({ cat: 'wait', name: 'sleep(1)' }));
  expect(traceEvents).toContainEqual(expect.objectContaining({ ph: 'M', args: { name: 'busy' } }));
});
