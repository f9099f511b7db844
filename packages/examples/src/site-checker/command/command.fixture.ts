/** The command as a user starts it: a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const script = path.join(import.meta.dirname, '..', 'main.ts');

export interface Ended {
  /** `null` when a signal ended it. */
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

export interface Command {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when this much of the output is there; rejects when the process ends before. */
  shows(text: string | RegExp): Promise<void>;
}

/** Starts the command in the folder `cwd`, with nothing to read and its output piped. */
export function startCommand(args: readonly string[], cwd: string): Command {
  const child = spawn(process.execPath, ['--conditions=@coloop/source', '--import', loader, script, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  const watchers = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    for (const watch of watchers) watch();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output, errors }));
  });
  return {
    process: child,
    ended,
    shows: (text) =>
      new Promise((resolve, reject) => {
        const watch = (): void => {
          if (typeof text === 'string' ? output.includes(text) : text.test(output)) resolve();
        };
        watchers.add(watch);
        watch();
        void ended.then(() => reject(new Error(`it ended without showing ${text}:\n${output}\n${errors}`)));
      }),
  };
}
