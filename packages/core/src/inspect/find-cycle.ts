/** Tasks that wait for each other in a circle: found, and drawn with their lines. */

import { everyTask } from './every-task.ts';
import { placeOf } from './place-of.ts';
import type { TaskView } from './task-view.ts';

/** Tasks that wait for each other in a circle, the first one again at the end; null where there is none. */
export function findCycle(tree: readonly TaskView[]): readonly TaskView[] | null {
  return cyclesIn(tree)[0] ?? null;
}

/** The circles of a tree, none of which has a task of another one. */
export function cyclesIn(tree: readonly TaskView[]): readonly (readonly TaskView[])[] {
  const stuck = stuckIn(tree);
  const cycles: (readonly TaskView[])[] = [];
  const seen = new Set<TaskView>();
  for (const start of stuck.values()) {
    const trail: TaskView[] = [];
    let at: TaskView | undefined = start;
    for (; at !== undefined && !seen.has(at); at = nextOf(at, stuck)) {
      seen.add(at);
      trail.push(at);
    }
    const begin = at === undefined ? -1 : trail.indexOf(at);
    if (at !== undefined && begin >= 0) cycles.push([...trail.slice(begin), at]);
  }
  return cycles;
}

/** A stuck task that it waits for; itself only where it is the one holder of what it waits for. */
function nextOf({ id, dependsOn, holders }: TaskView, stuck: ReadonlyMap<number, TaskView>): TaskView | undefined {
  const others = [...dependsOn, ...(holders ?? [])].filter((each) => stuck.has(each));
  return stuck.get(others.find((each) => each !== id) ?? others[0] ?? -1);
}

/** The tasks that cannot go on by what is known: all but those that can, and those that such a task will help. */
function stuckIn(tree: readonly TaskView[]): Map<number, TaskView> {
  const stuck = new Map([...everyTask(tree)].map((task) => [task.id, task]));
  const isStuck = (id: number): boolean => stuck.has(id);
  for (let left = -1; left !== stuck.size; ) {
    left = stuck.size;
    for (const task of [...stuck.values()].reverse()) {
      const holders = task.holders ?? [];
      if (task.dependsOn.some(isStuck) || (holders.length > 0 && holders.every(isStuck))) continue;
      stuck.delete(task.id);
    }
  }
  return stuck;
}

/** A circle as text: each task with its line, and what it waits for. */
export function formatCycle(cycle: readonly TaskView[], indent = '  '): string {
  const lines = cycle.slice(0, -1).map((task, at) => {
    const place = placeOf(task);
    const next = cycle[at + 1] as TaskView;
    const held = `task ${next.name}`;
    const of = task.waitsFor?.includes(held) === true ? '' : `, which ${held} has`;
    return `${indent}task ${task.name}${place === null ? '' : ` at ${place}`} waits for ${task.waitsFor}${of}\n`;
  });
  return lines.join('');
}
