/**
 * To whom the tasks and the cleanups of a source belong, and when they end.
 *
 * A source belongs to the scope in which it was made, while that has not ended, else to the nearest one around it. One that
 * was made outside of tasks belongs to the run that reads it first, and not to the task that happens to take the first step.
 *
 * Its tasks are not children of that scope: children are cancelled first when a scope fails, and who reads the source in a
 * cleanup would lose it. They are released with the scope, all at once, before what was there when the last of them began.
 */
import { sameScheduler } from '../operation/same-scheduler.ts';
import type { Operation, SuspensionHost } from '../operation/suspension.ts';
import { addRelease, keepRelease, removeRelease } from '../scope/releases.ts';
import {
  type Child,
  ChildrenWait,
  CLOSED,
  PartScope,
  type Release,
  Scope,
  type ScopeRunner,
  STOPPING,
} from '../scope/scope.ts';
import { currentTaskOrNull, runningTask, taskOf } from './current.ts';
import type { Task } from './task.ts';

/** The tasks of all sources of one scope. */
class SourceTasks extends PartScope implements Release {
  at = -1;
  owner: Scope;

  constructor(owner: Scope) {
    super();
    this.owner = owner;
  }

  /** Those of `owner`, as its last release. */
  static of(owner: Scope): SourceTasks {
    const nursery = owner.open('A source was to be started', CLOSED);
    const tasks = (nursery.sources as SourceTasks | null) ?? new SourceTasks(owner);
    nursery.sources = tasks;
    removeRelease(tasks);
    keepRelease(tasks);
    return tasks;
  }

  get runner(): ScopeRunner {
    return this.owner.runner;
  }

  get label(): string {
    return this.owner.label;
  }

  override get watched(): boolean {
    return false;
  }

  override childFailed(child: Child): void {
    if (this.owner.phase < STOPPING) this.owner.childFailed(child);
    else this.runner.reportUnhandled(child.outcome, child.name);
  }

  protected override childEnded(): void {
    if (this.nursery?.first !== null) return;
    removeRelease(this);
    this.#forget();
  }

  *run(): Operation<void> {
    const { owner } = this;
    this.#forget();
    this.phase = STOPPING;
    this.cancelChildren(owner.request ?? { reason: 'the scope has ended', requestedBy: owner.label, from: null });
    yield* new ChildrenWait(this, true);
    this.runner.renewGrace();
  }

  #forget(): void {
    const { nursery } = this.owner;
    if (nursery?.sources === this) nursery.sources = null;
  }
}

export class SourceOwner {
  /** The task in which the source was made. */
  readonly maker: Task | null;
  /** The scope in which it was made. */
  readonly made: Scope | null;
  readonly #what: string;
  #scheduler: SuspensionHost | null;

  /** @param what - how the error for a use on a second scheduler calls the source */
  constructor(what: string) {
    const task = currentTaskOrNull();
    this.maker = task;
    this.#what = what;
    this.made = task?.innermostOwner ?? null;
    this.#scheduler = task?.scheduler ?? null;
  }

  /** The scope for what starts now. */
  scopeFor(reader: Task): Scope {
    this.#scheduler = sameScheduler(this.#scheduler, this.#what);
    for (let at = this.made; at !== null; at = outwards(at)) if (at.phase < CLOSED) return at;
    let root = reader;
    while (root.owner !== null) root = taskOf(root.owner.runner);
    return root;
  }

  /** Starts a task there, with the context of the task `by`. */
  spawn<T>(
    body: Operation<T> | (() => Operation<T>),
    name: string | undefined,
    by: Task = runningTask(this.#what),
  ): Task<T> {
    return by.spawnInto(SourceTasks.of(this.scopeFor(by)), body, { name, daemon: true });
  }

  /** Registers a cleanup there. */
  addRelease(run: () => Operation<void> | void): Release {
    return addRelease(this.scopeFor(runningTask(this.#what)), run);
  }
}

function outwards(scope: Scope): Scope | null {
  if ('owner' in scope) return scope.owner as Scope | null;
  let at = scope.outer;
  while (at !== null && !(at instanceof Scope)) at = at.outer;
  return at;
}
