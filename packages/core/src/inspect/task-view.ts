/** What is seen of one task: the same in a tree, and in what is sent to another process. */
import { ARMED, runningOrNull, type Suspension } from '../kernel/operation/suspension.ts';
import type { Scheduler } from '../kernel/scheduler/scheduler.ts';
import { ChildrenWait, Scope } from '../kernel/scope/scope.ts';
import { taskOf } from '../kernel/task/current.ts';
import { Task, type TaskStatus } from '../kernel/task/task.ts';
import { deadlineOf } from '../time/deadline-of.ts';
import { figuresOf, type TaskFigures } from './figures.ts';
import { type FrameView, framesHere, framesOf } from './frames.ts';

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
   * where they are unknown.
   */
  readonly frames: readonly FrameView[] | null;
  /** True where it waits on lines that cannot be known: an iterator that was written by hand stands in the way. */
  readonly framesUnknown: boolean;
  /** In how many ms the earliest deadline around what it runs passes; null without one. */
  readonly deadline: number | null;
  /** The ids of the tasks without which its wait cannot end, where that is known: joined ones, children, holders of a lock. */
  readonly dependsOn: readonly number[];
  /**
   * The ids of the tasks of which each one could end its wait: who holds the lock or the permits, who is joined. Null where
   * there may be others, or something else than a task ends it, as with a queue or a timer.
   */
  readonly holders: readonly number[] | null;
  /** What was measured of it; null where nobody measures, as `coloop top` does. */
  readonly figures: TaskFigures | null;
  /** Where it was made, as `file:line:column`; null without debug. */
  readonly place: string | null;
  /** Where the operation that it waits for was made; null without debug, and when it does not wait. */
  readonly line: string | null;
  /** The living tasks that it owns, by its own scope and by groups in it. */
  readonly children: readonly TaskView[];
}

/** A task without those below it. */
export type TaskFacts = Omit<TaskView, 'children'>;

/** What is seen of a task; `children` are those that it has. */
export function factsOf(task: Task, children: readonly Task[]): TaskFacts {
  const scheduler = task.scheduler as Scheduler;
  const { log } = scheduler;
  const wait = task.wait?.state === ARMED && (runningOrNull() as unknown) !== task ? task.wait : null;
  const deadline = deadlineOf(task);
  const frames = wait === null ? null : framesOf(task);
  return {
    id: task.id,
    name: task.name,
    status: task.status,
    daemon: task.daemon,
    waitsFor: wait === null ? null : wait.label,
    waitedFor: wait === null && task.status === 'ready' ? (task.wait?.label ?? null) : null,
    frames,
    framesUnknown: wait !== null && frames === null,
    deadline: deadline === Number.POSITIVE_INFINITY ? null : deadline - scheduler.now(),
    ...othersOf(wait, children),
    figures: figuresOf(task),
    place: log?.placeOf(task) ?? null,
    line: wait === null ? null : (log?.placeOf(wait) ?? null),
  };
}

/** The same of a task that was interrupted in the middle of its step: its lines are those that run. */
export function factsOfInterrupted(task: Task, children: readonly Task[]): TaskFacts {
  const facts = factsOf(task, children);
  return (runningOrNull() as unknown) === task ? { ...facts, status: 'running', frames: framesHere() } : facts;
}

/** Whom a wait depends on. One that names several tasks needs any one of them. */
function othersOf(wait: Suspension | null, children: readonly Task[]): Pick<TaskView, 'dependsOn' | 'holders'> {
  if (wait instanceof ChildrenWait) return { dependsOn: children.map(({ id }) => id), holders: null };
  const waitsFor = wait?.waitsFor;
  const all: unknown[] = Array.isArray(waitsFor) ? waitsFor : [waitsFor];
  const ids = all.flatMap((each) => (each instanceof Task && !each.done ? each.id : []));
  if (ids.length === 0 || ids.length < all.length) return { dependsOn: [], holders: null };
  return { dependsOn: ids.length === 1 ? ids : [], holders: ids };
}

/**
 * The living children of a task: of its own scope first, then of the groups in it, outermost first. The bodies of the
 * resources and sources that a scope owns follow its children, among which they are not.
 */
export function childrenOf(task: Task): Task[] {
  const scopes: Scope[] = [];
  for (let at: typeof task.innermost | null = task.innermost; at !== null; at = at.outer) {
    if (at instanceof Scope) scopes.unshift(at);
  }
  return scopes.flatMap(({ nursery }) => nursery?.tasks() ?? []).map(taskOf);
}
