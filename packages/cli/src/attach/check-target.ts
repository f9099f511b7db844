import { basename } from 'node:path';
import { CommandError, MISUSED } from '../command.ts';
import { catchesSignal, isAlive, programOf, sharesNetwork, userOf } from './process-facts.ts';

const SOCKET = 'With `listenInspect(path)` in it, `coloop ps PATH` asks it over a socket';

/** The number of a process in what was typed. */
export function pidIn(args: readonly string[]): number {
  const [text, ...more] = args;
  if (text === undefined) throw new CommandError('The number of a process is missing. Type `coloop ps 4711`.', MISUSED);
  const pid = Number(text);
  if (more.length > 0 || !/^\d+$/.test(text) || !Number.isSafeInteger(pid) || pid === 0) {
    throw new CommandError(`${args.join(' ')} is not the number of a process. Type \`coloop ps 4711\`.`, MISUSED);
  }
  if (pid === process.pid)
    throw new CommandError(`Process ${pid} is this command itself. Give the number of another one.`, MISUSED);
  return pid;
}

/**
 * Refuses a process that the signal could harm, or that would not answer.
 *
 * @throws CommandError with one sentence.
 */
export function checkTarget(pid: number): void {
  if (process.platform !== 'linux') {
    throw new CommandError(
      `Only Linux tells whether a signal is safe for process ${pid}, so nothing was sent. ${SOCKET}.`,
    );
  }
  if (!isAlive(pid)) throw new CommandError(`There is no process ${pid}.`);
  ofLiving(pid, () => {
    if (userOf(pid) !== process.getuid?.()) {
      throw new CommandError(`Process ${pid} belongs to another user. Type the command as that user.`);
    }
    const program = programOf(pid);
    if (!/^node(?:js)?[\d.]*$/.test(basename(program))) {
      throw new CommandError(`Process ${pid} is not Node: it runs ${program}. ${SOCKET}.`);
    }
    if (!sharesNetwork(pid)) {
      throw new CommandError(
        `Process ${pid} has a network of its own, as in a container. Type the command inside of it. ${SOCKET}.`,
      );
    }
    if (!catchesSignal(pid)) {
      throw new CommandError(
        `Process ${pid} does not catch SIGUSR1, which would end it, so nothing was sent. ${SOCKET}.`,
      );
    }
  });
}

/** Runs what reads about a process; says that it has ended, where that is why it cannot be read. */
export function ofLiving<T>(pid: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof CommandError || code === undefined) throw error;
    if (code === 'ENOENT' || code === 'ESRCH') throw hasEnded(pid);
    throw new CommandError(`Process ${pid} cannot be read: ${(error as Error).message}.`);
  }
}

export function hasEnded(pid: number): CommandError {
  return new CommandError(`Process ${pid} has ended.`);
}
