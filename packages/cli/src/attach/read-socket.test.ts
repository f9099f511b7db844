import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Programs, type } from '../fixtures/programs.ts';

const programs = new Programs();
afterAll(() => programs.close());

test('coloop ps and dump ask a program that listens on a socket', async () => {
  const path = join(programs.folder('sockets'), 'own', 'coloop.sock');
  const program = await programs.start(`import { listenInspect, run, sleep } from '@coloop/core';
await run(function* main() {
  yield* listenInspect(${JSON.stringify(path)});
  console.log('ready');
  yield* sleep(1e6);
});
`);
  const { code, out } = await type('ps', path);
  expect(code).toBe(0);
  expect(out).toMatch(new RegExp(`^task main: waiting for sleep\\(1000000\\), at ${program.file}:5:10\n`));
  const { copies } = JSON.parse((await type('dump', path)).out);
  expect(copies[0].trees[0][0].name).toBe('main');
});

test('a socket where nobody listens, or somebody else, is said to be so', async () => {
  const path = join(programs.folder('sockets'), 'other.sock');
  expect((await type('ps', path)).err).toMatch(new RegExp(`^Nobody listens at ${path}: .*\\.\n$`));
  const server = createServer((socket) => socket.end('hello\n'));
  await new Promise<void>((done) => server.listen(path, done));
  expect((await type('ps', path)).err).toBe(`Nobody at ${path} speaks for coloop.\n`);
  server.close();
});
