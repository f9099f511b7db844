/** `group`: a scope inside a task, with a handle for its body. */
import { suppressedError } from '../errors.ts';
import { checkOperation } from '../kernel/operation/check-operation.ts';
import { Notify } from '../kernel/operation/notify.ts';
import { checkFunction, refuseMore } from '../kernel/operation/options.ts';
import { INSPECT, type Inspect, inspected } from '../kernel/operation/shown.ts';
import { type Body, type Operation, Suspension } from '../kernel/operation/suspension.ts';
import { readTaskOptions } from '../kernel/scheduler/spawn.ts';
import { type CancelRequest, holds, isOwnCancel, NOTHING_LEFT, replaceThrown } from '../kernel/scope/cancel.ts';
import { type Child, CLOSED, type Ending, Nursery, PartScope, type Scope } from '../kernel/scope/scope.ts';
import { currentTaskOrNull, taskOf } from '../kernel/task/current.ts';
import { ScopeFrame } from '../kernel/task/scope-frame.ts';
import type { Task, TaskOptions } from '../kernel/task/task.ts';

/** A scope inside a task, as the body of `group` or `supervise` gets it. */
export interface Group {
  /** Starts a task in this group, from anywhere while the group runs. */
  spawn<T>(body: Body<T>, options?: TaskOptions): Task<T>;
  /**
   * Starts a task in this group and waits until it says that it is ready.
   *
   * Cancellation: while waiting, cancels the task too.
   *
   * @param body receives `started(value)`; the value is what the operation returns
   * @throws the task's error when it fails, or an Error when it ends, before it called `started`.
   */
  start<V = void>(body: (started: (value: V) => void) => Operation<unknown>, options?: TaskOptions): Operation<V>;
  /**
   * Ends the group quietly: its body and all its tasks are cancelled, and the group returns undefined. It asks at once;
   * the operation, if yielded, waits for the end of the group, except inside of it.
   */
  cancel(reason?: unknown): Operation<boolean>;
  /** The tasks of this group that have not ended. */
  readonly tasks: readonly Task[];
}

/** What may be the body of a group. */
export type GroupBody<T> = Operation<T> | ((group: Group) => Operation<T>);

export class GroupScope extends PartScope implements Group {
  readonly runner: Task;
  readonly #what: string;
  readonly #end = new Notify();

  constructor(runner: Task, what: string) {
    super();
    this.runner = runner;
    this.#what = what;
  }

  get label(): string {
    return `${this.#what} in ${this.runner.label}`;
  }

  get tasks(): readonly Task[] {
    const tasks: Task[] = [];
    for (let at: Child | null = this.nursery?.first ?? null; at !== null; at = at.nextSibling) tasks.push(taskOf(at));
    return tasks;
  }

  /** What `console.log` and `JSON.stringify` show of it. */
  toJSON(): Record<string, unknown> {
    return { name: this.label, tasks: this.tasks.length };
  }

  /** @internal */
  [INSPECT](_depth: number, options: unknown, inspect?: Inspect): string {
    return inspected('Group', this.toJSON(), options, inspect);
  }

  spawn<T>(body: Body<T>, options?: TaskOptions, ...more: unknown[]): Task<T> {
    refuseMore('group.spawn(op, options)', more);
    checkOperation('group.spawn', body);
    const { runner } = this;
    const by = currentTaskOrNull() ?? runner;
    return runner.spawnInto(this, body, readTaskOptions('group.spawn', options), by.context);
  }

  start<V>(body: (started: (value: V) => void) => Operation<unknown>, options?: TaskOptions): Operation<V> {
    checkFunction('group.start', body);
    checkOperation('group.start', body);
    return this.#start(body, options);
  }

  /** The task is made when the operation runs, and not before. */
  *#start<V>(body: (started: (value: V) => void) => Operation<unknown>, options?: TaskOptions): Operation<V> {
    return yield* new Started<V>(this, body, options);
  }

  cancel(reason?: unknown): Operation<boolean> {
    const by = currentTaskOrNull();
    const request: CancelRequest = { reason, requestedBy: by === null ? 'the host' : by.label, from: null };
    const changed = this.phase !== CLOSED && this.runner.requestCancel(this, request);
    return this.#end.until(`the end of ${this.label}`, () => this.phase === CLOSED || this.#isInside(), {
      value: changed,
      // The cancel was requested already.
      mustStart: false,
    });
  }

  override closed(): void {
    this.#end.check();
  }

  /** Whether the running task belongs to this group: it would wait for itself. */
  #isInside(): boolean {
    let task = currentTaskOrNull();
    if (task === this.runner) return true;
    for (; task !== null; task = task.owner === null ? null : taskOf(task.owner.runner)) {
      if (task.owner === this) return true;
    }
    return false;
  }

  /** A body that caught the cancel of its group and went on to a normal end is reported. */
  protected reportSwallowed(end: Ending): void {
    if (!end.failed && this.thrown !== null) this.runner.reportSwallowed(this);
  }

  override conclude(end: Ending): void {
    this.nursery ??= new Nursery();
    this.reportSwallowed(end);
    const rest = withoutOwnCancel(end, this.thrown);
    const outerCancel = end.failed && isOwnCancel(rest, this.outer);
    if (end.failed && rest !== NOTHING_LEFT && !outerCancel) this.nursery.addFailure(rest, 'body', end.at);
    if (this.nursery.failures.length > 0) {
      const error = this.nursery.toError();
      end.outcome = outerCancel ? suppressedError(error, rest) : error;
      end.failed = true;
    } else if (this.request !== null && !outerCancel) {
      end.outcome = undefined;
      end.failed = false;
    }
  }
}

