import type { TaskView } from '@coloop/core/inspect';

/** A task as it comes over the wire: an owner comes before those below it. */
export interface TaskRecord extends Omit<TaskView, 'children'> {
  /** Which scheduler runs it, counted from 0. */
  readonly scheduler: number;
  readonly owner: number | null;
}

/** The trees of the schedulers, in their order. */
export function treesOf(records: readonly TaskRecord[]): TaskView[][] {
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
