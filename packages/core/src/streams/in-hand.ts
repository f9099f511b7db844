import type { Operation } from '../kernel/operation/suspension.ts';
import { type Attempt, attempt } from '../kernel/task/attempt.ts';
import type { SourceOwner } from '../kernel/task/source-owner.ts';
import type { Task } from '../kernel/task/task.ts';

/**
 * The work on one item that takes time, in a task of its own: a reader that is cancelled meanwhile loses nothing, the
 * next one gets the result.
 */
export class InHand<T, R> {
  readonly item: T;
  readonly #task: Task<Attempt<R>>;

  constructor(owner: SourceOwner, label: string, item: T, work: Operation<R>) {
    this.item = item;
    this.#task = owner.spawn(attempt(work), label);
  }

  /** Waits for the work. */
  outcome(): Operation<Attempt<R>> {
    return this.#task;
  }

  /** Ends the work. */
  cancel(): Operation<boolean> {
    return this.#task.cancel('its stream was closed');
  }
}
