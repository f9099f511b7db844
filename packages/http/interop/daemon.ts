// The programs of the interop suite: which of them are installed, each with a folder of its own, and all ended with the file.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Closable, makeFolder, startProgram } from '@coloop/test-servers';
import { afterAll } from 'vitest';

const running: Closable[] = [];

afterAll(async () => {
  for (const one of running.splice(0).reverse()) await one.close();
});

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

/** Ends with the tests of the file. */
export async function untilFileEnds<T extends Closable>(starting: Promise<T>): Promise<T> {
  const one = await starting;
  running.push(one);
  return one;
}

/** A directory that is removed at the end. */
export async function directoryWith(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  return (await untilFileEnds(makeFolder(files))).path;
}

/** Starts a program in the foreground and waits until its TCP port is open. */
export async function start(program: string, parameters: readonly string[], port: number): Promise<void> {
  await untilFileEnds(startProgram(find(program) ?? program, parameters, port));
}
