/**
 * The part of a task that is cancelled: its chain of cancel scopes, the cancel that is due, and the escalation of
 * cleanups that outlive their grace.
 */
import { CleanupTimeoutError } from '../../errors.ts';
import type { TimerEntry } from '../clock/timers.ts';
import { ARMED, DONE, FAILED, QUEUED, type Suspension, type SuspensionHost, WOKEN } from '../operation/suspension.ts';
import type { SchedulerEvents } from '../report/events.ts';
import { type CancelRequest, type CancelScope, dueScope, takeThrown, unwindingScope } from '../scope/cancel.ts';
import { Escalation } from '../scope/escalation.ts';
import { Lingering } from '../scope/lingering.ts';
import { NoWaits } from '../scope/no-waits.ts';
import { type Cancellable, cancelTree } from '../scope/propagate.ts';
import { CLOSED, Scope, type ScopeRunner } from '../scope/scope.ts';
import type { Frame, FrameHolder } from './frame.ts';

/** What a task that can be interrupted needs of its scheduler. */
export interface CancellableTaskHost extends SuspensionHost {
  readonly cleanupGrace: number;
  now(): number;
  addTimer(entry: TimerEntry, due: number): void;
  removeTimer(entry: TimerEntry): void;
  /** Whether anybody listens to `name`: reports that cost something are made only then. */
  listens(name: keyof SchedulerEvents): boolean;
  report<K extends keyof SchedulerEvents>(name: K, event: Parameters<SchedulerEvents[K]>[0]): void;
  /** A failure that nobody is there to receive. */
  unhandled(error: unknown, task: string): void;
}

/** What a race hears of the branch that it made: only so can it tell which of them had ended their waits at the same time. */
export interface Racer {
  /** Its wait has ended. */
  woken(): void;
  /** It runs on. */
  goesOn(): void;
  /** It waits again. */
  waits(): void;
}

/** What is known of a task that was cancelled, or that races; made then, as most tasks never are. */
class Unwinding {
  /** The scope that the code which runs is unwinding for. */
  scope: CancelScope | null = null;
  escalation: Escalation | null = null;
  racer: Racer | null = null;
}

/** How often a cancel is thrown before its task is abandoned. */
const LAST_DELIVERY = 3;

export abstract class CancellableTask extends Scope implements FrameHolder, ScopeRunner, Cancellable {
  /** @internal */
  abstract readonly scheduler: CancellableTaskHost;
  abstract readonly id: number;
  abstract readonly name: string;
  /** Whether the task has settled: it and all that it owned have ended. */
  abstract readonly done: boolean;
  /** @internal The innermost cancel scope. */
  declare innermost: CancelScope;
  /** @internal What the task waits for; stale while it runs. */
  declare wait: Suspension | null;
  /** @internal The innermost explicit frame. */
  declare top: Frame | null;
  #due: CancelScope | null = null;
  #unwinding: Unwinding | null = null;

  constructor() {
    super();
    this.innermost = this;
    this.wait = null;
    this.top = null;
  }

  /** @internal */
  abstract mark(scope: CancelScope, request: CancelRequest): boolean;

  /** @internal */
  abstract neverStart(): void;

  /** @internal Replaces all that the task was running by the end of its scopes. */
  protected abstract closeScopes(scopes: readonly Scope[], error: unknown): void;

  /** @internal */
  woken(_suspension: Suspension): void {
    this.scheduler.enqueue(this);
  }

  /** @internal */
  get runner(): ScopeRunner {
    return this;
  }

  /** @internal */
  get interrupted(): boolean {
    return this.#due !== null;
  }

