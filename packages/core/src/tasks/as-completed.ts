/** `asCompleted`: branches as a source of their values, in the order in which they end. */

import { suppressedError } from '../errors.ts';
import { Notify } from '../kernel/operation/notify.ts';
import { refuseMore } from '../kernel/operation/options.ts';
import { Shown } from '../kernel/operation/shown.ts';
import type { Source } from '../kernel/operation/source.ts';
import { type Operation, Suspension } from '../kernel/operation/suspension.ts';
import { addRelease, passReleases, removeRelease } from '../kernel/scope/releases.ts';
import {
  branchNames,
  type Ending,
  PartScope,
  type Release,
  type Scope,
  type ScopeRunner,
  STOPPING,
} from '../kernel/scope/scope.ts';
import { runningTask, taskOf } from '../kernel/task/current.ts';
import { SourceOwner } from '../kernel/task/source-owner.ts';
import type { Task } from '../kernel/task/task.ts';
import { type Branches, type BranchList, branchName, loseBranch, type Result, readBranches } from './branches.ts';

const WHAT = 'asCompleted()';

/**
 * The branches are daemons of the caller's owner, so nothing outlives it. Their failures belong to `next`, and what a
 * branch acquired stays with its task until `next` hands its value over, or `close` or the end of the owner releases it.
 */
class Completions<T> extends Shown implements Source<T> {
  readonly #operations: readonly Operation<unknown>[];
  readonly #keys: readonly string[] | null;
  readonly #place = new SourceOwner(WHAT);
  /** The scope that the branches belong to, once they have started. */
  #owner: Scope | null = null;
  /** The entry in the owner's cleanups, while there may be something to release. */
  #entry: Release | null = null;
  #started = false;
  #closed = false;
  /** Branches that run. */
  readonly #running = new Set<Task>();
  /** Branches that have ended and were not taken, oldest first. */
  readonly #ended: Task[] = [];
  /** The `next` that waits. */
  #reader: NextCompleted<T> | null = null;
  /** The end of the branches, which `close` waits for. */
  readonly #quiet = new Notify();

  constructor({ operations, keys }: BranchList) {
    super();
    this.#operations = operations;
    this.#keys = keys;
  }

  protected override shownAs(): string {
    return 'Completions';
  }

