/**
 * Every error that core throws.
 *
 *     Error
 *     ├── CancelledError          a task was cancelled: who asked, why, through which scopes
 *     ├── TimeoutError            a deadline of `timeout` passed
 *     ├── CleanupTimeoutError     a cleanup did not end within its grace; its task was abandoned
 *     ├── DeadlockError           nothing can ever run again (virtual time)
 *     ├── NotInTaskError          a word that needs a running task was used outside of one
 *     ├── GroupClosedError        a spawn into a group, task or scope that has ended
 *     ├── WouldBlockError         a …Nowait twin would have had to wait
 *     │   ├── QueueFullError
 *     │   └── QueueEmptyError
 *     ├── QueueShutdownError      put or get on a queue that was shut down
 *     ├── ClosedChannelError      you closed this end of the channel
 *     ├── BrokenChannelError      the other side closed: nobody can receive
 *     ├── EndOfChannelError       the other side closed: nothing more will come
 *     ├── BrokenLockError         the task that held a lock has ended and neither released it nor handed it on
 *     ├── BrokenBarrierError      the barrier was aborted or reset while parties waited
 *     ├── StopIteration           a Python generator object ended; `value` is what it returned
 *     └── GeneratorExit           thrown at the yield of a Python generator object that is closed
 *     AggregateError
 *     └── TaskGroupError          every failure of a scope, the first one as `cause`
 *
 * Mistakes in a call (a NaN duration, a second use of an operation) are `TypeError` and `RangeError`, as on the web.
 */

import { callersIn } from './stack-frames.ts';
import { STACKS, setStackLimit } from './stack-limit.ts';

/** How many errors that lie in each other are written as JSON. */
const MOST_IN_JSON = 100;
/** What an error has beside its name and message that is worth writing, where it is no object. */
const TOLD = ['code', 'phase', 'status', 'requestedBy'] as const;

/**
 * An error as JSON: name, message, code, reason, the lines of its user's in its stack, and in the same way the errors that
 * it holds. Other objects that it refers to, such as a request with its headers, are left out.
 */
export function errorToJson(error: Error): Record<string, unknown> {
  return toRecord(error, { left: MOST_IN_JSON, around: new Set() });
}

interface Writing {
  left: number;
  /** Those that the one which is written lies in: a circle ends there. */
  readonly around: Set<unknown>;
}

function toRecord(error: Error, writing: Writing): Record<string, unknown> {
  const parts = error as Error & Record<string, unknown>;
  const json: Record<string, unknown> = { name: error.name, message: error.message };
  for (const key of TOLD) if (typeof parts[key] === 'string' || typeof parts[key] === 'number') json[key] = parts[key];
  writing.left--;
  writing.around.add(error);
  for (const key of ['reason', 'cause', 'error', 'suppressed']) {
    if (parts[key] !== undefined) json[key] = toJson(parts[key], writing);
  }
  const { errors } = parts;
  if (Array.isArray(errors)) json.errors = errors.slice(0, MOST_IN_JSON).map((each) => toJson(each, writing));
  writing.around.delete(error);
  json.stack = callersIn(error.stack ?? '')
    .map((line) => line.trim())
    .join('\n');
  return json;
}

function toJson(value: unknown, writing: Writing): unknown {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value;
  if (!isError(value) || writing.left <= 0 || writing.around.has(value)) return describe(value);
  try {
    return toRecord(value, writing);
  } catch {
    return describe(value);
  }
}

/** What all errors here have in common, except for those that are more than an `Error`. */
export class CoreError extends Error {
  /** The error for `JSON.stringify`: its name, message, code, reason and cause, and the lines of its user's in its stack. */
  toJSON(): Record<string, unknown> {
    return errorToJson(this);
  }
}

const NO_SCOPES: readonly string[] = [];

