/**
 * What a lock is, for `Lock` and `Condition`: the task that holds it, and those that wait for it.
 *
 * | state  | meaning                               | acquire            | release by the holder          | release by another |
 * | ------ | ------------------------------------- | ------------------ | ------------------------------ | ------------------ |
 * | free   | nobody has it                         | held               | -                              | an error           |
 * | held   | one grant has it                      | waits in the queue | held by the first, else free   | an error           |
 * | broken | held, and the holder can release it no more | an error     | -                              | an error           |
 *
 * A release hands the lock over before anybody runs, so nobody gets in between, and a lock that is free has no queue.
 *
 * Tasks keep no list of the locks that they hold. Who begins to wait looks at the holder; while anybody waits the lock
 * listens for its end, and lets all look again then. A holder that has ended has handed its grant on if that is (a part of)
 * its result; a branch has if its combinator says so, which gives back or passes on what a branch holds.
 */
import { BrokenLockError, WouldBlockError } from '../errors.ts';
import { sameScheduler } from '../kernel/operation/same-scheduler.ts';
import { runningOrNull, type SuspensionHost, type Waiter } from '../kernel/operation/suspension.ts';
import { ListedWait, WaitList } from '../kernel/operation/waitlist.ts';
import { acquisition, type GivesBack, partsOf } from '../kernel/scope/lost.ts';
import { keepRelease, removeRelease } from '../kernel/scope/releases.ts';
import type { Release, Scope, ScopeRunner } from '../kernel/scope/scope.ts';
import { currentTaskOrNull, taskOf } from '../kernel/task/current.ts';
import type { Joiner } from '../kernel/task/join.ts';
import { Task } from '../kernel/task/task.ts';
import { DISPOSE } from './dispose.ts';

/** One holding of a lock: `using` gives it back. To dispose of it again, or after `release()`, does nothing. */
export interface Grant extends Disposable {
  /**
   * Hands the lock on: `task` holds it from now on, may release it, and has to.
   *
   * @throws TypeError if `task` is not a task, or one of another scheduler; Error when the lock was given back before, or
   *   when the task has ended.
   */
  handTo(task: Pick<Task, 'id' | 'name' | 'done'>): void;
}

export class LockGrant implements Grant, GivesBack {
  /** The task that has it; null for the host. */
  holder: Task | null = null;
  readonly #core: LockCore;

  constructor(core: LockCore) {
    this.#core = core;
  }

  get [acquisition](): this {
    return this;
  }

  run(): void {
    if (this.#core.grant === this) this.#core.pass();
  }

  [DISPOSE](): void {
    this.run();
  }

  handTo(task: Pick<Task, 'id' | 'name' | 'done'>): void {
    if (!(task instanceof Task)) {
      throw new TypeError('handTo takes the task that is to hold the lock. Give what `spawn(op)` returned.');
    }
    this.#core.handOn(this, task);
  }
}

/**
 * That a branch holds a lock, among what its combinator gives back. It stays in its place after a release, as long as
 * nothing follows it there: a branch that takes the same lock again makes no other.
 */
class HeldByBranch implements Release {
  owner: Scope;
  at = -1;
  spent = false;
  readonly core: LockCore;

  constructor(core: LockCore, owner: Scope) {
    this.core = core;
    this.owner = owner;
  }

  run(): void {
    if (!this.spent) this.core.pass();
  }

  passTo(task: ScopeRunner): void {
    if (this.spent) return;
    this.core.hold(this.core.grant as LockGrant, taskOf(task));
    this.core.holderChanged();
  }
}

/** Notes that `branch`, which takes the lock now, holds it. */
function heldByBranch(core: LockCore, branch: Task): HeldByBranch {
  const last = branch.nursery?.releases?.last as HeldByBranch | null | undefined;
  if (last?.core === core && last.spent) {
    last.spent = false;
    return last;
  }
  const held = new HeldByBranch(core, branch);
  keepRelease(held);
  return held;
}

/** What stands in the queue of a lock: an `acquire`, or a `wait` of a condition that was notified. */
export abstract class Claim<T = unknown> extends ListedWait<T> {
  /** What will hold the lock. */
  abstract readonly grant: LockGrant;
  /** The lock is held now. */
  abstract granted(): void;
}

export class LockCore implements Joiner<unknown> {
  grant: LockGrant | null = null;
  readonly name: string | undefined;
  #scheduler: SuspensionHost | null = null;
  readonly #queue = new WaitList<Claim>();
  /** The holder whose end is listened for, while others wait. */
  #watched: Task | null = null;
  /** How the branch that holds it gives it back. */
  #kept: HeldByBranch | null = null;

  constructor(name: string | undefined) {
    this.name = name;
  }

  /** Takes the lock if it is free. */
  take(grant: LockGrant, task: Task): boolean {
    this.#claim(task.scheduler);
    const held = this.grant;
    if (held !== null) {
      if (held.holder === task) throw heldAlready(held);
      this.#checkHolder(held);
      return false;
    }
    this.hold(grant, task);
    return true;
  }