  override toJSON(): Record<string, unknown> {
    return { running: this.#running.size, ended: this.#ended.length, closed: this.#closed };
  }

  next(): Operation<IteratorResult<T, void>> {
    return new NextCompleted<T>(this);
  }

  *close(): Operation<void> {
    this.#closed = true;
    const request = { reason: 'the source was closed', requestedBy: WHAT, from: null };
    for (const task of this.#running) task.cancelBy(request);
    this.#reader?.changed();
    yield* this.#quiet.until(`${WHAT}.close()`, () => this.#running.size === 0, { value: undefined });
    yield* this.#releaseRest();
  }

  /** @internal The `next` that waits from now on, or none. */
  read(reader: NextCompleted<T> | null): void {
    this.#reader = reader;
  }

  /** @internal The branch whose turn it is; null at the end, undefined where none has ended yet. */
  take(): Task | null | undefined {
    if (this.#closed) return null;
    const task = this.#ended.shift();
    if (task !== undefined) passReleases(this.#owner as Scope, task);
    if (this.#running.size === 0 && this.#ended.length === 0) this.#forget();
    if (task !== undefined) return task;
    return this.#running.size === 0 ? null : undefined;
  }

  /** @internal Starts the branches, once; refuses a `next` beside another one. */
  begin(): void {
    const running = runningTask(WHAT);
    const owner = this.#place.scopeFor(running);
    if (this.#reader !== null) {
      throw new Error(
        `next() of ${WHAT} was called while another next() of it waits. Let one task read it, or share by a queue.`,
      );
    }
    if (this.#started || this.#closed) return;
    this.#owner = owner;
    for (const [index, operation] of this.#operations.entries()) {
      const task = this.#start(operation, owner, running).makeBranch();
      branchNames.set(task, branchName('asCompleted', this.#keys, index));
      this.#running.add(task);
      task.whenSettled(() => this.#settled(task));
    }
    this.#started = true;
    if (this.#running.size > 0) this.#entry = addRelease(owner, () => this.#ownerEnds());
  }

  /** A cleanup cannot have children: what starts there ends with it as a source does. */
  #start(operation: Operation<unknown>, owner: Scope, running: Task): Task {
    if (owner.phase >= STOPPING) return this.#place.spawn(operation, undefined, running);
    return taskOf(owner.runner).spawnInto(owner, operation, { daemon: true }, running.context);
  }

  #settled(task: Task): void {
    this.#running.delete(task);
    // What fails while its owner ends is a matter of the owner, as of every daemon.
    const late = (task.owner as Scope).phase >= STOPPING;
    if (!late) task.answered = true;
    if (!late || !task.failed) this.#ended.push(task);
    this.#reader?.changed();
    this.#quiet.check();
  }

  #ownerEnds(): Operation<void> {
    this.#closed = true;
    return this.#running.size > 0 ? this.close() : this.#releaseRest();
  }

  #forget(): void {
    const entry = this.#entry;
    this.#entry = null;
    removeRelease(entry);
  }

  /** Releases what was never taken, last first; throws the failures that nobody has got. */
  *#releaseRest(): Generator<Suspension, void, unknown> {
    this.#forget();
    const leftovers = new Leftovers(runningTask(WHAT));
    const end: Ending = { failed: false, outcome: undefined, at: 0 };
    for (const task of this.#ended.splice(0)) {
      loseBranch(leftovers, task);
      if (!task.failed) continue;
      end.outcome = end.failed ? suppressedError(task.error(), end.outcome) : task.error();
      end.failed = true;
    }
    if (leftovers.nursery?.releases != null) yield* leftovers.nursery.releases.run(leftovers, end);
    if (end.failed) throw end.outcome;
  }
}

/** Holds for a moment what branches acquired whose values nobody took. */
class Leftovers extends PartScope {
  readonly runner: ScopeRunner;

  constructor(runner: ScopeRunner) {
    super();
    this.runner = runner;
  }

  get label(): string {
    return `what ${WHAT} has left`;
  }
}

class NextCompleted<T> extends Suspension<IteratorResult<T, void>> {
  readonly #source: Completions<T>;

  constructor(source: Completions<T>) {
    super();
    this.#source = source;
  }

  get label(): string {
    return `${WHAT}.next()`;
  }

  poll(): boolean {
    this.#source.begin();
    const task = this.#source.take();
    if (task === undefined) return false;
    return this.finish(task === null ? { done: true, value: undefined } : { done: false, value: task.result() as T });
  }

  arm(): void {
    this.#source.read(this);
  }

  disarm(): void {
    this.#source.read(null);
  }

  /** A branch has ended, or the source was closed. */
  changed(): void {
    this.disarm();
    const task = this.#source.take();
    if (task == null) this.wake({ done: true, value: undefined });
    else if (task.status === 'succeeded') this.wake({ done: false, value: task.outcome as T });
    else this.fail(task.error());
  }
}

/**
 * Runs operations at the same time and gives their values in the order in which they end.
 *
 * They start with the first `next()`, in the scope that called `asCompleted`. A branch that fails throws its error from
 * the `next()` whose turn it is; the others go on, and `next()` may be called again. What a branch acquired moves to
 * the caller's scope with its value; the rest is released by `close()`, or by the end of the scope, which also cancel
 * the branches that still run.
 *
 * Cancellation: of `next()` only ends that wait; no value is lost.
 *
 * @param operations an array or a record; running Tasks in it are waited for and never cancelled
 * @throws TypeError for anything but one array or record of operations, at the call.
 * @example
 * ```ts
 * import { asCompleted, run, sleep } from '@coloop/core';
 *
 * await run(function* () {
 *   const answers = asCompleted([sleep(20, 'slow'), sleep(10, 'fast')]);
 *   for (let r = yield* answers.next(); !r.done; r = yield* answers.next()) console.log(r.value);
 *   //> fast
 *   //> slow
 * });
 * ```
 * Source: `asyncio.as_completed`, with the lifetimes of a task group.
 */
export function asCompleted<const O extends Branches>(
  operations: O,
): Source<Result<O[keyof O & (O extends readonly unknown[] ? number : string)]>>;
export function asCompleted(operations: Branches, ...more: unknown[]): Source<unknown> {
  const list = readBranches('asCompleted', operations, more[0]);
  refuseMore('asCompleted(operations)', more);
  return new Completions(list);
}