/**
 * A task was cancelled.
 *
 * It is thrown at the wait of the task that is cancelled; there it is control flow and has to be let through. From a
 * join or a promise it is an ordinary failure. It has no stack of its own: it carries `requestedBy` and `through`.
 */
export class CancelledError extends CoreError {
  /** What was given to `cancel(reason)`, or what made the scope cancel. */
  readonly reason: unknown;
  /** The name of the task that asked, or of the part of the host. */
  readonly requestedBy: string;
  #through: readonly string[] | (() => readonly string[]);

  /** @param through the scopes that passed the request on, or what finds them out when they are asked for */
  constructor(
    reason?: unknown,
    requestedBy = 'the host',
    through: readonly string[] | (() => readonly string[]) = NO_SCOPES,
  ) {
    const limit = STACKS.stackTraceLimit;
    if (limit !== undefined) setStackLimit(0);
    super();
    if (limit !== undefined) setStackLimit(limit);
    this.reason = reason;
    this.requestedBy = requestedBy;
    this.#through = through;
  }

  /** The scopes that passed the request on, outermost first. */
  get through(): readonly string[] {
    if (typeof this.#through === 'function') this.#through = this.#through();
    return this.#through;
  }
}

// On the prototype, and computed when read: cancelling 100,000 tasks writes no text.
Object.defineProperties(CancelledError.prototype, {
  name: { value: 'CancelledError', configurable: true, writable: true },
  message: {
    configurable: true,
    get(this: CancelledError): string {
      const path = this.through.length > 0 ? ` through ${this.through.join(' > ')}` : '';
      const why = this.reason === undefined ? '' : `: ${describe(this.reason)}`;
      return `Cancelled by ${this.requestedBy}${path}${why}`;
    },
  },
});

/**
 * Writes the message of a cancel that leaves a task as a failure into the error itself, where the platform's clone finds it;
 * false where it was there.
 */
export function keepMessage(error: CancelledError): boolean {
  if (Object.hasOwn(error, 'message') || !Object.isExtensible(error)) return false;
  Object.defineProperty(error, 'message', { value: error.message, writable: true, configurable: true });
  return true;
}

/** A deadline of `timeout(ms, op)` passed before the operation finished. */
export class TimeoutError extends CoreError {
  override readonly name: string = 'TimeoutError';
}

/** A cleanup did not end within three graces after a cancel; its task was abandoned and never runs again. */
export class CleanupTimeoutError extends CoreError {
  override readonly name = 'CleanupTimeoutError';
  /** The name of the abandoned task. */
  readonly task: string;
  /** What the task was waiting for. */
  readonly wait: string;

  constructor(task: string, wait: string, grace: number) {
    super(
      `The cleanup of task ${task} was still waiting for ${wait} after three times its grace of ${grace} ms, so the ` +
        'task was abandoned. Give the cleanup a limit of its own, as in `timeout(1000, op)`, or a longer grace with ' +
        '`new Scheduler({ cleanupGrace })` or `shield(op, { timeout })`.',
    );
    this.task = task;
    this.wait = wait;
  }
}

/** What a failure is looked for by: `Error` or a class that extends it, or a function that says true. */
export type FailureMatch = (abstract new (...args: never) => Error) | ((error: unknown) => boolean);

/**
 * Every failure of a scope: each one once in `errors`, the first one as `cause`.
 *
 * @example
 * ```ts
 * import { group, run, TaskGroupError } from '@coloop/core';
 *
 * function* typo() {
 *   throw new SyntaxError('a typo');
 * }
 *
 * await run(function* () {
 *   try {
 *     yield* group(typo());
 *   } catch (error) {
 *     if (!(error instanceof TaskGroupError)) throw error;
 *     const [typos, others] = error.split(SyntaxError);
 *     console.log(typos?.errors.length, others); //> 1 null
 *   }
 * });
 * ```
 */
export class TaskGroupError extends AggregateError {
  override readonly name = 'TaskGroupError';

