// A Redis of its own for each file: it writes each command to its disk before it answers, so that none is lost by a kill.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Closable, freePort, listens, makeFolder } from '@coloop/test-servers';

const PATHS = ['/usr/bin/redis-server', '/usr/local/bin/redis-server', '/opt/homebrew/bin/redis-server'];

/** The path of `redis-server`, or undefined. */
export const REDIS = PATHS.find(existsSync);

/** A title for a suite: says why it is skipped where there is no Redis. */
export const titleOf = (suite: string): string =>
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

/** A process that works on a queue until it is killed; it is there when this resolves. */
export async function startWorker(url: string, queue: string): Promise<ChildProcess> {
  return startProcess('./worker.fixture.ts', url, queue);
}

/** A process that makes a call that never ends, and has made it when this resolves. */
export async function startCaller(url: string, queue: string): Promise<ChildProcess> {
  return startProcess('./caller.fixture.ts', url, queue);
}

async function startProcess(file: string, ...parameters: readonly string[]): Promise<ChildProcess> {
  const program = fileURLToPath(new URL(file, import.meta.url));
  const flags = ['--conditions=@coloop/source', '--import', 'tsx'];
  const child = spawn(process.execPath, [...flags, program, ...parameters], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    child.once('close', (code) => reject(new Error(`${file} ended with ${code} before it was ready`)));
  });
  return child;
}
