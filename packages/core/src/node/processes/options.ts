import { checkCount, checkDuration, readOptions, show } from '../../kernel/operation/options.ts';
import type { Source } from '../../kernel/operation/source.ts';
import { isSource } from '../../streams/for-each.ts';

/** What `openProcess` may be given. */
export interface ProcessOptions {
  /** The folder that it runs in; that of this process by default. */
  cwd?: string | URL | undefined;
  /** Its whole environment; that of this process by default. To add to that: `{ ...process.env, NAME: 'value' }`. */
  env?: Readonly<Record<string, string | undefined>> | undefined;
  /** How long it has after SIGTERM before SIGKILL, in ms; 2,000 by default. */
  grace?: number | undefined;
  /**
   * Whether it leads a group of its own, which ends as a whole; true by default. Give false for a program that needs the
   * terminal. Windows has no groups.
   */
  group?: boolean | undefined;
}

/** What one of the three streams of a process is connected to. */
export type Stdio = 'pipe' | 'inherit' | 'ignore';

/** What `openProcess` may be given besides. */
export interface OpenProcessOptions extends ProcessOptions {
  /** 'pipe' by default: `child.stdin` writes to it. */
  stdin?: Stdio | undefined;
  /** 'pipe' by default: `child.stdout` reads from it. */
  stdout?: Stdio | undefined;
  /** 'pipe' by default: `child.stderr` reads from it. */
  stderr?: Stdio | undefined;
}

/** What `exec` may be given. */
export interface ExecOptions extends ProcessOptions {
  /** What it reads from stdin: text, bytes, or a source of them; nothing by default. */
  input?: string | Uint8Array | Source<string | Uint8Array> | undefined;
  /** False: any exit is a result; by default one with another code than 0, or by a signal, is a `ProcessError`. */
  check?: boolean | undefined;
  /** How many bytes stdout and stderr may have, each; 16 MiB by default. */
  limit?: number | undefined;
}

const COMMON = { cwd: 'any', env: 'any', grace: 'duration', group: 'boolean' } as const;
const OPEN = { ...COMMON, stdin: 'any', stdout: 'any', stderr: 'any' } as const;
const EXEC = { ...COMMON, input: 'any', check: 'boolean', limit: 'any' } as const;

const DEFAULT_GRACE = 2_000;
const DEFAULT_LIMIT = 16 * 2 ** 20;

/** What is run, checked. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string | URL | undefined;
  readonly env: Readonly<Record<string, string | undefined>> | undefined;
  readonly grace: number;
  readonly group: boolean;
  readonly stdio: readonly [stdin: Stdio, stdout: Stdio, stderr: Stdio];
}

export function openCommand(file: unknown, args: unknown, options: OpenProcessOptions): Command {
  const { stdin, stdout, stderr, ...common } = readOptions('openProcess', options, OPEN);
  const stdio = [checkStdio('stdin', stdin), checkStdio('stdout', stdout), checkStdio('stderr', stderr)] as const;
  return checkCommand('openProcess', file, args, common, stdio);
}

/** What is left of the options of `exec`, checked. */
export interface ExecSettings {
  readonly input: string | Uint8Array | Source<string | Uint8Array> | undefined;
  readonly check: boolean;
  readonly limit: number;
}

export function execCommand(file: unknown, args: unknown, options: ExecOptions): [Command, ExecSettings] {
  const { input, check = true, limit = DEFAULT_LIMIT, ...common } = readOptions('exec', options, EXEC);
  if (input !== undefined && typeof input !== 'string' && !(input instanceof Uint8Array) && !isSource(input)) {
    throw new TypeError(
      `exec: the option 'input' takes text, bytes, or a source of them, not ${show(input)}. Make a source with \`stream(…)\`.`,
    );
  }
  checkCount("exec: the option 'limit'", limit, 0, true);
  const command = checkCommand('exec', file, args, common, [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe']);
  return [command, { input, check, limit }];
}

function checkCommand(
  what: string,
  file: unknown,
  args: unknown,
  { cwd, env, grace = DEFAULT_GRACE, group = true }: ProcessOptions,
  stdio: Command['stdio'],
): Command {
  if (typeof file !== 'string' || file === '') {
    throw new TypeError(`${what} takes the name or path of a program as text, not ${show(file)}.`);
  }
  if (!Array.isArray(args)) {
    throw new TypeError(`${what} takes the arguments as an array of texts, not ${show(args)}.`);
  }
  for (const each of [file, ...(args as unknown[])]) checkText(what, each);
  if (cwd !== undefined && typeof cwd !== 'string' && !(cwd instanceof URL)) {
    throw new TypeError(`${what}: the option 'cwd' takes a path or a URL, not ${show(cwd)}.`);
  }
  if (env !== undefined && (typeof env !== 'object' || env === null)) {
    throw new TypeError(`${what}: the option 'env' takes an object, not ${show(env)}.`);
  }
  return { file, args: [...(args as string[])], cwd, env, grace: checkDuration(what, grace), group, stdio };
}

function checkText(what: string, argument: unknown): void {
  if (typeof argument !== 'string') {
    throw new TypeError(`${what} takes arguments as texts, not ${show(argument)}. Write \`String(value)\`.`);
  }
  if (argument.includes('\0')) throw new TypeError(`${what} takes arguments without a NUL character.`);
}

function checkStdio(name: string, value: unknown): Stdio {
  if (value === undefined) return 'pipe';
  if (value === 'pipe' || value === 'inherit' || value === 'ignore') return value;
  throw new TypeError(`openProcess: the option '${name}' takes 'pipe', 'inherit' or 'ignore', not ${show(value)}.`);
}
