/** A task with its type: the rooms below see it by interfaces of their own, and `Task` is the only class behind those. */
import { runningFor, runningOrNull, type Sink } from '../operation/suspension.ts';
import type { Child, ScopeRunner } from '../scope/scope.ts';
import type { Task } from './task.ts';

/** The task behind `part`: the waiter of a wait, the sink of one outside of `select`, a child, a scope's runner. */
export function taskOf(part: Sink | Child | ScopeRunner | null): Task {
  return part as Task;
}

/** The running task, or null outside of every task. */
export function currentTaskOrNull(): Task | null {
  return runningOrNull() as Task | null;
}

/** The running task; throws `NotInTaskError`, naming `what` was called, outside of every task. */
export function runningTask(what: string): Task {
  return taskOf(runningFor(what));
}
