/** `taskTree`: a picture of the living tasks of a scheduler, and what each of them waits for. */
import { ARMED } from '../kernel/operation/suspension.ts';
import { defaultScheduler } from '../kernel/scheduler/run.ts';
import type { Scheduler } from '../kernel/scheduler/scheduler.ts';
import { ChildrenWait, Scope } from '../kernel/scope/scope.ts';
import { taskOf } from '../kernel/task/current.ts';
import { Task, type TaskStatus } from '../kernel/task/task.ts';
import { deadlineOf } from '../time/deadline-of.ts';
import { type FrameView, framesOf } from './frames.ts';

/** One task as it was when it was looked at. */
export interface TaskView {
  readonly id: number;
  readonly name: string;
  readonly status: TaskStatus;
  readonly daemon: boolean;
  /** What it waits for, as in `sleep(10)`; null when it does not wait. */
  readonly waitsFor: string | null;
  /** What a ready task has waited for, before it goes on; null when it waits, runs, or has not started. */
  readonly waitedFor: string | null;
  /**
   * The lines on which it is suspended, innermost first, found out when they are asked for; null when it does not wait, and
   * where an iterator that was written by hand stands in its way.
   */
  readonly frames: readonly FrameView[] | null;
  /** In how many ms the earliest deadline around what it runs passes; null without one. */
  readonly deadline: number | null;
  /** The ids of the tasks without which its wait cannot end, where that is known: joined ones, children, holders of a lock. */
  readonly dependsOn: readonly number[];
  /** Where it was made, as `file:line:column`; null without debug. */
  readonly place: string | null;
  /** Where the operation that it waits for was made; null without debug, and when it does not wait. */
  readonly line: string | null;
  /** The living tasks that it owns, by its own scope and by groups in it. */
  readonly children: readonly TaskView[];
}

/**
 * The living tasks of a scheduler, as a tree: a task stands below its owner.
 *
 * What waits is asked for its lines, which changes nothing in it and takes some 0.1 ms for a task of six lines (on Node 20, and
 * through source maps, some times as much), all in one step. Only the engine's own generators are asked. An iterator that was written by hand, inside of a chain of them, is not seen beforehand: its `next`
 * is called once, and its task is not asked again.
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
 * Source: Trio's `Task.child_nurseries`, `asyncio.all_tasks`.
 */
export function taskTree(scheduler: Scheduler = defaultScheduler()): readonly TaskView[] {
  return [...scheduler.roots].map((root) => viewOf(root, scheduler));
}

function viewOf(task: Task, scheduler: Scheduler): TaskView {
  const { log } = scheduler;
  const wait = task.wait?.state === ARMED ? task.wait : null;
  const children = childrenOf(task);
  const deadline = deadlineOf(task);
  return {
    id: task.id,
    name: task.name,
    status: task.status,
    daemon: task.daemon,
    waitsFor: wait === null ? null : wait.label,
    waitedFor: wait === null && task.status === 'ready' ? (task.wait?.label ?? null) : null,
    frames: framesOf(task),
    deadline: deadline === Number.POSITIVE_INFINITY ? null : deadline - scheduler.now(),
    dependsOn: wait instanceof ChildrenWait ? children.map(({ id }) => id) : idsOf(wait?.waitsFor),
    place: log?.placeOf(task) ?? null,
    line: wait === null ? null : (log?.placeOf(wait) ?? null),
    children: children.map((child) => viewOf(child, scheduler)),
  };
}

function idsOf(waitsFor: unknown): number[] {
  const all: unknown[] = Array.isArray(waitsFor) ? waitsFor : [waitsFor];
  return all.filter((each) => each instanceof Task).map(({ id }) => id);
}

/**
 * The living children of a task: of its own scope first, then of the groups in it, outermost first. The bodies of the
 * resources and sources that a scope owns follow its children, among which they are not.
 */
function childrenOf(task: Task): Task[] {
  const scopes: Scope[] = [];
  for (let at: typeof task.innermost | null = task.innermost; at !== null; at = at.outer) {
    if (at instanceof Scope) scopes.unshift(at);
  }
  return scopes.flatMap(({ nursery }) => nursery?.tasks() ?? []).map(taskOf);
}
