/** A look at all tasks of this copy of the library, for another process: part by part, as plain data. */
import { hostNow } from '../kernel/clock/host.ts';
import { type Scheduler, schedulersInUse } from '../kernel/scheduler/scheduler.ts';
import { factsOfInterrupted, type TaskFacts } from './task-view.ts';
import { TreeWalk } from './tree-walk.ts';

/** A task on its way to another process: an owner comes before those below it. */
export interface TaskRecord extends TaskFacts {
  /** Which scheduler runs it, counted from 0. */
  readonly scheduler: number;
  /** The id of its owner; null where it has none. */
  readonly owner: number | null;
}

/** One look; each call of `next` goes on where the last one has stopped. */
export class Inspection {
  readonly #walks: TreeWalk<number>[];
  #found: TaskRecord[] = [];

  constructor(schedulers: readonly Scheduler[] = schedulersInUse()) {
    this.#walks = schedulers.map(
      ({ roots }, scheduler) =>
        new TreeWalk(roots, (task, children, owner) => {
          this.#found.push({ ...factsOfInterrupted(task, children), scheduler, owner });
          return task.id;
        }),
    );
  }

  /**
   * Looks for about `limit` milliseconds.
   *
   * @returns the tasks that were looked at; null when there is none left
   */
  next(limit: number): readonly TaskRecord[] | null {
    const end = hostNow() + limit;
    for (let walk = this.#walks[0]; walk !== undefined; walk = this.#walks[0]) {
      if (!walk.step()) this.#walks.shift();
      else if (hostNow() >= end) break;
    }
    const found = this.#found;
    this.#found = [];
    return found.length === 0 && this.#walks.length === 0 ? null : found;
  }
}
