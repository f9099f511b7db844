import type { CancelScope } from '../kernel/scope/cancel.ts';
import { Scope } from '../kernel/scope/scope.ts';
import { taskOf } from '../kernel/task/current.ts';
import type { Task } from '../kernel/task/task.ts';

/** A cleanup that is on its way already gets no more time than one that begins now. */
export function limitGrace(root: Task, ms: number): void {
  const tasks = [root];
  for (let task = tasks.pop(); task !== undefined; task = tasks.pop()) {
    task.limitGrace(ms);
    for (let at: CancelScope | null = task.innermost; at !== null; at = at.outer) {
      if (!(at instanceof Scope)) continue;
      tasks.push(...(at.nursery?.tasks() ?? []).map(taskOf));
    }
  }
}