/** What is left of a failure when the scope's own cancel is taken out of it. */
export function withoutOwnCancel(end: Ending, thrown: Scope['thrown']): unknown {
  if (!end.failed || thrown === null || !holds(end.outcome, thrown)) return end.outcome;
  return replaceThrown(end.outcome, thrown);
}

/** The wait of `group.start()`. */
class Started<V> extends Suspension<V> {
  readonly label: string;
  #value: { value: V } | null = null;
  #error: { error: unknown } | null = null;
  readonly #task: Task;

  constructor(scope: GroupScope, body: (started: (value: V) => void) => Operation<unknown>, options?: TaskOptions) {
    super();
    const task = scope.spawn(() => body((value) => this.#started(value)), { name: body.name || undefined, ...options });
    this.#task = task;
    this.label = `the start of ${task.label}`;
    task.whenSettled(() => this.#ended());
  }

  #started(value: V): void {
    if (this.#value !== null)
      throw new Error(`${this.#task.label} called started() a second time. A task starts once.`);
    this.#value = { value };
    this.wake(value);
  }

  #ended(): void {
    if (this.#value !== null) return;
    const task = this.#task;
    const error =
      task.status === 'succeeded'
        ? new Error(
            `${task.label} ended without calling started(). Call \`started(value)\` in its body when it is ready.`,
          )
        : task.error();
    this.#error = { error };
    this.fail(error);
  }

  poll(): boolean {
    if (this.#error !== null) throw this.#error.error;
    return this.#value !== null && this.finish(this.#value.value);
  }

  arm(): void {}

  disarm(): void {
    this.#task.cancelBy({ reason: 'its start is not waited for any more', requestedBy: 'group.start()', from: null });
  }
}

/** The operation of a group's body; a function is called inside of the group, so that its own spawns belong to it. */
export function bodyOf<T>(what: string, body: GroupBody<T>, group: Group): Operation<T> {
  return typeof body === 'function' ? callBody(what, body, group) : body;
}

function* callBody<T>(
  what: string,
  body: (group: Group) => Operation<T>,
  group: Group,
): Generator<Suspension, T, unknown> {
  return yield* checkOperation(what, body(group));
}

/**
 * Runs a body in a scope of its own: the group ends when the body and every task spawned into it have ended.
 *
 * The first failure, of the body or of a task, cancels all the others; when their cleanups have ended,
 * `TaskGroupError` is thrown with every failure.
 *
 * Cancellation: cancels the body and all tasks and waits for their cleanups. `group.cancel()` inside ends it quietly.
 *
 * @param body an operation, or a function that receives the group and returns one
 * @returns the body's value; undefined when the group was ended by `group.cancel()`
 * @throws TaskGroupError, with every failure in `errors` and the first as `cause`; a cleanup of the group that fails throws
 *   its own error, as a `SuppressedError` beside the other where there is one
 * @example
 * ```ts
 * import { group, run, sleep } from '@coloop/core';
 *
 * await run(() =>
 *   group(function* (g) {
 *     const slow = g.spawn(sleep(20, 'slow'));
 *     const fast = g.spawn(sleep(10, 'fast'));
 *     console.log(yield* fast, yield* slow); //> fast slow
 *   }),
 * );
 * ```
 * Source: `asyncio.TaskGroup`, Trio's nursery.
 */
export function group<T>(body: GroupBody<T>): Operation<T>;
export function group<T>(body: GroupBody<T>, ...more: unknown[]): Operation<T> {
  checkOperation('group', body);
  refuseMore('group(body)', more);
  return new ScopeFrame('group()', (task) => {
    const scope = new GroupScope(task, 'a group');
    return { scope, body: bodyOf('group', body, scope) };
  });
}
