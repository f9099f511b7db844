import type { Operation } from '@coloop/core';
import { type Command, CommandError, MISUSED, type Output } from './command.ts';
import { dump } from './commands/dump.ts';
import { ps } from './commands/ps.ts';
import { top } from './commands/top.ts';
import { trace } from './commands/trace.ts';
import { work } from './commands/work.ts';

const COMMANDS: ReadonlyMap<string, Command> = new Map(Object.entries({ ps, dump, top, trace, work }));

/**
 * Runs a command line of `coloop`.
 *
 * Cancellation: ends the command; what it has opened in another process is closed again.
 *
 * @param args what stands behind `coloop`, such as `['ps', '4711']`
 * @param out where the result is written, stdout by default
 * @param err where a sentence is written that says why there is none, stderr by default
 * @returns the exit code: 0, 1 where the command could not do its work, 2 where it was typed wrong
 * @example
 * ```ts no-run
 * import { run } from '@coloop/core';
 * import { coloop } from '@coloop/cli';
 *
 * process.exitCode = await run(coloop(['ps', '4711']));
 * ```
 */
export function* coloop(
  args: readonly string[],
  out: Output = process.stdout,
  err: Output = process.stderr,
): Operation<number> {
  const [name = '', ...rest] = args;
  const command = COMMANDS.get(name);
  if (command === undefined) return withoutCommand(name, out, err);
  try {
    return yield* command.run(rest, out);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    err.write(`${error.message}\n`);
    return error.exitCode;
  }
}

function withoutCommand(name: string, out: Output, err: Output): number {
  if (name === 'help' || name === '--help' || name === '-h') {
    out.write(usage());
    return 0;
  }
  err.write(name === '' ? usage() : `There is no command ${name}. Type \`coloop help\` for a list.\n`);
  return MISUSED;
}

function usage(): string {
  const lines = [...COMMANDS].map(([name, { takes, summary }]) => `  coloop ${name} ${takes}`.padEnd(44) + summary);
  return `${lines.join('\n')}\n`;
}
