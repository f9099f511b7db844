/**
 * What a word of ours has given to a task, where it can be given back: a grant, a permit, a subscription, a response.
 *
 * | its task    | the task ends                                                                                |
 * | ----------- | -------------------------------------------------------------------------------------------- |
 * | is a branch | lost or failed: it is given back; a winner: it passes to the caller, who may be a branch too |
 * | is not      | nothing happens: most tasks keep no list of what they have                                   |
 */
import { type Operation, runningOrNull, type Waiter } from '../operation/suspension.ts';
import { acquisition, type GivesBack } from './lost.ts';
import { keepRelease, removeRelease } from './releases.ts';
import type { Release, Scope, ScopeRunner } from './scope.ts';

/**
 * One acquired thing. Whoever writes a word that acquires makes one, says `heldBy` when a task gets the thing and `over`
 * when it was given back, and lets the property `[acquisition]` of the thing lead here.
 */
export abstract class Acquisition implements GivesBack, Release {
  /** The task that has it; null for the host. */
  declare holder: Scope | null;
  /** @internal The branch that keeps it in its list. */
  declare owner: Scope;
  /** @internal */
  declare at: number;

  constructor() {
    this.holder = null;
    // Named here, so that all have one shape; it is read only while this stands in a list.
    this.owner = null as unknown as Scope;
    this.at = -1;
  }

  /** `task` has it from now on, by default the one that runs. */
  heldBy(task: Scope | null = runningOrNull() as (Waiter & Scope) | null): void {
    if (this.at >= 0) this.over();
    this.holder = task;
    if (task === null || !task.keepsReleases) return;
    this.owner = task;
    keepRelease(this);
  }

  /** There is nothing to give back any more. */
  over(): void {
    if (this.at >= 0) removeRelease(this);
    this.at = -1;
  }

  /** Gives it back; nothing happens when that was done before. */
  abstract run(): Operation<void> | void;

  /** @internal A combinator passes it to its caller. */
  passTo(task: ScopeRunner): void {
    this.heldBy(task as ScopeRunner & Scope);
  }

  /** What is acquired is its own acquisition, where nothing stands for it. */
  get [acquisition](): this {
    return this;
  }
}
