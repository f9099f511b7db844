import type { TaskRecord } from './inspection.ts';
import type { TaskView } from './task-view.ts';

/** The trees of the schedulers, in their order, from what an `Inspection` has found. */
export function treesOf(records: readonly TaskRecord[]): readonly (readonly TaskView[])[] {
  const trees: TaskView[][] = [];
  const below = new Map<string, TaskView[]>();
  for (const { scheduler, owner, ...facts } of records) {
    const children: TaskView[] = [];
    below.set(`${scheduler} ${facts.id}`, children);
    trees[scheduler] ??= [];
    const siblings = owner === null ? trees[scheduler] : below.get(`${scheduler} ${owner}`);
    siblings?.push({ ...facts, children });
  }
  return trees.filter((tree) => tree !== undefined);
}
