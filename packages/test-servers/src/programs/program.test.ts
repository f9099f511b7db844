import { expect, test } from 'vitest';
import { freePort, listens } from '../ports.ts';
import { startProgram } from './program.ts';

const listening = (port: number): string[] => ['-e', `require('node:net').createServer().listen(${port}, '127.0.0.1')`];

test('a program has started when its port is open, and is gone when close returns', async () => {
  const port = await freePort();
  expect(await listens(port)).toBe(false);
  const program = await startProgram(process.execPath, listening(port), port);
  expect(await listens(port)).toBe(true);
  await program.close();
  expect(await listens(port)).toBe(false);
});

test('a program that ends without listening is an error with all that it has said', async () => {
  const port = await freePort();
  const failing = startProgram(process.execPath, ['-e', 'console.error("no such option"); process.exit(3)'], port);
  await expect(failing).rejects.toThrow(`does not listen on port ${port}. It said: no such option`);
});

test('a program that does not exist is an error that names it', async () => {
  await expect(startProgram('no-such-program', [], await freePort())).rejects.toThrow(
    /^no-such-program does not listen .* ENOENT/,
  );
});
