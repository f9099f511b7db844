import type { TaskView } from './tree.ts';

/** A tree of tasks as text: one line for each, children further in. */
export function formatTree(tree: readonly TaskView[], indent = ''): string {
  return tree.map((task) => `${indent}${lineOf(task)}\n${formatTree(task.children, `${indent}  `)}`).join('');
}

function lineOf(task: TaskView): string {
  const waits = task.waitsFor === null ? '' : ` for ${task.waitsFor}`;
  return `task ${task.name}: ${task.status}${waits}`;
}
