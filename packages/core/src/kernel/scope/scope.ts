/**
 * A scope owns: the tasks spawned into it and what has to be released at its end. Every task is one, and every group.
 *
 * | phase    | what happens                                          | next                                          |
 * | -------- | ----------------------------------------------------- | --------------------------------------------- |
 * | OPEN     | the body runs                                         | DRAINING (ended well), STOPPING (not)         |
 * | DRAINING | the body has ended, children that are not daemons run  | STOPPING (none left, a failure or a cancel)   |
 * | STOPPING | all children that are left are cancelled and awaited  | CLEANUP                                       |
 * | CLEANUP  | defers and resources, last first, one after the other | CLOSED                                        |
 *
 * A scope commits when its teardown has ended: a cancel from outside that comes while it stops its children or cleans up
 * takes the place of its value.
 */
import { type CancelledError, GroupClosedError, TaskGroupError } from '../../errors.ts';
import { type Operation, Suspension } from '../operation/suspension.ts';
import { stackless } from '../stack/trail.ts';
import { type CancelRequest, type CancelScope, dueScope, isOwnCancel } from './cancel.ts';
import type { ScopeLinks } from './scope-link.ts';

export const OPEN = 0;
export const DRAINING = 1;
export const STOPPING = 2;
export const CLEANUP = 3;
export const CLOSED = 4;

/** A task as its owner sees it; siblings form an intrusive list. */
export interface Child {
  /** The one before; of the first, the last one. */
  prevSibling: Child | null;
  nextSibling: Child | null;
  readonly name: string;
  readonly daemon: boolean;
  readonly failed: boolean;
  readonly outcome: unknown;
  /** True when somebody got this task's failure delivered: a promise, or a task that waited for its teardown. */
  readonly answered: boolean;
  cancelBy(request: CancelRequest): boolean;
}

/** The task that runs a scope's body, as the scope sees it. */
export interface ScopeRunner {
  readonly name: string;
  enter(scope: CancelScope): void;
  leave(scope: CancelScope): void;
  requestCancel(scope: CancelScope, request: CancelRequest): boolean;
  reportUnhandled(error: unknown, task: string): void;
  /** The body of `scope`, and the children that were waited for, have ended; what is left is ended now. */
  bodyEnded(scope: CancelScope): void;
  /** The children have ended, each within a grace of its own: the cleanups that follow get a whole one. */
  renewGrace(): void;
  /** Takes the cancel of `due`, marked as thrown. */
  takeCancelOf(due: CancelScope): unknown;
  /** Tells when children alone keep a scope open for long; returns what ends the watch, where anybody listens. */
  watchLingering(scope: Scope): (() => void) | null;
}

/** Something to be released at the end of its scope. */
export type Cleanup = () => Operation<void> | void;

/** Where one entry of the cleanups stands: it moves when a combinator hands what it acquired to the caller's scope. */
export interface Release {
  run: Cleanup;
  owner: Scope;
  /** Its index in the list; below 0 when it stands in none. */
  at?: number;
  /** Nothing is to be released: an entry that follows takes its place. */
  readonly spent?: boolean;
  /** What has no scope of its own, such as a grant: a combinator passes it to the task of the caller. */
  passTo?(task: ScopeRunner): void;
}

/** What has to be released at the end of a scope. */
export interface Releases {
  /** In the order of registration. */
  readonly entries: readonly Release[];
  /** The one that would be released first, or null. */
  readonly last: Release | null;
  /** The one that is being released. */
  readonly running: Release | null;
  add(release: Release): void;
  /** Takes an entry out; nothing happens when it is not in this list. */
  remove(release: Release): void;
  /** Takes all entries out. */
  takeAll(): Release[];
  /**
   * Releases all, each to its end; an error of one joins the error that was on its way.
   *
   * @returns whether one of them was an operation, which may have taken time
   */
  run(scope: Scope, end: Ending): Generator<Suspension, boolean>;
}