  /** @internal */
  get mayWait(): boolean {
    return !(this.#due instanceof NoWaits);
  }

  /** @internal The task itself is outermost. */
  get outer(): null {
    return null;
  }

  /** @internal The innermost scope that owns: where `spawn` and `defer` go. */
  get innermostOwner(): Scope {
    let at = this.innermost;
    while (!(at instanceof Scope)) at = at.outer as CancelScope;
    return at;
  }

  /** @internal Whether the code that runs here runs because of a cancel. */
  get unwinding(): boolean {
    return this.#unwinding !== null && this.#unwinding.scope !== null;
  }

  /** @internal Cancels `scope`, a part of this task, and what the scopes inside it own. */
  requestCancel(scope: CancelScope, request: CancelRequest): boolean {
    return cancelTree(this, scope, request);
  }

  /** @internal Finds out again which cancel is due, and breaks the wait if there is one. */
  refresh(): void {
    if (this.#due instanceof NoWaits) return;
    this.#due = this.dueAfter(this.#due);
    if (this.#due !== null) this.break();
    else for (const held of heldByCleanup(this.innermost)) this.escalateFor(held);
  }

  /** A cancel that is due to be thrown once more stays due until it is, or its part of the task is left. */
  private dueAfter(before: CancelScope | null): CancelScope | null {
    if (before !== null && before.deliveries > 0) {
      for (let at: CancelScope | null = this.innermost; at !== null; at = at.outer) if (at === before) return before;
    }
    return dueScope(this.innermost);
  }

  private break(): void {
    const { wait } = this;
    if (wait !== null && wait.state === ARMED && wait.interruptible) wait.interrupt();
  }

  /** @internal */
  takeCancel(): unknown {
    const scope = this.#due as CancelScope;
    if (scope instanceof NoWaits) return scope.error();
    this.#due = null;
    this.unwindings().scope = scope;
    // Everything inside is on its way out with it: a deadline that passes there later must not break the cleanup.
    for (let at = this.innermost; at !== scope; at = at.outer as CancelScope) at.deliveries ||= 1;
    return takeThrown(scope, scope.request as CancelRequest);
  }

  /** @internal */
  takeCancelOf(due: CancelScope): unknown {
    this.#due = due;
    return this.takeCancel();
  }

  /** @internal From now on every wait of this task throws, until `allowWaits` gets what is returned here. */
  forbidWaits(guard: NoWaits): CancelScope | null {
    const before = this.#due;
    this.#due = guard;
    return before;
  }

  /** @internal For what waits only in the end, when it has started other things. */
  checkWaits(): void {
    if (this.#due instanceof NoWaits) throw this.#due.error();
  }

  /** @internal */
  allowWaits(before: CancelScope | null): void {
    this.#due = before instanceof NoWaits ? before : this.dueAfter(before);
  }

  /** @internal Enters a cancel scope; scopes are left in the opposite order. */
  enter(scope: CancelScope): void {
    scope.outer = this.innermost;
    this.innermost = scope;
    if (scope.shielded) this.refresh();
  }

  /** @internal */
  leave(scope: CancelScope): void {
    this.innermost = scope.outer as CancelScope;
    if (this.#unwinding !== null) this.leaveUnwinding(this.#unwinding, scope);
    if (this.nursery !== null && this.nursery.links !== null) this.nursery.links.left(scope);
    if (scope.request !== null || scope.shielded) this.refresh();
  }

  private leaveUnwinding(unwinding: Unwinding, scope: CancelScope): void {
    unwinding.escalation = Escalation.stop(unwinding.escalation, scope);
    if (unwinding.scope === scope) unwinding.scope = unwindingScope(this.innermost);
  }

  /** @internal */
  bodyEnded(scope: CancelScope): void {
    this.nursery?.links?.bodyEnded(scope);
  }

  /** @internal Nothing that unwinds here has more than `ms` from now until its cancel is thrown again. */
  limitGrace(ms: number): void {
    for (const at of this.escalations()) at.limit(ms);
  }

  /** @internal Gives the cleanup that is running `ms` more before its cancel is thrown again. */
  extendGrace(ms: number): void {
    const scope = this.#unwinding?.scope ?? null;
    if (scope === null) return;
    this.escalateFor(scope);
    for (const at of this.escalations()) at.extend(ms);
  }

  /** @internal */
  renewGrace(): void {
    for (const at of this.escalations()) at.renew();
  }

  /** @internal The task has suspended: a cleanup gets its grace, a cancel that came on the way breaks the wait. */
  protected watchSuspended(): void {
    if (this.#unwinding !== null) this.suspendedWith(this.#unwinding);
    if (this.#due !== null) this.break();
  }

  private suspendedWith({ scope, racer }: Unwinding): void {
    if (scope !== null) this.escalateFor(scope);
    if (racer !== null) this.racerSuspended(racer);
  }

  /** @internal */
  protected abstract racerSuspended(racer: Racer): void;

  /** @internal What the race that this task is a branch of hears of it. */
  protected get racer(): Racer | null {
    return this.#unwinding?.racer ?? null;
  }

  protected set racer(racer: Racer) {
    this.unwindings().racer = racer;
  }

  /** @internal */
  protected stopEscalations(): void {
    if (this.#unwinding !== null) this.stopAll(this.#unwinding);
  }

  private escalateFor(scope: CancelScope): void {
    const unwinding = this.unwindings();
    for (let at = unwinding.escalation; at !== null; at = at.outer) if (at.scope === scope) return;
    unwinding.escalation = new Escalation(this, scope, unwinding.escalation);
  }

  private unwindings(): Unwinding {
    this.#unwinding ??= new Unwinding();
    return this.#unwinding;
  }

  /** What runs now, innermost first. */
  private escalations(): Escalation[] {
    const all: Escalation[] = [];
    for (let at = this.#unwinding?.escalation ?? null; at !== null; at = at.outer) all.push(at);
    return all;
  }

  private stopAll(unwinding: Unwinding): void {
    unwinding.escalation = Escalation.stop(unwinding.escalation, null);
  }

  /** @internal The grace of a cleanup has passed: the cancel is thrown again, after the last time the task is abandoned. */
  escalate(scope: CancelScope): boolean {
    const { wait } = this;
    if (wait === null || !wait.interruptible) return true; // waits for children, which have a grace of their own
    const abandoned = scope.deliveries >= LAST_DELIVERY;
    // What was handed to the task, such as a lock, would be lost with it: it runs once more.
    if (abandoned && (wait.state === WOKEN || wait.state === FAILED)) return true;
    this.scheduler.report('cleanup-timeout', { task: this.name, wait: wait.label, abandoned });
    if (abandoned) this.abandon(wait);
    else {
      this.#due = scope;
      this.break();
    }
    return !abandoned;
  }

  private abandon(wait: Suspension): void {
    const error = new CleanupTimeoutError(this.name, wait.label, this.scheduler.cleanupGrace);
    const queued = wait.state !== ARMED;
    if (!queued) wait.disarm();
    // What gives way is shared, and keeps its state.
    if (wait.state !== QUEUED) wait.state = DONE;
    this.wait = null;
    const unwinding = this.unwindings();
    this.stopAll(unwinding);
    const scopes: Scope[] = [];
    for (let at: CancelScope | null = this.innermost; at !== null; at = at.outer) {
      if (at instanceof Scope && at.phase !== CLOSED) scopes.push(at);
    }
    for (let frame = this.top; frame !== null; frame = frame.below) frame.abandoned(this);
    this.nursery?.links?.abandoned();
    this.top = null;
    this.innermost = this;
    this.#due = null;
    this.request ??= { reason: error, requestedBy: 'the escalation', from: null };
    this.deliveries = 1;
    unwinding.scope = this;
    this.closeScopes(scopes, error);
    if (!queued) this.scheduler.enqueue(this);
  }

  /** @internal A part of this task caught its own cancel and went on. */
  reportSwallowed(scope: CancelScope): void {
    this.scheduler.report('swallowed', { task: this.name, reason: scope.request?.reason });
  }

  /** @internal An error took the place of the cancel of a part of this task. */
  reportSuppressed(scope: CancelScope, error: unknown): void {
    this.scheduler.report('suppressed', { task: this.name, error, reason: scope.request?.reason });
  }

  /** @internal */
  reportUnhandled(error: unknown, task: string): void {
    this.scheduler.unhandled(error, task);
  }

  /** @internal */
  watchLingering(scope: Scope): (() => void) | null {
    return this.scheduler.listens('lingering') ? Lingering.watch(this.scheduler, scope) : null;
  }
}

/** The scopes whose cancel has to wait because a cleanup of the runtime is running: its grace starts then. */
function heldByCleanup(innermost: CancelScope): CancelScope[] {
  const held: CancelScope[] = [];
  let cleanup = false;
  for (let at: CancelScope | null = innermost; at !== null && at.deliveries === 0; at = at.outer) {
    if (at.shielded && at.cleanup !== true) break;
    cleanup ||= at.cleanup === true;
    if (cleanup && at.request !== null) held.push(at);
  }
  return held;
}
