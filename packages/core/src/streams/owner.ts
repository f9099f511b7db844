import { sameScheduler } from '../kernel/operation/same-scheduler.ts';
import type { Operation, SuspensionHost } from '../kernel/operation/suspension.ts';
import { addRelease } from '../kernel/scope/releases.ts';
import { type Release, Scope, STOPPING } from '../kernel/scope/scope.ts';
import { currentTaskOrNull, runningTask, taskOf } from '../kernel/task/current.ts';
import { Task } from '../kernel/task/task.ts';

/**
 * To which scope the tasks and cleanups of a stream belong: the one in which the stream was made, while that is open,
 * else the nearest open one around it. A stream that was made outside of tasks belongs to the run that reads it first.
 */
export class StreamOwner {
  readonly #made: Scope | null;
  #scheduler: SuspensionHost | null;

  constructor() {
    const task = currentTaskOrNull();
    this.#made = task?.innermostOwner ?? null;
    this.#scheduler = task?.scheduler ?? null;
  }

  /** The scope for what starts now. */
  #scope(task: Task): Scope {
    this.#scheduler = sameScheduler(this.#scheduler, 'This stream');
    for (let at = this.#made; at !== null; at = outwards(at)) if (at.phase < STOPPING) return at;
    let root = task;
    while (root.owner !== null) root = taskOf(root.owner.runner);
    return root;
  }

  /** Starts a daemon there. */
  spawn<T>(body: Operation<T>, name: string): Task<T> {
    const task = runningTask('a stream');
    return task.spawnInto(this.#scope(task), body, { name, daemon: true });
  }

  /** Registers a cleanup there. */
  addRelease(run: () => Operation<void> | void): Release {
    return addRelease(this.#scope(runningTask('a stream')), run);
  }
}

function outwards(scope: Scope): Scope | null {
  if (scope instanceof Task) return scope.owner;
  for (let at = scope.outer; at !== null; at = at.outer) if (at instanceof Scope) return at;
  return null;
}
