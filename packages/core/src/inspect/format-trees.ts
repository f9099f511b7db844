import { cyclesIn, formatCycle } from './find-cycle.ts';
import { formatTree } from './format-tree.ts';
import type { TaskView } from './task-view.ts';

/** The trees of a whole program as text, each with the tasks in it that wait for each other. */
export function formatTrees(trees: readonly (readonly TaskView[])[]): string {
  const text = trees.map((tree) => formatTree(tree) + circlesOf(tree)).join('\n');
  return text === '' ? 'No task is alive.\n' : text;
}

function circlesOf(tree: readonly TaskView[]): string {
  return cyclesIn(tree)
    .map((cycle) => `They wait for each other, and none of them can go on:\n${formatCycle(cycle)}`)
    .join('');
}
