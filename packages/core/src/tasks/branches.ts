/** The hidden scope of `gather`, `race` and `asCompleted`: its tasks are branches of one operation. */

import { isSuppressedError, suppressedError } from '../errors.ts';
import { checkOperation } from '../kernel/operation/check-operation.ts';
import { isOperation } from '../kernel/operation/is-operation.ts';
import { show } from '../kernel/operation/options.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import { type CancelRequest, dueScope } from '../kernel/scope/cancel.ts';
import { acquiredIn } from '../kernel/scope/lost.ts';
import { addRelease, adoptReleases, passReleases } from '../kernel/scope/releases.ts';
import { type Child, type Ending, PartScope, type Scope } from '../kernel/scope/scope.ts';
import { taskOf } from '../kernel/task/current.ts';
import type { Task } from '../kernel/task/task.ts';

/** Operations in an array or in a plain record. */
export type Branches = readonly Operation<unknown>[] | { readonly [key: string]: Operation<unknown> };

/** The value of an operation. */
export type Result<O> = O extends Operation<infer T> ? T : never;

/** The input, taken apart: `keys` is null for an array. */
export interface BranchList {
  readonly keys: readonly string[] | null;
  readonly operations: readonly Operation<unknown>[];
}

/** Reads the operations given to `what`; a second operation in place of options is answered with "pass an array". */
export function readBranches(what: string, branches: unknown, options: unknown): BranchList {
  if (isOperation(branches) || isOperation(options)) {
    throw new TypeError(`${what} takes its operations as one array or record: pass an array, \`${what}([a(), b()])\`.`);
  }
  if (Array.isArray(branches))
    return { keys: null, operations: branches.map((op) => checkOperation(`${what}([…])`, op)) };
  if (!isRecord(branches)) {
    throw new TypeError(
      `${what} takes an array or a record of operations, not ${show(branches)}. Write \`${what}([a(), b()])\`.`,
    );
  }
  const keys = Object.keys(branches);
  const record = branches as { readonly [key: string]: Operation<unknown> };
  return {
    keys,
    operations: keys.map((key) => checkOperation(`${what}({ ${key}: … })`, record[key] as Operation<unknown>)),
  };
}

/** A plain object, also of another realm: a promise or a class's instance has no operations under its keys. */
function isRecord(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Whether an error of a cleanup is in what `task` failed with: its cancel was thrown, or it keeps a cleanup's beside its own. */
export function failedInCleanup(task: Task): boolean {
  const error = task.error();
  return task.thrown !== null || isSuppressedError(error);
}

/** Nobody receives the value of `task`, a branch that has ended: what it acquired is given back with the end of `scope`. */
export function loseBranch(scope: Scope, task: Task): void {
  adoptReleases(scope, task);
  if (task.status !== 'succeeded') return;
  for (const each of acquiredIn(task.outcome, task)) addRelease(scope, () => each.run());
}

/** How the stack of an error that left a branch calls it. */
export function branchName(what: string, keys: readonly string[] | null, index: number): string {
  return `${what} (${keys === null ? `index ${index}` : `key ${keys[index]}`})`;
}

export abstract class BranchScope extends PartScope {
  readonly runner: Task;
  readonly label: string;
  protected readonly branches: Task[] = [];
  /** Where the results' resources go. */
  readonly #caller: Scope;
  readonly #what: string;
  readonly #keys: readonly string[] | null;

  constructor(runner: Task, what: string, { keys }: BranchList) {
    super();
    this.runner = runner;
    this.#what = what;
    this.#keys = keys;
    this.label = `${what}() in ${runner.label}`;
    this.#caller = runner.innermostOwner;
  }

  override get watched(): boolean {
    return false;
  }

  override nameOf(child: Child): string {
    return branchName(this.#what, this.#keys, indexOf(this.branches, taskOf(child).id));
  }

  /** Starts the next branch. */
  protected startBranch(operation: Operation<unknown>): Task {
    const task = this.runner.spawnInto(this, operation, undefined).makeBranch();
    this.branches.push(task);
    return task;
  }

  /** Whether what `task` acquired, and its result, go to the caller when this scope has ended well. */
  protected abstract isTaken(task: Task): boolean;

  /** What the branches acquired goes to the caller, in order; of a lost branch or operation it is given back here. */
  override concluded(end: Ending): void {
    for (const task of this.branches) {
      if (!end.failed && this.isTaken(task)) passReleases(this.#caller, task);
      else loseBranch(this, task);
    }
  }

  /** Ends all branches that are left. */
  protected decide(reason: string): void {
    this.runner.requestCancel(this, this.requestTo(reason));
  }

  protected requestTo(reason: string): CancelRequest {
    return { reason, requestedBy: this.label, from: null };
  }

  /** Whether a cancel from outside ends this scope: then the branches end by it and decide nothing. */
  protected get cancelledFromOutside(): boolean {
    return this.request === null && (this.deliveries > 0 || dueScope(this) !== null);
  }

  override childFailed(_child: Child): void {}

  /** Failures that come too late to be thrown are reported, so that none is lost without a trace. */
  protected reportLate(error: unknown, decided: unknown): void {
    this.runner.scheduler.report('suppressed', { task: this.runner.name, error, reason: decided });
  }

  /** A cancel from outside has ended the branches: errors of their cleanups join it, as in a group; others came too late. */
  protected keepFailures(end: Ending, failed: readonly Task[]): void {
    const cancel = end.outcome;
    for (const task of failed) {
      if (failedInCleanup(task)) end.outcome = suppressedError(task.error(), end.outcome);
      else this.reportLate(task.error(), cancel);
    }
  }

  abstract override conclude(end: Ending): void;
}

/** By halves, as their numbers grow: all of 100,000 branches may fail. */
function indexOf(branches: readonly Task[], id: number): number {
  let from = 0;
  for (let to = branches.length - 1; from < to; ) {
    const middle = (from + to) >> 1;
    if ((branches[middle] as Task).id < id) from = middle + 1;
    else to = middle;
  }
  return from;
}
