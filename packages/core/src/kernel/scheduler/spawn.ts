import { checkOperation } from '../operation/check-operation.ts';
import { readOptions, refuseMore } from '../operation/options.ts';
import type { Body } from '../operation/suspension.ts';
import { runningTask } from '../task/current.ts';
import type { Task, TaskOptions } from '../task/task.ts';

const TASK_OPTIONS = { name: 'string', daemon: 'boolean' } as const;

/** The options of a spawn, checked. */
export function readTaskOptions(what: string, options: TaskOptions | undefined): TaskOptions | undefined {
  return options === undefined ? undefined : readOptions(what, options, TASK_OPTIONS);
}

/**
 * The task that runs this line.
 *
 * @throws NotInTaskError outside of every task.
 * @example
 * ```ts
 * import { currentTask, run } from '@coloop/core';
 *
 * await run(function* main() {
 *   console.log(currentTask().name); //> main
 * });
 * ```
 */
export function currentTask(): Task {
  return runningTask('currentTask()');
}

/**
 * Starts an operation as a task of the innermost enclosing group or task, through any depth of calls. It is queued, and
 * begins when the running task waits next. Its scope does not end before it, and fails with it.
 *
 * Cancellation: the task is cancelled with its scope, or with `task.cancel()`.
 *
 * @param body an operation, or a function that returns one
 * @param options `name` for reports; `daemon: true` for a task that does not keep its scope open
 * @throws NotInTaskError outside of every task; GroupClosedError when the scope is ending; TypeError if `body` is not an operation.
 * @example
 * ```ts
 * import { run, sleep, spawn } from '@coloop/core';
 *
 * await run(function* () {
 *   const task = spawn(sleep(10, 'rested'));
 *   console.log(yield* task); //> rested
 * });
 * ```
 * Source: `asyncio.create_task`, within Trio's nursery.
 */
export function spawn<T>(body: Body<T>, options?: TaskOptions): Task<T>;
export function spawn<T>(body: Body<T>, options?: TaskOptions, ...more: unknown[]): Task<T> {
  refuseMore('spawn(op, options)', more);
  const task = runningTask('spawn()');
  checkOperation('spawn', body);
  return task.spawnInto(task.innermostOwner, body, readTaskOptions('spawn', options));
}
