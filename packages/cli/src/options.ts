import { CommandError, MISUSED } from './command.ts';

/** The number behind an option, and the other words. */
export function takeNumber(
  args: readonly string[],
  option: string,
  usual: number,
): { value: number; rest: readonly string[] } {
  const at = args.indexOf(option);
  if (at < 0) return { value: usual, rest: args };
  const value = Number(args[at + 1]);
  if (!(value > 0)) throw new CommandError(`${option} takes a number above 0, as in \`${option} ${usual}\`.`, MISUSED);
  return { value, rest: args.toSpliced(at, 2) };
}
