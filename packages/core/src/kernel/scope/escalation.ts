/**
 * The clock of one cleanup: after each grace the cancel is thrown again, and after the last time the task is abandoned.
 *
 * It is made only when a task waits while it unwinds, so a cleanup without waits costs no timer.
 */

import type { TimerEntry } from '../clock/timers.ts';
import type { CancelScope } from './cancel.ts';

/** The task, as the escalation sees it. */
export interface Escalated {
  readonly scheduler: {
    readonly cleanupGrace: number;
    now(): number;
    addTimer(entry: TimerEntry, due: number): void;
    removeTimer(entry: TimerEntry): void;
  };
  /** Throws the cancel of `scope` once more; false when the task was abandoned instead. */
  escalate(scope: CancelScope): boolean;
}

export class Escalation implements TimerEntry {
  readonly scope: CancelScope;
  /** The escalation that was running before. */
  outer: Escalation | null;
  slot = -1;
  readonly #task: Escalated;
  #due: number;

  constructor(task: Escalated, scope: CancelScope, outer: Escalation | null) {
    this.#task = task;
    this.scope = scope;
    this.outer = outer;
    this.#due = this.#afterGrace();
    task.scheduler.addTimer(this, this.#due);
  }

  fire(): void {
    if (this.#task.escalate(this.scope)) this.#moveTo(this.#afterGrace());
  }

  /** Gives a whole grace from now on, where less is left. */
  renew(): void {
    this.#moveTo(Math.max(this.#due, this.#afterGrace()));
  }

  /** Leaves it `ms` at most. */
  limit(ms: number): void {
    this.#moveTo(Math.min(this.#due, this.#task.scheduler.now() + ms));
  }

  extend(ms: number): void {
    this.#moveTo(this.#due + ms);
  }

  #afterGrace(): number {
    const { scheduler } = this.#task;
    return scheduler.now() + scheduler.cleanupGrace;
  }

  #moveTo(due: number): void {
    const { scheduler } = this.#task;
    scheduler.removeTimer(this);
    this.#due = due;
    scheduler.addTimer(this, due);
  }

  /** Ends what runs for `scope` (null: everything) in a list of escalations; returns the rest of the list. */
  static stop(list: Escalation | null, scope: CancelScope | null): Escalation | null {
    if (list === null) return null;
    const outer = Escalation.stop(list.outer, scope);
    if (scope === null || list.scope === scope) {
      list.#task.scheduler.removeTimer(list);
      return outer;
    }
    list.outer = outer;
    return list;
  }
}
