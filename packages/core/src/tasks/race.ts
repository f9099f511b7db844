/** `race`: branches in a hidden scope, which the first of them decides. */
import { suppressedError } from '../errors.ts';
import { ALREADY_DONE } from '../kernel/operation/done.ts';
import { refuseMore } from '../kernel/operation/options.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import { isOwnCancel } from '../kernel/scope/cancel.ts';
import type { Child, Ending } from '../kernel/scope/scope.ts';
import type { Racer } from '../kernel/task/cancellation.ts';
import { taskOf } from '../kernel/task/current.ts';
import { ScopeFrame } from '../kernel/task/scope-frame.ts';
import type { Task } from '../kernel/task/task.ts';
import { type Branches, type BranchList, BranchScope, failedInCleanup, type Result, readBranches } from './branches.ts';

/**
 * A race: its first branch to settle decides, unless others before it in the input had ended their waits already when its
 * last step began. Those are let run on: the first of them that settles in that step wins, and one that waits again has lost.
 */
class RaceScope extends BranchScope {
  /** How many times a branch went on from a wait. */
  #steps = 0;
  readonly #racers: RacingBranch[] = [];
  #winner: RacingBranch | null = null;
  /** Those that may still win over the winner so far. */
  readonly #rivals = new Map<Task, RacingBranch>();
  /** Those that failed, the winner too, in the order in which they did. */
  readonly #failed: Task[] = [];

  constructor(runner: Task, list: BranchList) {
    super(runner, 'race', list);
    for (const operation of list.operations) {
      const racer = new RacingBranch(this, this.#racers.length, this.startBranch(operation));
      this.#racers.push(racer);
      racer.task.race(racer);
    }
  }

  /** A branch goes on from its wait. */
  step(): void {
    this.#steps++;
  }

  get steps(): number {
    return this.#steps;
  }

  protected override childEnded(child: Child): void {
    const task = taskOf(child);
    if (task.failed) this.#failed.push(task);
    if (this.request !== null || this.cancelledFromOutside) return;
    if (this.#winner === null) this.#first(task);
    else this.#rivalEnded(task);
    if (this.#rivals.size === 0) this.decide(LOST);
  }

  #first(task: Task): void {
    const winner = this.#racers.find((racer) => racer.task === task) as RacingBranch;
    this.#winner = winner;
    for (const racer of this.#racers) if (racer.rivals(winner)) this.#rivals.set(racer.task, racer);
    if (this.#rivals.size === 0) return;
    const request = this.requestTo(LOST);
    for (const racer of this.#racers) if (!this.#rivals.has(racer.task)) racer.task.cancelBy(request);
  }

  #rivalEnded(task: Task): void {
    const rival = this.#rivals.get(task);
    this.#rivals.delete(task);
    if (rival !== undefined && rival.index < (this.#winner as RacingBranch).index) this.#winner = rival;
  }

  /** A branch waits again. */
  waits(racer: RacingBranch): void {
    if (!this.#rivals.delete(racer.task)) return;
    if (this.#rivals.size === 0) this.decide(LOST);
    else racer.task.cancelBy(this.requestTo(LOST));
  }

  override conclude(end: Ending): void {
    const winner = this.#winner?.task;
    if (winner === undefined || (end.failed && isOwnCancel(end.outcome, this.outer))) {
      this.keepFailures(end, this.#failed);
      return;
    }
    end.failed = winner.status !== 'succeeded';
    end.outcome = end.failed ? winner.error() : winner.outcome;
    const { failed, outcome } = end;
    for (const task of this.#failed) {
      if (task === winner) continue;
      if (failed) this.reportLate(task.error(), outcome);
      else if (!failedInCleanup(task)) this.reportLate(task.error(), LOST);
      else this.#throwLate(task.error(), end);
    }
  }

  /** An error of a cleanup is thrown over the winner's value; an error of a body was late, and nothing else. */
  #throwLate(error: unknown, end: Ending): void {
    end.outcome = end.failed ? suppressedError(error, end.outcome) : error;
    end.failed = true;
  }

  protected isTaken(task: Task): boolean {
    return task === this.#winner?.task;
  }
}

const LOST = 'another branch of race was first';

/** A branch, as its race sees it. */
class RacingBranch implements Racer {
  readonly index: number;
  readonly task: Task;
  readonly #race: RaceScope;
  /** How many steps the race had seen when the wait of this branch ended; Infinity while it waits or runs. */
  #wokenAt = Number.POSITIVE_INFINITY;

  constructor(race: RaceScope, index: number, task: Task) {
    this.#race = race;
    this.index = index;
    this.task = task;
  }

  /** Whether this one, which comes before `winner` in the input, had ended its wait when the last step of that began. */
  rivals(winner: RacingBranch): boolean {
    return this.index < winner.index && this.#wokenAt < this.#race.steps && !this.task.done;
  }

  woken(): void {
    this.#wokenAt = this.#race.steps;
  }

  goesOn(): void {
    this.#wokenAt = Number.POSITIVE_INFINITY;
    this.#race.step();
  }

  waits(): void {
    this.#race.waits(this);
  }
}

/**
 * Runs operations at the same time and takes the outcome of the first that settles, a value or an error.
 *
 * At that moment the others are cancelled, and those not yet started never start; it returns when their cleanups have
 * ended. What the winner acquired belongs to the caller, what the others did is given back. If several have ended their waits before any of them ran, the first in the input wins. Waits that take something,
 * such as `queue.get()`, belong in `select`, which commits exactly one.
 *
 * Cancellation: cancels all of them and waits for their cleanups.
 *
 * @param operations an array, a tuple or a plain record; at least one
 * @throws the error of the first that settles, if it failed; the error of a loser's cleanup, if the winner did not fail. Other
 *   errors that come late are reported as 'suppressed'
 * @example
 * ```ts
 * import { race, run, sleep } from '@coloop/core';
 *
 * console.log(await run(() => race([sleep(1000, 'tortoise'), sleep(10, 'hare')]))); //> hare
 * ```
 * Source: `Promise.race`, with losers that end; Trio has it as a nursery that is cancelled.
 */
export function race<const O extends Branches>(
  operations: O,
): Operation<Result<O[keyof O & (O extends readonly unknown[] ? number : string)]>>;
export function race(operations: Branches, ...more: unknown[]): Operation<unknown> {
  const list = readBranches('race', operations, more[0]);
  refuseMore('race(operations)', more);
  if (list.operations.length === 0) {
    throw new RangeError('race needs at least one operation: a race of none would never end. Use forever() for that.');
  }
  return new ScopeFrame('race()', (task) => ({ scope: new RaceScope(task, list), body: ALREADY_DONE }));
}
