/** `gather`: branches in a hidden scope, which ends with all of their values or with the first failure. */
import { ALREADY_DONE } from '../kernel/operation/done.ts';
import { checkCount, readOptions, refuseMore } from '../kernel/operation/options.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import { dueScope, isOwnCancel } from '../kernel/scope/cancel.ts';
import { type Child, type Ending, STOPPING } from '../kernel/scope/scope.ts';
import { taskOf } from '../kernel/task/current.ts';
import { ScopeFrame } from '../kernel/task/scope-frame.ts';
import type { Task } from '../kernel/task/task.ts';
import { type Branches, type BranchList, BranchScope, type Result, readBranches } from './branches.ts';

/** What `gather` may be given. */
export interface GatherOptions {
  /** How many run at a time; all by default. */
  concurrency?: number | undefined;
  /** Wait for all and return `{ status, value }` or `{ status, reason }` for each. */
  settle?: boolean | undefined;
}

/** The results of operations, in the shape of the input. */
export type Gathered<O> = { -readonly [K in keyof O]: Result<O[K]> };

/** One outcome, as of `Promise.allSettled`. */
export type Settled<T> =
  | { status: 'fulfilled'; value: T; reason?: undefined }
  | { status: 'rejected'; reason: unknown; value?: undefined };

/** The outcomes of operations, in the shape of the input. */
export type GatheredOutcomes<O> = { -readonly [K in keyof O]: Settled<Result<O[K]>> };

class GatherScope extends BranchScope {
  readonly #list: BranchList;
  readonly #settle: boolean;
  #next = 0;
  /** Those that failed, in the order in which they did; the first one decides. */
  readonly #failed: Task[] = [];
  /** The first, where it has decided. */
  #first: Task | null = null;

  constructor(runner: Task, list: BranchList, concurrency: number, settle: boolean) {
    super(runner, 'gather', list);
    this.#list = list;
    this.#settle = settle;
    const atOnce = Math.min(concurrency, list.operations.length);
    while (this.#next < atOnce) this.#startNext();
  }

  #startNext(): void {
    this.startBranch(this.#list.operations[this.#next++] as Operation<unknown>);
  }

  protected override childEnded(child: Child): void {
    const task = taskOf(child);
    // Where all outcomes are asked for a failure is a value, unless a cancel has led to it.
    if (task.failed && (!this.#settle || task.request !== null)) this.#failed.push(task);
    if (task.status !== 'succeeded' && !this.#settle) this.#failedBranch(task);
    if (this.#next < this.#list.operations.length && this.#goesOn()) this.#startNext();
  }

  /** Neither decided nor being cancelled with what is around it: only then may another branch begin. */
  #goesOn(): boolean {
    return this.request === null && this.phase < STOPPING && dueScope(this) === null;
  }

  #failedBranch(task: Task): void {
    // A branch that was cancelled with all the others is not a failure of its own.
    if (this.#first !== null || this.request !== null || this.cancelledFromOutside) return;
    this.#first = task;
    this.decide('another branch of gather failed');
  }

  override conclude(end: Ending): void {
    if (end.failed && isOwnCancel(end.outcome, this.outer)) this.keepFailures(end, this.#failed);
    else if (this.#first !== null) {
      end.failed = true;
      end.outcome = this.#first.error();
      for (const task of this.#failed) if (task !== this.#first) this.reportLate(task.error(), end.outcome);
    } else if (!end.failed) end.outcome = this.#results();
  }

  protected isTaken(task: Task): boolean {
    return task.status === 'succeeded';
  }

  #results(): unknown {
    const { keys } = this.#list;
    const results = this.branches.map((task) => (this.#settle ? outcomeOf(task) : task.outcome));
    return keys === null ? results : Object.fromEntries(keys.map((key, i) => [key, results[i]]));
  }
}

function outcomeOf(task: Task): Settled<unknown> {
  return task.status === 'succeeded'
    ? { status: 'fulfilled', value: task.outcome }
    : { status: 'rejected', reason: task.error() };
}

const GATHER_OPTIONS = { concurrency: 'count', settle: 'boolean' } as const;

/**
 * Runs operations at the same time and returns all their results, in the order and shape of the input.
 *
 * The first error cancels the others, waits for their cleanups, and is thrown as it is. What the operations acquired
 * belongs to the caller afterwards, who may release it; after a failure it has been given back: resources, locks, permits,
 * subscriptions, responses. Disposables of your own are not touched. A running `Task` in the list is waited
 * for and never cancelled.
 *
 * Cancellation: cancels all of them and waits for their cleanups.
 *
 * @param operations an array, a tuple or a plain record
 * @param options `concurrency`: how many run at a time; `settle: true`: wait for all, whatever happens, and return `{ status, value | reason }` for each
 * @throws the first error; TypeError for anything but one array or record of operations, at the call
 * @example
 * ```ts
 * import { gather, run, sleep } from '@coloop/core';
 *
 * await run(function* () {
 *   console.log(yield* gather([sleep(20, 'a'), sleep(10, 'b')])); //> [ 'a', 'b' ]
 *   const { x } = yield* gather({ x: sleep(5, 1), y: sleep(5, 'z') });
 *   console.log(x); //> 1
 * });
 * ```
 * Source: `asyncio.gather`, with `TaskGroup`'s rule for failures.
 */
export function gather<const O extends Branches>(
  operations: O,
  options: GatherOptions & { settle: true },
): Operation<GatheredOutcomes<O>>;
export function gather<const O extends Branches>(operations: O, options?: GatherOptions): Operation<Gathered<O>>;
export function gather(operations: Branches, options: GatherOptions = {}, ...more: unknown[]): Operation<unknown> {
  refuseMore('gather(operations, options)', more);
  const list = readBranches('gather', operations, options);
  const { concurrency = Number.POSITIVE_INFINITY, settle = false } = readOptions('gather', options, GATHER_OPTIONS);
  checkCount('gather: concurrency', concurrency, 1, true);
  return new ScopeFrame('gather()', (task) => ({
    scope: new GatherScope(task, list, concurrency, settle),
    body: ALREADY_DONE,
  }));
}