  /** As of every error here; `errors` has those of the tasks. */
  toJSON(): Record<string, unknown> {
    return errorToJson(this);
  }
  readonly #tasks: readonly string[];

  constructor(errors: readonly unknown[], tasks: readonly string[]) {
    const list = errors.slice(0, MOST_FAILURES).map((error, i) => `\n  ${tasks[i] ?? 'body'}: ${brief(error)}`);
    if (errors.length > MOST_FAILURES) list.push(`\n  … and ${errors.length - MOST_FAILURES} more, see \`errors\``);
    super(errors, `${errors.length === 1 ? '1 failure' : `${errors.length} failures`} in one scope:${list.join('')}`, {
      cause: errors[0],
    });
    this.#tasks = tasks;
  }

  /**
   * The failures that match, and the others, each in groups nested as here. The match is also asked about groups: one that
   * matches is taken whole. A group of which everything is kept is the same object.
   *
   * @param match `Error` or a class that extends it; any other function is called and says true
   * @returns `[matching, rest]`, with null in place of a group without failures
   * @throws TypeError if `match` is not a function.
   * Source: `ExceptionGroup.split`, PEP 654.
   */
  split(match: FailureMatch): [TaskGroupError | null, TaskGroupError | null] {
    return divide(this, matcherOf('split', match));
  }

  /** The first part of what `split` returns: a group of the failures that match, or null. */
  subgroup(match: FailureMatch): TaskGroupError | null {
    return divide(this, matcherOf('subgroup', match))[0];
  }

  /** @internal How the message calls the task of a failure. */
  taskAt(at: number): string {
    return this.#tasks[at] ?? 'body';
  }

  /** @internal This group with some of its failures only. */
  withOnly(parts: readonly GroupPart[]): TaskGroupError | null {
    if (parts.length === 0) return null;
    const errors = parts.map((part) => part.error);
    if (errors.length === this.errors.length && errors.every((error, i) => error === this.errors[i])) return this;
    return new TaskGroupError(
      errors,
      parts.map((part) => part.task),
    );
  }
}

/** A failure of a group, with the name of its task. */
interface GroupPart {
  readonly error: unknown;
  readonly task: string;
}

/** A group on its way through `divide`. */
class Division {
  readonly group: TaskGroupError;
  readonly yes: GroupPart[] = [];
  readonly no: GroupPart[] = [];
  /** The failure that is looked at next. */
  at = 0;

  constructor(group: TaskGroupError) {
    this.group = group;
  }

  add(to: GroupPart[], error: unknown): void {
    to.push({ error, task: this.group.taskAt(this.at - 1) });
  }
}

/** A loop and no recursion: a failure may have passed through 100,000 groups. */
function divide(
  root: TaskGroupError,
  matches: (error: unknown) => boolean,
): [TaskGroupError | null, TaskGroupError | null] {
  if (matches(root)) return [root, null];
  const outer: Division[] = [];
  let division = new Division(root);
  for (;;) {
    const { group, yes, no } = division;
    if (division.at < group.errors.length) {
      const error: unknown = group.errors[division.at++];
      if (matches(error)) division.add(yes, error);
      else if (error instanceof TaskGroupError) {
        outer.push(division);
        division = new Division(error);
      } else division.add(no, error);
      continue;
    }
    const parts: [TaskGroupError | null, TaskGroupError | null] = [group.withOnly(yes), group.withOnly(no)];
    const around = outer.pop();
    if (around === undefined) return parts;
    if (parts[0] !== null) around.add(around.yes, parts[0]);
    if (parts[1] !== null) around.add(around.no, parts[1]);
    division = around;
  }
}

function matcherOf(what: string, match: FailureMatch): (error: unknown) => boolean {
  if (typeof match !== 'function') {
    throw new TypeError(
      `TaskGroupError.${what} takes a class of errors or a function, not ${describe(match)}. Write \`error.${what}(TypeError)\` or \`error.${what}((e) => e instanceof TypeError)\`.`,
    );
  }
  const { prototype } = match as { prototype?: unknown };
  if (match === Error || prototype instanceof Error) return (error) => error instanceof match;
  return (error) => {
    const answer: unknown = (match as (error: unknown) => unknown)(error);
    if (typeof answer !== 'object' || answer === null || !('then' in answer)) return Boolean(answer);
    throw new TypeError(
      `TaskGroupError.${what} got a promise from its function. Write a plain function, as in \`error.${what}((e) => e instanceof TypeError)\`.`,
    );
  };
}

/** Under virtual time: nothing is runnable, no timer is left, and nothing from the host can come. */
export class DeadlockError extends CoreError {
  override readonly name = 'DeadlockError';
  /** The names of tasks that wait for each other in a circle, the first one again at the end; empty without a circle. */
  readonly cycle: readonly string[];

