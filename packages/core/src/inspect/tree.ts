import { defaultScheduler } from '../kernel/run.ts';
import type { Scheduler } from '../kernel/scheduler.ts';
import { type Child, Scope } from '../kernel/scope.ts';
import { ARMED } from '../kernel/suspension.ts';
import type { Task, TaskStatus } from '../kernel/task.ts';

/** One task as it was when it was looked at. */
export interface TaskView {
  readonly id: number;
  readonly name: string;
  readonly status: TaskStatus;
  readonly daemon: boolean;
  /** What it waits for, as in `sleep(10)`; null when it does not wait. */
  readonly waitsFor: string | null;
  /** The living tasks that it owns, by its own scope and by groups in it. */
  readonly children: readonly TaskView[];
}

/**
 * The living tasks of a scheduler, as a tree of who owns whom.
 *
 * @param scheduler by default the one of the running task, else the one that all runs share
 * @example
 * ```ts
 * import { run, sleep, spawn, tick } from '@coloop/core';
 * import { taskTree } from '@coloop/core/inspect';
 *
 * await run(function* main() {
 *   spawn(sleep(10), { name: 'nap' });
 *   yield* tick();
 *   console.log(taskTree()[0]?.children[0]?.waitsFor); //> sleep(10)
 * });
 * ```
 */
export function taskTree(scheduler: Scheduler = defaultScheduler()): readonly TaskView[] {
  return [...scheduler.roots].map(viewOf);
}

function viewOf(task: Task): TaskView {
  return {
    id: task.id,
    name: task.name,
    status: task.status,
    daemon: task.daemon,
    waitsFor: waitOf(task),
    children: childrenOf(task).map(viewOf),
  };
}

function waitOf(task: Task): string | null {
  const { wait } = task;
  return wait !== null && wait.state === ARMED ? wait.label : null;
}

/** The living children of a task, oldest scope first. */
function childrenOf(task: Task): Task[] {
  const scopes: Scope[] = [];
  for (let at = task.innermost; ; at = at.outer as typeof at) {
    if (at instanceof Scope) scopes.unshift(at);
    if (at.outer === null) break;
  }
  const children: Task[] = [];
  for (const { nursery } of scopes) {
    for (let at: Child | null = nursery?.first ?? null; at !== null; at = at.nextSibling) children.push(at as Task);
  }
  return children;
}
