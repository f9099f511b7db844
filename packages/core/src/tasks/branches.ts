/** The hidden scope of `gather`, `race` and `asCompleted`: its tasks are branches of one operation. */

import { checkOperation, show } from '../kernel/operation/options.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import { adoptReleases } from '../kernel/scope/releases.ts';
import { type Child, type Ending, PartScope, type Scope } from '../kernel/scope/scope.ts';
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
  if (Array.isArray(branches)) return { keys: null, operations: branches.map((op) => checkOperation(what, op)) };
  if (!isRecord(branches)) {
    throw new TypeError(`${what} takes an array or a record of operations, not ${show(branches)}.`);
  }
  const keys = Object.keys(branches);
  const record = branches as { readonly [key: string]: Operation<unknown> };
  return { keys, operations: keys.map((key) => checkOperation(what, record[key] as Operation<unknown>)) };
}

/** A plain object, also of another realm: a promise or a class's instance has no operations under its keys. */
function isRecord(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function isOperation(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Symbol.iterator in value && !Array.isArray(value);
}

export abstract class BranchScope extends PartScope {
  readonly runner: Task;
  readonly label: string;
  protected readonly branches: Task[] = [];
  /** Where the results' resources go. */
  readonly #caller: Scope;

  constructor(runner: Task, what: string) {
    super();
    this.runner = runner;
    this.label = `${what} in ${runner.label}`;
    this.#caller = runner.innermostOwner;
  }

  override get watched(): boolean {
    return false;
  }

  /** Starts the next branch. */
  protected startBranch(operation: Operation<unknown>): void {
    this.branches.push(this.runner.spawnInto(this, operation, undefined).makeBranch());
  }

  /** What the branches acquired goes to the caller's scope, in order; of a lost operation it is released here. */
  protected settleReleases(keep: (task: Task) => boolean): void {
    for (const task of this.branches) adoptReleases(keep(task) ? this.#caller : this, task);
  }

  /** Ends all branches that are left. */
  protected decide(reason: string): void {
    this.runner.requestCancel(this, { reason, requestedBy: this.label, from: null });
  }

  override childFailed(_child: Child): void {}

  /** Failures that come too late to be thrown are reported, so that none is lost without a trace. */
  protected reportLate(error: unknown, decided: unknown): void {
    this.runner.scheduler.report('suppressed', { task: this.runner.name, error, reason: decided });
  }

  abstract override conclude(end: Ending): void;
}
