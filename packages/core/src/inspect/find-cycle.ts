import type { TaskView } from './task-view.ts';

/** Tasks that wait for each other in a circle, the first one again at the end; null where there is none. */
export function findCycle(tree: readonly TaskView[]): readonly TaskView[] | null {
  const tasks = new Map<number, TaskView>();
  const collect = (list: readonly TaskView[]): void => {
    for (const task of list) {
      tasks.set(task.id, task);
      collect(task.children);
    }
  };
  collect(tree);
  const done = new Set<number>();
  const trail: TaskView[] = [];
  const walk = (task: TaskView): readonly TaskView[] | null => {
    const at = trail.indexOf(task);
    if (at >= 0) return [...trail.slice(at), task];
    if (done.has(task.id)) return null;
    trail.push(task);
    for (const id of task.dependsOn) {
      const next = tasks.get(id);
      const cycle = next === undefined ? null : walk(next);
      if (cycle !== null) return cycle;
    }
    trail.pop();
    done.add(task.id);
    return null;
  };
  for (const task of tasks.values()) {
    const cycle = walk(task);
    if (cycle !== null) return cycle;
  }
  return null;
}
