import type { CancelScope } from '../kernel/scope/cancel.ts';
import { Task } from '../kernel/task/task.ts';
import { DeadlineFrame } from './deadline.ts';

/** When the earliest deadline around what `task` runs passes, on its scheduler's clock; Infinity without one. */
export function deadlineOf(task: Task): number {
  let earliest = Number.POSITIVE_INFINITY;
  for (let at: CancelScope | null = task.innermost; at !== null; at = outwards(at)) {
    if (at.shielded) break;
    if (at instanceof DeadlineFrame && at.at < earliest) earliest = at.at;
  }
  return earliest;
}

/** The next scope outwards, across the tasks that own each other. */
function outwards(scope: CancelScope): CancelScope | null {
  return scope instanceof Task ? scope.owner : scope.outer;
}
