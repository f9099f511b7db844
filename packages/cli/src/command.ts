/** What every command is; each has a file of its own in `commands`. */
import type { Operation } from '@coloop/core';

/** Where a command writes: a stream of the process, or what a test reads. */
export interface Output {
  write(text: string): unknown;
}

export interface Command {
  /** What stands behind its name, as in `PID`. */
  readonly takes: string;
  /** What it does, for the list of commands. */
  readonly summary: string;
  /** Returns the exit code. */
  run(args: readonly string[], out: Output): Operation<number>;
}

/** The exit code of a command that could not do its work. */
const FAILED = 1;
/** That of one that was typed wrong. */
export const MISUSED = 2;

/** Why a command cannot do what it was asked for, in one sentence for the person who typed it. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number;

  constructor(message: string, exitCode = FAILED) {
    super(message);
    this.exitCode = exitCode;
  }
}