  takeNowait(): LockGrant {
    this.#scheduler = sameScheduler(this.#scheduler, 'This lock');
    if (this.grant !== null) {
      this.#checkHolder(this.grant);
      throw new WouldBlockError(
        `acquireNowait found the lock held by ${nameOf(this.grant)}. Wait for it with \`yield* lock.acquire()\`.`,
      );
    }
    const grant = new LockGrant(this);
    this.hold(grant, currentTaskOrNull());
    return grant;
  }

  #claim(host: SuspensionHost): void {
    if (this.#scheduler !== host) this.#scheduler = sameScheduler(this.#scheduler, 'This lock');
  }

  queue<T>(claim: Claim<T>): void {
    this.#queue.push(claim as Claim);
    if (this.#watched === null) this.#watch();
  }

  /** `grant` holds the lock from now on, and `task` the grant. */
  hold(grant: LockGrant, task: Task | null): void {
    if (this.#kept !== null) this.#unkeep();
    grant.holder = task;
    this.grant = grant;
    if (task?.keepsReleases === true) this.#kept = heldByBranch(this, task);
  }

  #unkeep(): void {
    const kept = this.#kept as HeldByBranch;
    this.#kept = null;
    kept.spent = true;
    if (kept.owner.nursery?.releases?.last !== kept) removeRelease(kept);
  }

  /** The holder does not need it any more. */
  pass(): void {
    if (this.#watched !== null) this.#unwatch();
    const next = this.#queue.shift();
    if (next === null) {
      if (this.#kept !== null) this.#unkeep();
      this.grant = null;
      return;
    }
    this.hold(next.grant, next.grant.holder);
    if (this.#queue.first !== null) this.#watch();
    next.granted();
  }

  /** Lets `task` be the holder. */
  handOn(grant: LockGrant, task: Task): void {
    if (this.grant !== grant) {
      throw new Error('handTo() of a grant whose lock was given back already. Hand it on while it is held.');
    }
    if (task.done) {
      throw new Error(
        `handTo() got ${task.label}, which has ended. Hand the lock to a task that runs, or dispose of its grant.`,
      );
    }
    this.#claim(task.scheduler);
    this.hold(grant, task);
    this.holderChanged();
    for (const claim of [...this.#queue]) {
      if (claim.grant.holder !== task) continue;
      claim.disarm();
      claim.fail(heldAlready(grant));
    }
  }

  /** Somebody else holds it now. */
  holderChanged(): void {
    if (this.#watched !== null) this.#unwatch();
    if (this.#queue.first !== null) this.#watch();
  }

  #watch(): void {
    const holder = this.grant?.holder ?? null;
    // The combinator of a branch gives back what it holds, or says who has it now: its end tells nothing.
    if (holder === null || holder.keepsReleases) return;
    this.#watched = holder;
    holder.addJoiner(this);
  }

  #unwatch(): void {
    this.#watched?.removeJoiner(this);
    this.#watched = null;
  }

  /** The holder has ended while others wait: unless it has handed its grant on they look again, and find the lock broken. */
  settled(): void {
    this.#watched = null;
    if (this.grant === null || !isBroken(this.grant)) return;
    for (let claim = this.#queue.shift(); claim !== null; claim = this.#queue.shift()) claim.lookAgain();
  }

  #checkHolder(held: LockGrant): void {
    if (isBroken(held)) throw new BrokenLockError((held.holder as Task).name, this.name);
  }

  /** The grant of the running task; throws, naming `what` was called, when it holds none. */
  held(what: string): LockGrant {
    const { grant } = this;
    if (grant === null) throw new Error(`${what} without the lock: nobody holds it. Acquire it first.`);
    if (grant.holder !== runningOrNull()) {
      const state =
        grant.holder?.done === true
          ? ', which has ended. Dispose of its grant'
          : '. Only the task that acquired it may release or use it';
      throw new Error(`${what} without the lock: it is held by ${nameOf(grant)}${state}.`);
    }
    return grant;
  }
}

/** Whether the holder has ended and nobody else got its grant. */
function isBroken(grant: LockGrant): boolean {
  const { holder } = grant;
  if (holder === null || !holder.done || holder.keepsReleases) return false;
  return !partsOf(holder.outcome).includes(grant);
}

function heldAlready(grant: LockGrant): Error {
  return new Error(
    `${nameOf(grant)} holds this lock already, so it would wait for itself. A lock is not re-entrant: acquire it once.`,
  );
}

function nameOf(grant: LockGrant): string {
  return grant.holder === null ? 'the host' : grant.holder.label;
}

/** The wait of `acquire`. */
export class LockWait extends Claim<Grant> {
  readonly grant: LockGrant;
  readonly #core: LockCore;

  constructor(core: LockCore, grant: LockGrant) {
    super();
    this.#core = core;
    this.grant = grant;
  }

  get label(): string {
    return `lock.acquire(${this.#core.name ?? ''})`;
  }

  override get waitsFor(): unknown {
    return this.#core.grant?.holder ?? undefined;
  }

  poll(waiter: Waiter): boolean {
    const task = taskOf(waiter);
    if (this.#core.take(this.grant, task)) return this.finish(this.grant);
    this.grant.holder = task;
    return false;
  }

  arm(): void {
    this.#core.queue(this);
  }

  granted(): void {
    this.wake(this.grant);
  }
}
