/** `wait`: one wait for several tasks, which counts their ends. */
import type { TimerEntry } from '../kernel/clock/timers.ts';
import { isOperation } from '../kernel/operation/is-operation.ts';
import { checkDuration, readOptions, refuseMore, show } from '../kernel/operation/options.ts';
import { type Operation, Suspension } from '../kernel/operation/suspension.ts';
import { taskOf } from '../kernel/task/current.ts';
import { Frame, type Steps } from '../kernel/task/frame.ts';
import { checkJoin, type Joinable, type Joiner } from '../kernel/task/join.ts';
import { Task } from '../kernel/task/task.ts';

/** When `wait` returns: when all have ended, when one has, or when one has failed (or all have ended). */
export type WaitUntil = 'all' | 'first-completed' | 'first-error';

/** What `wait` may be given. */
export interface WaitOptions {
  /** What to wait for; 'all' by default. */
  until?: WaitUntil | undefined;
  /** How long at most, in ms; without end by default. */
  timeout?: number | undefined;
}

/** What `wait` returns. */
export interface Waited<K> {
  /** The tasks that have ended, however they did. */
  done: Set<K>;
  /** The others; they go on. */
  pending: Set<K>;
}

/** A task, whatever its value. */
type AnyTask = Pick<Task, 'id' | 'name' | 'status' | 'done' | 'cancelRequested'>;

/** The wait for enough of the tasks; what "enough" is, is a count of ends that are left. */
class TasksWait extends Suspension<void> implements Joiner<unknown>, TimerEntry {
  slot = -1;
  readonly #tasks: readonly Task[];
  readonly #until: WaitUntil;
  readonly #timeout: number;
  #left = 0;

  constructor(tasks: readonly Task[], until: WaitUntil, timeout: number) {
    super();
    this.#tasks = tasks;
    this.#until = until;
    this.#timeout = timeout;
  }

  get label(): string {
    const { length } = this.#tasks;
    return `wait(${length === 1 ? this.#tasks[0]?.label : `${length} tasks`}, ${this.#until})`;
  }

  override get waitsFor(): unknown {
    return this.#tasks.find((task) => !task.done);
  }