/** What a scope owns; made on first use, as most tasks own nothing. */
export class Nursery {
  first: Child | null = null;
  /** Living children that are not daemons. */
  count = 0;
  readonly failures: { error: unknown; task: string }[] = [];
  /** The request with which the first failure of a child cancelled the scope, where nobody had done so before. */
  failedBy: CancelRequest | null = null;
  #failed: Set<unknown> | null = null;
  releases: Releases | null = null;
  /** The entry among them for the tasks of sources, while there are any. */
  sources: Scope | null = null;
  /** The wait of the scope's end, while there is one. */
  waiting: ChildrenWait | null = null;
  /** What follows the parts of the task that this scope is. */
  links: ScopeLinks | null = null;

  add(child: Child): void {
    const { first } = this;
    if (first === null) {
      child.prevSibling = child;
      this.first = child;
    } else {
      const last = first.prevSibling as Child;
      last.nextSibling = child;
      child.prevSibling = last;
      first.prevSibling = child;
    }
    if (!child.daemon) this.count++;
  }

  remove(child: Child): void {
    const { prevSibling, nextSibling } = child;
    if (this.first === child) this.first = nextSibling;
    else (prevSibling as Child).nextSibling = nextSibling;
    const after = nextSibling ?? this.first;
    if (after !== null) after.prevSibling = prevSibling;
    child.prevSibling = null;
    child.nextSibling = null;
    if (!child.daemon) this.count--;
  }

  /** The living children, oldest first, as they are now. */
  children(): Child[] {
    const children: Child[] = [];
    for (let at = this.first; at !== null; at = at.nextSibling) children.push(at);
    return children;
  }

  /** The living children, and after them those of what is to be released: tasks that bodies of resources and sources run in. */
  tasks(): Child[] {
    const { entries = [], running = null } = this.releases ?? {};
    const released = [...entries, running].map((entry) =>
      entry instanceof Scope ? (entry.nursery?.children() ?? []) : [],
    );
    return [...this.children(), ...released.flat()];
  }

  /** Keeps a failure, once by identity, before those from `at` on. */
  addFailure(error: unknown, task: string, at = this.failures.length): void {
    this.#failed ??= new Set();
    if (this.#failed.has(error)) return;
    this.#failed.add(error);
    this.failures.splice(at, 0, { error, task });
  }

  /** All failures as one error. */
  toError(): TaskGroupError {
    return stackless(
      () =>
        new TaskGroupError(
          this.failures.map((failure) => failure.error),
          this.failures.map((failure) => failure.task),
        ),
    );
  }
}

/** How branches are called that live in the scope of a task: those of `asCompleted`. */
export const branchNames: WeakMap<Child, string> = new WeakMap();

export abstract class Scope implements CancelScope {
  abstract outer: CancelScope | null;
  declare request: CancelRequest | null;
  declare thrown: CancelledError | null;
  declare deliveries: number;
  declare phase: number;
  declare nursery: Nursery | null;

  constructor() {
    this.request = null;
    this.thrown = null;
    this.deliveries = 0;
    this.phase = OPEN;
    this.nursery = null;
  }

  get shielded(): boolean {
    return false;
  }

  /** The task that runs the body. */
  abstract get runner(): ScopeRunner;

  /** How errors and pictures call this scope. */
  abstract get label(): string;

  /** How the stack of an error that left a child calls the child. */
  nameOf(child: Child): string {
    return branchNames.get(child) ?? `task ${child.name}`;
  }

  /** False for the hidden scopes of combinators, which their children are meant to keep open. */
  get watched(): boolean {
    return true;
  }

  /** True for a branch of a combinator: what it acquired goes to the caller's scope when it succeeds. */
  get keepsReleases(): boolean {
    return false;
  }

  /** Where children, and what is to be released, are kept; refuses a scope that has come to `end`. */
  open(what: string, end = STOPPING): Nursery {
    if (this.phase >= end) throw new GroupClosedError(this.closedMessage(what));
    this.nursery ??= new Nursery();
    return this.nursery;
  }

  private closedMessage(what: string): string {
    const ended = this.phase === CLOSED ? 'has ended' : 'is ending';
    return `${what} into ${this.label}, which ${ended}. Spawn while its body or its children run, or into a scope that lives longer.`;
  }

