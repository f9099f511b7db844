import { copyFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Programs, type } from '../fixtures/programs.ts';
import { isAlive } from './process-facts.ts';

const programs = new Programs();
afterAll(() => programs.close());

test.each([
  [[], 'The number of a process is missing.'],
  [['main.ts'], 'main.ts is not the number of a process.'],
  [['12', '13'], '12 13 is not the number of a process.'],
  [['0'], '0 is not the number of a process.'],
  [['-1'], '-1 is not the number of a process.'],
  [[String(process.pid)], 'is this command itself'],
])('coloop ps %j says what is wrong with it', async (args, message) => {
  const { code, out, err } = await type('ps', ...args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(message);
  expect(err.split('\n')).toHaveLength(2);
});

test('a process that does not exist, or has ended, is said to', async () => {
  const program = programs.run('true', []);
  await program.ended;
  const { code, err } = await type('ps', program.pid);
  expect({ code, err }).toEqual({ code: 1, err: `There is no process ${program.pid}.\n` });
});

test('nothing is sent to what is not Node', async () => {
  const { pid } = programs.run('sleep', ['1000']);
  const { code, err } = await type('ps', pid);
  expect(code).toBe(1);
  expect(err).toMatch(new RegExp(`^Process ${pid} is not Node: it runs /.*\\.\n$`));
  expect(isAlive(pid)).toBe(true);
});

test('nothing is sent to what does not catch the signal', async () => {
  const file = join(programs.folder('bin'), 'node');
  copyFileSync('/bin/sleep', file);
  const program = programs.run(file, ['1000']);
  const { err } = await type('ps', program.pid);
  expect(err).toMatch(/^Process \d+ does not catch SIGUSR1, which would end it, so nothing was sent\. .*\.\n$/);
  expect(isAlive(program.pid)).toBe(true);
});

test('a process without coloop is said to have none, and goes on', async () => {
  const { pid } = await programs.start(`setInterval(() => {}, 1e6); console.log('ready');`);
  expect((await type('ps', pid)).err).toBe(`Process ${pid} has no coloop in it, or has not run a task yet.\n`);
  expect(isAlive(pid)).toBe(true);
});

test('a process that ends when it gets the signal is said to have ended', async () => {
  const { pid } = await programs.start(
    `process.on('SIGUSR1', () => process.exit()); setInterval(() => {}, 1e6); console.log('ready');`,
  );
  expect((await type('ps', pid)).err).toBe(`Process ${pid} has ended.\n`);
});

test('a process whose port is taken is said to be so', async () => {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  const { pid } = await programs.start(`setInterval(() => {}, 1e6); console.log('ready');`, `--inspect-port=${port}`);
  const { err } = await type('ps', pid);
  expect(err).toMatch(new RegExp(`^Process ${pid} has not opened its inspector: port ${port} is taken, .*\\.\n$`));
  expect(isAlive(pid)).toBe(true);
  server.close();
});
