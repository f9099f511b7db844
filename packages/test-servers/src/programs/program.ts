/** Servers that are programs of their own: nginx, squid and the like. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Closable } from '../closable.ts';
import { listens } from '../ports.ts';

const PATIENCE = 10_000;
const BETWEEN_LOOKS = 25;

/**
 * Starts a program that stays in the foreground, and waits until it listens.
 *
 * @param command its path, or its name on the PATH
 * @param port the port that it was told to open
 * @throws an Error with all that it has said, when it ends or does not listen within 10 s
 */
export async function startProgram(command: string, args: readonly string[], port: number): Promise<Closable> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      said += String(chunk);
    });
  }
  let gone = false;
  const ended = new Promise<void>((resolve) => {
    child.once('close', resolve);
    child.once('error', (error) => {
      said += error.message;
      resolve();
    });
  }).then(() => {
    gone = true;
  });
  const giveUp = Date.now() + PATIENCE;
  while (!(await listens(port))) {
    if (gone || Date.now() > giveUp) {
      await end(child, ended);
      throw new Error(`${command} does not listen on port ${port}. It said: ${said.trim() || 'nothing'}`);
    }
    // Real time: a program does not tell when it listens.
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_LOOKS));
  }
  return { close: () => end(child, ended) };
}

/** Asks it to end, so that it ends its own children as well, and ends it by force where it does not. */
async function end(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill('SIGTERM');
  // Real time: only time shows that a program does not end.
  const force = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  await ended;
  clearTimeout(force);
}
