import { type ChildProcess, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import type { Operation } from '../../kernel/operation/suspension.ts';
import { addRelease, removeRelease } from '../../kernel/scope/releases.ts';
import { runningTask } from '../../kernel/task/current.ts';
import { HostCondition } from '../streams/host-condition.ts';
import { type Command, type OpenProcessOptions, openCommand } from './options.ts';
import { ProcessError } from './process-error.ts';
import { Subprocess } from './subprocess.ts';

/**
 * Starts a program, never through a shell, and ends it with the scope that started it: with its own children, as far as
 * they have stayed in its group.
 *
 * At the end of the scope the group gets SIGTERM, and what is left after `grace` SIGKILL. A child that has made a session of
 * its own is out of reach, as is every child on Windows, which has no groups. Since the group is not that of the terminal,
 * Ctrl-C does not reach it: the scope does.
 *
 * Cancellation: ends the process, if it has started.
 *
 * @param file the name of a program in PATH, or its path
 * @param args its arguments
 * @param options `cwd`, `env`, `stdin`, `stdout`, `stderr`, `grace` in ms, `group`
 * @throws ProcessError when it cannot be started; TypeError for wrong arguments, at the call.
 * @example
 * ```ts
 * import { forEach } from '@coloop/core';
 * import { main, openProcess } from '@coloop/core/node';
 *
 * await main(function* () {
 *   const child = yield* openProcess('sort', ['-r']);
 *   yield* child.stdin.write('one\ntwo\n');
 *   yield* child.stdin.end();
 *   yield* forEach(child.lines(), (line) => console.log(line));
 *   //> two
 *   //> one
 *   console.log((yield* child.wait()).code); //> 0
 * });
 * ```
 * Source: `asyncio.create_subprocess_exec`; process groups as in POSIX.
 */
export function openProcess(
  file: string,
  args: readonly string[] = [],
  options: OpenProcessOptions = {},
): Operation<Subprocess> {
  return opened(openCommand(file, args, options));
}

function* opened(command: Command): Operation<Subprocess> {
  const task = runningTask('openProcess()');
  const child = yield* start(command);
  const release = addRelease(task.innermostOwner, () => child.close());
  child.whenClosed(() => removeRelease(release));
  return child;
}

/** Starts a process that its caller ends. */
export function* start(command: Command): Operation<Subprocess> {
  const { file, grace, group } = command;
  const child = spawned(command);
  if (child.pid !== undefined) return new Subprocess(child, file, grace, group);
  const failed = new HostCondition();
  let failure: unknown = null;
  child.on('error', (error) => {
    failure = error;
    failed.check();
  });
  yield* failed.until(`the start of ${file}`, () => failure !== null);
  throw notStarted(command, failure);
}

function spawned(command: Command): ChildProcess {
  const { file, args, cwd, env, group, stdio } = command;
  try {
    return spawn(file, args, {
      cwd,
      env: env ?? process.env,
      stdio: [...stdio],
      detached: group && process.platform !== 'win32',
      windowsHide: true,
    });
  } catch (cause) {
    throw notStarted(command, cause);
  }
}

/** The system says 'not found' of the program also where it is the folder that is missing. */
function notStarted({ file, cwd }: Command, cause: unknown): ProcessError {
  const { code, message } = cause as NodeJS.ErrnoException;
  let why = `${message}.`;
  if (cwd !== undefined && !isFolder(cwd)) why = `its 'cwd' ${String(cwd)} is not a folder.`;
  else if (code === 'ENOENT' && /\s/.test(file) && !file.includes('/')) {
    why = 'there is no such program. Arguments belong into the array: `exec("ls", ["-l"])`.';
  } else if (code === 'ENOENT') why = 'there is no such program. Install it, correct PATH, or give its whole path.';
  else if (code === 'EACCES') why = 'it may not be executed: see its permissions, and that it is a file.';
  return new ProcessError(`${file} could not be started: ${why}`, { code: null, signal: null }, {}, { cause });
}

function isFolder(path: string | URL): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
