// Processes that work and call, to be killed.
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

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