  constructor(message: string, cycle: readonly string[] = []) {
    super(message);
    this.cycle = cycle;
  }
}

/** A word that needs a running task was used outside of every task. */
export class NotInTaskError extends CoreError {
  override readonly name = 'NotInTaskError';
  /** The word that needs a task, such as `spawn()`. */
  readonly what: string;

  constructor(what: string) {
    super(
      `${what} was used outside of a task. Call it inside of \`run(function* () { … })\`; from promise or callback ` +
        'code, enter the runtime with `run(…)`, `scope.run(…)` or `asAsync(fn)` first.',
    );
    this.what = what;
  }
}

/** A task was to be spawned into a group, task or scope that has ended. */
export class GroupClosedError extends CoreError {
  override readonly name = 'GroupClosedError';
}

/** The operation would have had to wait; its twin without `Nowait` does. */
export class WouldBlockError extends CoreError {
  override readonly name: string = 'WouldBlockError';
}

/** `putNowait` on a queue that is full. */
export class QueueFullError extends WouldBlockError {
  override readonly name = 'QueueFullError';
}

/** `getNowait` on a queue that is empty. */
export class QueueEmptyError extends WouldBlockError {
  override readonly name = 'QueueEmptyError';
}

/** `put` or `get` on a queue that was shut down. */
export class QueueShutdownError extends CoreError {
  override readonly name = 'QueueShutdownError';
}

/** This end of the channel was closed by its owner. */
export class ClosedChannelError extends CoreError {
  override readonly name = 'ClosedChannelError';
}

/** Every receiver of the channel is closed: what is sent can reach nobody. */
export class BrokenChannelError extends CoreError {
  override readonly name = 'BrokenChannelError';
}

/** Every sender of the channel is closed and all messages were received. */
export class EndOfChannelError extends CoreError {
  override readonly name = 'EndOfChannelError';
}

/** The barrier was aborted, or reset while parties were waiting. */
export class BrokenBarrierError extends CoreError {
  override readonly name = 'BrokenBarrierError';
}

/** The task that held a lock has ended, and neither released it nor handed it on: nobody can have it. */
export class BrokenLockError extends Error {
  override readonly name = 'BrokenLockError';
  /** The name of the task that held it. */
  readonly holder: string;
  /** The name of the lock, where it was given one. */
  readonly lock: string | undefined;

  constructor(holder: string, lock?: string) {
    super(
      `The lock${lock === undefined ? '' : ` ${lock}`} is broken: task ${holder}, which held it, has ended and neither released it ` +
        'nor handed it on. Write `using held = yield* lock.acquire()`, or hand its grant on with `held.handTo(task)`; ' +
        'to dispose of the grant mends the lock.',
    );
    this.holder = holder;
    this.lock = lock;
  }
}

/** A Python generator object has ended. */
export class StopIteration extends CoreError {
  override readonly name = 'StopIteration';
  /** What the generator returned. */
  readonly value: unknown;

