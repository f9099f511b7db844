import type { Source } from '../../kernel/operation/source.ts';
import type { Operation } from '../../kernel/operation/suspension.ts';
import { gather } from '../../tasks/gather.ts';
import type { ByteReader } from '../streams/byte-reader.ts';
import type { ByteWriter } from '../streams/byte-writer.ts';
import { LimitOverrunError } from '../streams/errors.ts';
import { start } from './open-process.ts';
import { type Command, type ExecOptions, type ExecSettings, execCommand } from './options.ts';
import { type ExitStatus, exitError } from './process-error.ts';
import type { Subprocess } from './subprocess.ts';

/** What a process has written, and how it has ended. */
export interface ExecResult extends ExitStatus {
  /** What it wrote to stdout, as text in UTF-8. */
  readonly stdout: string;
  /** What it wrote to stderr, as text in UTF-8. */
  readonly stderr: string;
}

/**
 * Runs a program, never through a shell, and returns what it wrote when it has ended.
 *
 * When the program has ended, children that it has left behind in its group are ended, too: nothing runs on.
 *
 * Cancellation: the group gets SIGTERM, and what is left after `grace` SIGKILL.
 *
 * @param file the name of a program in PATH, or its path
 * @param args its arguments
 * @param options `input`, `check`, `limit` in bytes, `cwd`, `env`, `grace` in ms, `group`
 * @throws ProcessError when it cannot be started, and, unless `check` is false, when it ends with another code than 0 or by
 * a signal; LimitOverrunError when it writes more than `limit`; TypeError for wrong arguments, at the call.
 * @example
 * ```ts
 * import { exec, main } from '@coloop/core/node';
 *
 * await main(function* () {
 *   const { stdout } = yield* exec('tr', ['a-z', 'A-Z'], { input: 'hello' });
 *   console.log(stdout); //> HELLO
 * });
 * ```
 * Source: Python's `subprocess.run`, and its `communicate`.
 */
export function exec(file: string, args: readonly string[] = [], options: ExecOptions = {}): Operation<ExecResult> {
  return executed(...execCommand(file, args, options));
}

function* executed(command: Command, { input, check, limit }: ExecSettings): Operation<ExecResult> {
  const child = yield* start(command);
  try {
    const { status, stdout, stderr } = yield* gather({
      status: endOf(child),
      stdout: textOf(child.stdout, command.file, 'stdout', limit),
      stderr: textOf(child.stderr, command.file, 'stderr', limit),
      input: input === undefined ? nothing() : feed(child.stdin, input),
    });
    if (check && status.code !== 0) throw exitError(command.file, status, stdout, stderr);
    return { ...status, stdout, stderr };
  } finally {
    yield* child.close();
  }
}

/** The end of the process, of its children, and of what they wrote: that is in the pipes also when they have ended. */
function* endOf(child: Subprocess): Operation<ExitStatus> {
  const status = yield* child.wait();
  yield* child.endGroup();
  yield* child.endOutput();
  return status;
}

function* textOf(reader: ByteReader, file: string, name: string, limit: number): Operation<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let r = yield* reader.next(); !r.done; r = yield* reader.next()) {
    size += r.value.length;
    if (size > limit) {
      throw new LimitOverrunError(
        `${file} wrote more than ${limit} bytes to ${name}. Give a larger \`limit\`, or read it piece by piece with openProcess.`,
        limit,
      );
    }
    chunks.push(r.value);
  }
  return Buffer.concat(chunks).toString();
}

/** A process may end without reading all that it is given. */
function* feed(stdin: ByteWriter, input: NonNullable<ExecSettings['input']>): Operation<void> {
  try {
    if (typeof input === 'string' || input instanceof Uint8Array) yield* stdin.write(input);
    else yield* feedAll(stdin, input);
    yield* stdin.end();
  } catch (error) {
    if (!stdin.threw(error)) throw error;
  }
}

function* feedAll(stdin: ByteWriter, source: Source<string | Uint8Array>): Operation<void> {
  for (let r = yield* source.next(); !r.done; r = yield* source.next()) yield* stdin.write(r.value);
}

function* nothing(): Operation<void> {}
