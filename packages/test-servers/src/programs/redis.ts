/** A Redis of its own for each file: it writes each command to its disk before it answers, so that a kill loses none. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Closable } from '../closable.ts';
import { makeFolder } from '../folder.ts';
import { freePort, listens } from '../ports.ts';

const PATHS = ['/usr/bin/redis-server', '/usr/local/bin/redis-server', '/opt/homebrew/bin/redis-server'];

/** The path of `redis-server`, or undefined. */
export const REDIS = PATHS.find(existsSync);

/** A title for a suite: says why it is skipped where there is no Redis. */
export const redisTitle = (suite: string): string =>
  REDIS === undefined ? `${suite} (SKIPPED: redis-server not installed)` : suite;

export interface RunningRedis extends Closable {
  readonly url: string;
  readonly port: number;
  /** As a machine that loses its power, and starts again. */
  killAndRestart(): Promise<void>;
}

export async function startRedis(...options: readonly string[]): Promise<RunningRedis> {
  const folder = await makeFolder({});
  const port = await freePort();
  const parameters = ['--port', String(port), '--dir', folder.path, '--appendonly', 'yes', '--appendfsync', 'always'];
  let child = await begin([...parameters, '--save', '', ...options], port);
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.kill(signal);
    await closed;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    killAndRestart: async () => {
      await end('SIGKILL');
      child = await begin([...parameters, '--save', '', ...options], port);
    },
    close: async () => {
      await end('SIGTERM');
      await folder.close();
    },
  };
}

async function begin(parameters: readonly string[], port: number): Promise<ChildProcess> {
  const child = spawn(REDIS ?? 'redis-server', parameters, { stdio: 'ignore' });
  // Real time: a program does not tell when it listens.
  while (!(await listens(port))) await new Promise((resolve) => setTimeout(resolve, 25));
  return child;
}
