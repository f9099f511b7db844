import type { TaskView } from './task-view.ts';

/** All tasks of a tree, an owner before its children. */
export function* everyTask(tree: readonly TaskView[]): Generator<TaskView> {
  const ahead = [...tree].reverse();
  for (let task = ahead.pop(); task !== undefined; task = ahead.pop()) {
    yield task;
    for (let at = task.children.length - 1; at >= 0; at--) ahead.push(task.children[at] as TaskView);
  }
}