  constructor(value?: unknown) {
    super('The generator has ended.');
    this.value = value;
  }
}

/** Thrown at the `yield` where a Python generator object is closed. */
export class GeneratorExit extends CoreError {
  override readonly name = 'GeneratorExit';
}

/** The two errors of a cleanup that failed while another error was on its way. */
export interface SuppressedErrorLike extends Error {
  /** The later error, from the cleanup. */
  readonly error: unknown;
  /** The earlier error. */
  readonly suppressed: unknown;
}

type SuppressedErrorClass = new (error: unknown, suppressed: unknown, message?: string) => SuppressedErrorLike;

const PlatformSuppressedError = (globalThis as { SuppressedError?: SuppressedErrorClass }).SuppressedError;

class OwnSuppressedError extends Error implements SuppressedErrorLike {
  override readonly name = 'SuppressedError';
  readonly error: unknown;
  readonly suppressed: unknown;

  constructor(error: unknown, suppressed: unknown, message?: string) {
    super(message);
    this.error = error;
    this.suppressed = suppressed;
  }
}

const Suppressed = PlatformSuppressedError ?? OwnSuppressedError;

/** Keeps the error of a cleanup together with the error that was on its way. */
export function suppressedError(error: unknown, suppressed: unknown): SuppressedErrorLike {
  return new Suppressed(error, suppressed, `${brief(error)}\n  while a cleanup ran because of: ${brief(suppressed)}`);
}

/** How many failures of one scope are written out in its error's message. */
const MOST_FAILURES = 100;
/** How many lines of an error's text get into the message of another one, from its beginning and from its end. */
const FIRST_LINES = 10;
const LAST_LINES = 10;
const DEEPEST = ' '.repeat(2 * FIRST_LINES);

/**
 * The text of an error inside of another one's, indented. A failure may pass through 100,000 scopes, each with an error of
 * its own around it: what is in the middle is left out, or the texts would grow with the square of the depth.
 */
function brief(error: unknown): string {
  const text = describe(error);
  if (!text.includes('\n')) return text;
  const lines = text.split('\n');
  if (lines.length > FIRST_LINES + LAST_LINES + 1)
    lines.splice(FIRST_LINES, lines.length - FIRST_LINES - LAST_LINES, '…');
  return lines.map((line, i) => (i === 0 || line.startsWith(DEEPEST) ? line : `  ${line}`)).join('\n');
}

/** Whether `value` is an error, of whatever realm. */
export function isError(value: unknown): value is Error {
  try {
    return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
  } catch {
    return false;
  }
}

/** Whether `error` is one that keeps two, that of a cleanup and the one before it. Getters of a stranger's error may throw. */
export function isSuppressedError(error: unknown): error is SuppressedErrorLike {
  try {
    return isError(error) && error.name === 'SuppressedError' && 'suppressed' in error && 'error' in error;
  } catch {
    return false;
  }
}

/** How much of a thrown object is written out. */
const LONGEST_JSON = 200;

/** One line for any thrown or given value. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    if (isError(value)) return value.message === '' ? value.name : `${value.name}: ${value.message}`;
    const text = String(value);
    if (text !== '[object Object]') return text;
    const json = JSON.stringify(value);
    return json.length > LONGEST_JSON ? `${json.slice(0, LONGEST_JSON)}…` : json;
  } catch {
    return 'an object without a printable form';
  }
}

/**
 * Whether `error` is a cancel: a `CancelledError`, also as a part of a `SuppressedError`; a `cause` is not looked into.
 *
 * Use it in a `catch` that must not hold up a cancel: `if (isCancelled(error)) throw error`.
 */
export function isCancelled(error: unknown): boolean {
  // A loop along `suppressed`, which has an error for every cleanup that failed.
  for (let at = error; isError(at); at = at.suppressed) {
    if (at instanceof CancelledError) return true;
    if (!isSuppressedError(at)) return false;
    if (isCancelled(at.error)) return true;
  }
  return false;
}
