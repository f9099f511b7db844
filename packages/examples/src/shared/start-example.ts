/** How a file of the examples starts when it is the program, and stays quiet when it is imported. */
import { fileURLToPath } from 'node:url';
import type { Operation } from '@coloop/core';
import { main } from '@coloop/core/node';

/** What the host refused, for people: a port that is taken, a missing permission. Undefined for every other error. */
export function refusal(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, syscall, path, port } = error as NodeJS.ErrnoException & { port?: number };
  const where = path ?? (port === undefined ? 'what it needs' : `port ${port}`);
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port ?? '?'} is taken by another program: end that one, or choose another port.`;
    case 'EACCES':
    case 'EPERM':
      return `This example may not ${syscall ?? 'use'} ${where}: run it where you have that permission.`;
    case 'ENOENT':
    case 'ENOTDIR':
    case 'EISDIR':
    case 'EROFS':
      return `This example cannot ${syscall ?? 'use'} ${where}: choose a file in a folder that exists and can be written.`;
    default:
      return undefined;
  }
}

/** Whether the module of `url` was started as a program. */
export function isProgram(url: string): boolean {
  return process.argv[1] !== undefined && fileURLToPath(url) === process.argv[1];
}

function* explained(body: () => Operation<void>): Operation<void> {
  try {
    yield* body();
  } catch (error) {
    const sentence = refusal(error);
    if (sentence === undefined) throw error;
    console.error(sentence);
    process.exitCode = 2;
  }
}

/** Runs `body` as the program of the module `url`; does nothing where that is not the program. */
export async function startExample(url: string, body: () => Operation<void>): Promise<void> {
  if (isProgram(url)) await main(explained(body));
}
