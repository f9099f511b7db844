import type { TaskView } from './tree.ts';

/**
 * A tree of tasks as text: one line for each task, its children further in.
 *
 * @example
 * ```ts
 * import { run } from '@coloop/core';
 * import { formatTree, taskTree } from '@coloop/core/inspect';
 *
 * await run(function* main() {
 *   console.log(formatTree(taskTree()).trim()); //> task main: running
 * });
 * ```
 */
export function formatTree(tree: readonly TaskView[], indent = ''): string {
  return tree.map((task) => `${indent}${lineOf(task)}\n${formatTree(task.children, `${indent}  `)}`).join('');
}

function lineOf(task: TaskView): string {
  const made = task.place === null ? '' : ` (made at ${task.place})`;
  const waits = task.waitsFor === null ? '' : ` for ${task.waitsFor}`;
  const line = task.line === null ? '' : `, at ${task.line}`;
  return `task ${task.name}${task.daemon ? ', a daemon' : ''}${made}: ${task.status}${waits}${line}`;
}