  poll(): boolean {
    this.#left = 0;
    let enough = false;
    for (const task of this.#tasks) {
      checkJoin(task);
      if (task.done) enough ||= this.ends(task);
      else this.#left++;
    }
    return (enough || this.#left === 0) && this.finish(undefined);
  }

  /** Whether the end of this one task is enough. */
  private ends(task: Joinable<unknown>): boolean {
    return this.#until === 'first-completed' || (this.#until === 'first-error' && task.failed);
  }

  arm(): void {
    for (const task of this.#tasks) if (!task.done) task.addJoiner(this);
    if (this.#timeout === Number.POSITIVE_INFINITY) return;
    const { scheduler } = taskOf(this.sink);
    scheduler.addTimer(this, scheduler.now() + this.#timeout);
  }

  disarm(): void {
    for (const task of this.#tasks) if (!task.done) task.removeJoiner(this);
    taskOf(this.sink).scheduler.removeTimer(this);
  }

  settled(task: Joinable<unknown>): void {
    if (--this.#left > 0 && !this.ends(task)) return;
    this.fire();
  }

  fire(): void {
    this.disarm();
    this.wake();
  }
}

class WaitFrame<K> extends Frame<Waited<K>> {
  readonly #tasks: readonly Task[];
  readonly #until: WaitUntil;
  readonly #timeout: number;

  constructor(tasks: readonly Task[], until: WaitUntil, timeout: number) {
    super();
    this.#tasks = tasks;
    this.#until = until;
    this.#timeout = timeout;
  }

  get label(): string {
    return 'wait()';
  }

  protected open(): Steps {
    return waiting(this.#tasks, new TasksWait(this.#tasks, this.#until, this.#timeout));
  }
}

/** Sorts the tasks only when the waiting one runs again: what ended on the way is done as well. */
function* waiting(tasks: readonly Task[], wait: TasksWait): Generator<Suspension, Waited<Task>, unknown> {
  yield* wait;
  const done = new Set<Task>();
  const pending = new Set<Task>();
  for (const task of tasks) {
    if (task.done) {
      task.observed = true;
      done.add(task);
    } else pending.add(task);
  }
  return { done, pending };
}

const UNTIL: readonly WaitUntil[] = ['all', 'first-completed', 'first-error'];
const WAIT_OPTIONS = { until: 'string', timeout: 'duration' } as const;

/**
 * Waits for tasks and tells which have ended. It cancels nothing and throws none of their errors: take them with
 * `task.result()` or `yield* task`.
 *
 * Cancellation: ends the wait; the tasks go on.
 *
 * @param tasks an array, a set or a record of tasks, at least one; start operations with `spawn(op)` first
 * @param options `until`: 'all' (default), 'first-completed', or 'first-error', where a cancelled task is not an error;
 *   `timeout`: how long at most, in ms
 * @returns `{ done, pending }`, two sets of the very tasks that were given
 * @throws RangeError for no tasks, TypeError if one of them is not a task, at the call.
 * @example
 * ```ts
 * import { forever, run, sleep, spawn, wait } from '@coloop/core';
 *
 * await run(function* () {
 *   const fast = spawn(sleep(10, 'fast'));
 *   const slow = spawn(forever(), { daemon: true });
 *   const { done, pending } = yield* wait([fast, slow], { until: 'first-completed' });
 *   console.log(done.has(fast), pending.has(slow)); //> true true
 * });
 * ```
 * Source: `asyncio.wait`.
 */
export function wait<K extends AnyTask>(
  tasks: Iterable<K> | { readonly [key: string]: K },
  options?: WaitOptions,
): Operation<Waited<K>>;
export function wait<K extends AnyTask>(
  tasks: Iterable<K> | { readonly [key: string]: K },
  options: WaitOptions = {},
  ...more: unknown[]
): Operation<Waited<K>> {
  refuseMore('wait(tasks, options)', more);
  const list = [...new Set(readTasks(tasks, options))];
  const { until = 'all', timeout = Number.POSITIVE_INFINITY } = readOptions('wait', options, WAIT_OPTIONS);
  if (!UNTIL.includes(until)) {
    throw new TypeError(`wait: the option 'until' is one of ${UNTIL.map(show).join(', ')}, not ${show(until)}.`);
  }
  if (list.length === 0) {
    throw new RangeError('wait needs at least one task: with none it would never know when to return.');
  }
  return new WaitFrame(list, until, checkDuration('wait: the option timeout', timeout));
}

function readTasks(tasks: unknown, options: unknown): Task[] {
  if (tasks instanceof Task || options instanceof Task) {
    throw new TypeError('wait takes its tasks as one array: pass an array, `wait([a, b])`.');
  }
  if (typeof tasks !== 'object' || tasks === null) {
    throw new TypeError(`wait takes an array of tasks, not ${show(tasks)}.`);
  }
  const list = Symbol.iterator in tasks ? collection(tasks) : Object.values(tasks);
  for (const task of list) if (!(task instanceof Task)) throw noTask(task);
  return list as Task[];
}

function collection(tasks: object): readonly unknown[] {
  if (Array.isArray(tasks)) return tasks;
  if (tasks instanceof Set) return [...tasks];
  throw noTask(tasks);
}

function noTask(value: unknown): TypeError {
  if (typeof value === 'object' && value !== null && 'then' in value) {
    return new TypeError(
      'wait takes tasks, as one array, not a promise. Write `wait([spawn(until(promise))])`, or `until(promise)` alone.',
    );
  }
  const what = isOperation(value) ? 'an operation' : show(value);
  return new TypeError(
    `wait takes tasks, as one array, not ${what}. Start operations first: \`wait([spawn(a()), spawn(b())])\`.`,
  );
}
