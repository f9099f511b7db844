// Starts the daemons of the interop suite on free ports, each with a directory of its own, and ends them with the file.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const children: ChildProcess[] = [];
const directories: string[] = [];

afterAll(async () => {
  await Promise.all(children.map(stop));
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

/** The path of an installed program, or undefined. */
export function find(program: string): string | undefined {
  return ['/usr/sbin', '/usr/bin', '/sbin', '/usr/local/bin', '/opt/homebrew/bin']
    .map((directory) => join(directory, program))
    .find(existsSync);
}

/** A title for a suite: says why it is skipped where the program is missing. */
export function titleOf(suite: string, ...programs: readonly string[]): string {
  const missing = programs.filter((program) => find(program) === undefined);
  return missing.length === 0 ? suite : `${suite} (SKIPPED: ${missing.join(', ')} not installed)`;
}

/** A directory that is removed at the end. */
export function directoryWith(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'coloop-interop-'));
  directories.push(directory);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text, { mode: 0o644 });
  // Daemons that drop their privileges have to read it.
  execFileSync('chmod', ['755', directory]);
  return directory;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts a program in the foreground and waits until its TCP port is open, or, without one, for a moment. */
export async function start(program: string, parameters: readonly string[], port: number | undefined): Promise<void> {
  const output: string[] = [];
  const child = spawn(find(program) as string, [...parameters], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(String(chunk)));
  for (let turn = 0; turn < 400; turn++) {
    if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}: ${output.join('')}`);
    if (port === undefined ? turn === 10 : await isOpen(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`${program} did not open port ${port}: ${output.join('')}`);
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