  /** Passes a cancel on to all living children. */
  cancelChildren(request: CancelRequest): void {
    const { nursery } = this;
    if (nursery === null || nursery.first === null) return;
    const passed: CancelRequest = { ...request, from: { scope: this.label, request } };
    for (const child of nursery.children()) child.cancelBy(passed);
  }

  /** A child has settled: keeps its failure and tells the wait of the scope's end. */
  childSettled(child: Child): void {
    const nursery = this.nursery as Nursery;
    nursery.remove(child);
    if (child.failed && !child.answered) {
      if (child.daemon && this.phase >= STOPPING) this.runner.reportUnhandled(child.outcome, child.name);
      else this.childFailed(child);
    }
    this.childEnded(child);
    nursery.waiting?.check();
  }

  /** A child has left; combinators start the next one here, or decide. */
  protected childEnded(_child: Child): void {}

  /** Somebody has got the failure of a child, maybe long after its end. */
  failureSeen(_child: Child): void {}

  /** The scope has ended, with all that it owned. */
  closed(): void {}

  /** A failure fails the scope: its body and all other children are cancelled. */
  childFailed(child: Child): void {
    const nursery = this.nursery as Nursery;
    nursery.addFailure(child.outcome, child.name);
    if (this.request !== null) return;
    const request = { reason: child.outcome, requestedBy: `the failure of task ${child.name}`, from: null };
    nursery.failedBy = request;
    this.runner.requestCancel(this, request);
  }

  /**
   * The outcome of this scope, from what its body did and its children's failures, before its cleanups run.
   * This is the rule for a task; groups and combinators have their own.
   */
  conclude(end: Ending): void {
    const { nursery } = this;
    if (nursery === null || nursery.failures.length === 0) return;
    if (end.failed && !isOwnCancel(end.outcome, this)) nursery.addFailure(end.outcome, 'body', end.at);
    end.failed = true;
    end.outcome = nursery.toError();
  }

  /** The outcome is known; combinators settle here who gets what their branches acquired. */
  concluded(_end: Ending): void {}
}

/** A scope that is a part of a task: it has something around it. */
export abstract class PartScope extends Scope {
  declare outer: CancelScope | null;

  constructor() {
    super();
    this.outer = null;
  }
}

/** How a scope ends; changed in place as the end goes on. */
export interface Ending {
  failed: boolean;
  outcome: unknown;
  /** How many children had failed when the body ended: those that fail on the way out do so after it. */
  at: number;
}

/** The cancel from around `scope` that is due (of a task: its own), or null. One's own quiet end of a group is none. */
export function lateCancel(scope: Scope): CancelScope | null {
  return dueScope(scope.outer ?? scope);
}

/** The wait of a scope's end for its children; tells whether a cancel from outside came before the last of them ended. */
export class ChildrenWait extends Suspension<boolean> {
  readonly #scope: Scope;
  readonly #all: boolean;
  #stopWatch: (() => void) | null = null;

  /** Waits for those that are not daemons, interruptibly; or for all, which were cancelled, in any case. */
  constructor(scope: Scope, all: boolean) {
    super();
    this.#scope = scope;
    this.#all = all;
  }

  get label(): string {
    return `${this.#all ? 'the teardown of' : ''} the children of ${this.#scope.label}`.trim();
  }

  override get interruptible(): boolean {
    return !this.#all;
  }

  override get waitsFor(): unknown {
    return this.#scope.nursery?.first ?? undefined;
  }

  private ready(): boolean {
    const nursery = this.#scope.nursery as Nursery;
    return this.#all ? nursery.first === null : nursery.count === 0;
  }

  poll(): boolean {
    return this.ready() && this.finish(false);
  }

  arm(): void {
    (this.#scope.nursery as Nursery).waiting = this;
    if (!this.#all && this.#scope.watched) this.#stopWatch = this.#scope.runner.watchLingering(this.#scope);
  }

  disarm(): void {
    (this.#scope.nursery as Nursery).waiting = null;
    this.#stopWatch?.();
  }

  check(): void {
    if (!this.ready()) return;
    this.disarm();
    this.wake(lateCancel(this.#scope) !== null);
  }
}
