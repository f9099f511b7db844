/**
 * A task: a body that runs step by step, and the scope of what it spawns.
 *
 * | status     | meaning                                              | next                              |
 * | ---------- | ---------------------------------------------------- | --------------------------------- |
 * | ready      | queued                                               | running, cancelled (before start) |
 * | running    | its step is on the native stack                      | ready, waiting, a settled one     |
 * | waiting    | armed a suspension                                   | ready                             |
 * | cancelling | any of the above after a request to cancel the task  | a settled one                     |
 * | succeeded, failed, cancelled | settled                            | -                                 |
 */

import { type CancelledError, keepMessage } from '../../errors.ts';
import { keepShape } from '../operation/keep-shape.ts';
import { neverRun } from '../operation/never-run.ts';
import { type Selectable, selectable } from '../operation/selectable.ts';
import { asText, INSPECT, type Inspect, inspected } from '../operation/shown.ts';
import {
  ARMED,
  type Body,
  HOST_TURN,
  isYielded,
  type Operation,
  QUEUED,
  runningOrNull,
  Suspension,
} from '../operation/suspension.ts';
import { type CancelRequest, type CancelScope, holds, NOTHING_LEFT, replaceThrown, toError } from '../scope/cancel.ts';
import { closeAbandoned, closeScope } from '../scope/close.ts';
import { cancelTree } from '../scope/propagate.ts';
import { type Child, CLOSED, OPEN, type Scope } from '../scope/scope.ts';
import { leftTask } from '../stack/trail.ts';
import { CancellableTask, type CancellableTaskHost, type Racer } from './cancellation.ts';
import { advance, type Frame, iterate, type Steps } from './frame.ts';
import { type Joiner, JoinWait, TeardownWait } from './join.ts';
import { explainOverflow } from './overflow.ts';

/** What a task needs of its scheduler. */
export interface TaskHost extends CancellableTaskHost {
  nextId(): number;
  /** Ends the slice in the middle of a step of `task`, which goes on before all others in the next one. */
  giveHostTurn(task: Task): void;
  /** A task without an owner has settled. */
  rootSettled(task: Task): void;
}

/** The host's own context, such as `AsyncLocalStorage`: one snapshot is taken per spawn, and every step runs in it. */
export interface ContextCarrier {
  snapshot(): (step: () => void) => void;
}

/** What a task may be given at its start. */
export interface TaskOptions {
  /** How reports call it; by default the name of the function or coroutine, else its number. */
  name?: string | undefined;
  /** A daemon does not keep its scope open: it is cancelled when the others have ended. */
  daemon?: boolean | undefined;
}

export type TaskStatus = 'ready' | 'running' | 'waiting' | 'cancelling' | 'succeeded' | 'failed' | 'cancelled';

const NEW = 0;
const READY = 1;
const RUNNING = 2;
const WAITING = 3;
/** The same of a branch of `race`; numbers of their own, so that no other task is asked whether it races. */
const RACER_READY = 4;
const RACER_WAITING = 5;
const SUCCEEDED = 6;
const FAILED = 7;
const CANCELLED = 8;

const STATUS: readonly TaskStatus[] = [
  'ready',
  'ready',
  'running',
  'waiting',
  'ready',
  'waiting',
  'succeeded',
  'failed',
  'cancelled',
];

const DAEMON = 1;
const OBSERVED = 2;
const ANSWERED = 4;
const BRANCH = 8;

/**
 * A running piece of work; `yield* task` waits for its result, any number of times, and never cancels it.
 *
 * Made by `spawn`, `group.spawn` and the combinators.
 */
export class Task<T = unknown> extends CancellableTask implements Operation<T>, Selectable<T>, Child {
  readonly id: number;
  /** @internal */
  readonly scheduler: TaskHost;
  /** @internal */
  readonly owner: Scope | null;
  /** @internal */
  prevSibling: Child | null = null;
  /** @internal */
  nextSibling: Child | null = null;
  /** @internal The ready queue is an intrusive list. */
  nextReady: Task | null = null;
  /** @internal Values of context variables; copied on write, shared with children. */
  context: ReadonlyMap<unknown, unknown> | null;
  #status = NEW;
  #flags: number;
  /** The body before the start, then what is iterated, in the end the outcome. */
  #work: unknown;
  #name: string | undefined;
  /** One joiner, which is the common case, or several. */
  #joiners: Joiner<T> | Set<Joiner<T>> | null = null;

  /** @internal Use `spawn`. */
  constructor(
    scheduler: TaskHost,
    owner: Scope | null,
    body: unknown,
    options: TaskOptions | undefined,
    context: ReadonlyMap<unknown, unknown> | null,
  ) {
    super();
    this.scheduler = scheduler;
    this.owner = owner;
    this.id = scheduler.nextId();
    this.#flags = own(options, 'daemon') === true ? DAEMON : 0;
    this.#name = own(options, 'name') ?? nameOf(body);
    this.#work = body;
    this.context = context;
  }

  /** How reports call this task. */
  get name(): string {
    return this.#name ?? `task-${this.id}`;
  }

  /** @internal */
  get label(): string {
    return `task ${this.name}`;
  }

  get status(): TaskStatus {
    if (this.#status < SUCCEEDED && this.request !== null) return 'cancelling';
    return STATUS[this.#status] as TaskStatus;
  }

  /** Whether the task has settled: it and all that it owned have ended. */
  get done(): boolean {
    return this.#status >= SUCCEEDED;
  }

  /** @internal */
  get failed(): boolean {
    return this.#status === FAILED;
  }

  /** @internal */
  get failedByItself(): boolean {
    return this.failed && (this.thrown === null || this.nursery?.failedBy === this.request);
  }

  /** @internal The value, or the error of a task that failed. */
  get outcome(): unknown {
    return this.#status >= SUCCEEDED ? this.#work : undefined;
  }

  /** @internal What it iterates below all frames of its stack; null before the start and after the end. */
  get root(): Steps | null {
    return this.#status === NEW || this.#status >= SUCCEEDED ? null : (this.#work as Steps);
  }

  /** @internal What carries the host's own context along, where it has to follow. */
  get carrier(): ContextCarrier | null {
    return null;
  }

  /** Whether a cancel of this task was asked for. */
  get cancelRequested(): boolean {
    return this.request !== null;
  }

  /** @internal */
  get daemon(): boolean {
    return (this.#flags & DAEMON) !== 0;
  }

  /** @internal */
  override get keepsReleases(): boolean {
    return (this.#flags & BRANCH) !== 0;
  }

  /** @internal Makes this task a branch of a combinator. */
  makeBranch(): this {
    this.#flags |= BRANCH;
    return this;
  }

  /** @internal Set when somebody saw the end of this task. */
  get observed(): boolean {
    return (this.#flags & OBSERVED) !== 0;
  }

  set observed(_seen: true) {
    this.#flags |= OBSERVED;
    if (this.#status === FAILED && this.owner !== null) this.owner.failureSeen(this);
  }

  /** @internal Set when the failure reached somebody, so that the owner need not be told. */
  get answered(): boolean {
    return (this.#flags & ANSWERED) !== 0;
  }

  set answered(_seen: true) {
    this.#flags |= ANSWERED;
  }

  /**
   * The value of a task that has succeeded.
   *
   * @throws its error when it has failed, `CancelledError` when it was cancelled, an `Error` while it has not ended.
   */
  result(): T {
    if (this.#status === SUCCEEDED) return this.#work as T;
    if (this.#status < SUCCEEDED) {
      throw new Error(`${this.label} has not ended (it is ${this.status}). Wait for it with \`yield* task\`.`);
    }
    throw this.error();
  }

  /** @internal The error of a task that has failed or was cancelled. */
  error(): unknown {
    if (this.#status === CANCELLED) {
      this.#work ??= toError(this.request as CancelRequest);
      const error = this.#work as CancelledError;
      if (keepMessage(error)) leftTask(error, this.id, () => this.lineOfEnd());
    }
    return this.outcome;
  }

  /** What `console.log` and `JSON.stringify` show of a task. */
  toJSON(): Record<string, unknown> {
    const { name, status } = this;
    const waits = this.#status === WAITING && this.wait !== null;
    return waits ? { name, status, waitsFor: this.wait?.label } : { name, status };
  }

  override toString(): string {
    return asText('Task', this.toJSON());
  }

  /** @internal */
  [INSPECT](_depth: number, options: unknown, inspect?: Inspect): string {
    return inspected('Task', this.toJSON(), options, inspect);
  }

  /**
   * Asks the task to end: at once, before anything is waited for. Its wait throws `CancelledError`, its cleanups run
   * to their end within the grace. The operation that is returned, if yielded, waits for that and throws only an error
   * of the teardown; a failure that the task had by itself goes to its owner. Its value is false where nothing was changed
   * (the task had ended, or was cancelled already).
   *
   * @param reason why; carried by the error and by reports.
   */
  cancel(reason?: unknown): Operation<boolean> {
    const by = runningOrNull() as Task | null;
    const changed = this.cancelBy({ reason, requestedBy: by === null ? 'the host' : by.label, from: null });
    return new TeardownWait(this, changed);
  }

  /** @internal */
  cancelBy(request: CancelRequest): boolean {
    return cancelTree(this, this, request);
  }

  /** @internal */
  mark(scope: CancelScope, request: CancelRequest): boolean {
    if (scope.request !== null || this.done) return false;
    scope.request = request;
    if (scope === this && this.scheduler.listens('cancelled')) {
      this.scheduler.report('cancelled', { task: this, reason: request.reason, requestedBy: request.requestedBy });
    }
    if (this.#status === NEW && this.nursery === null) return false;
    this.nursery?.links?.cancelled(scope, request);
    return true;
  }

  /** @internal Nothing runs, not even the first line of its body. */
  neverStart(): void {
    if (this.#status === NEW && this.nursery === null && this.request !== null) this.settle(CANCELLED, undefined);
  }

  /** @internal Takes a step in the context that belongs to this task; called by the scheduler only. */
  run(): void {
    this.step();
  }

  /** Runs until the next wait or the end. */
  protected step(): void {
    if (this.#status === NEW) {
      if (!this.begin()) return;
    } else if (this.#status !== READY && !this.racerGoesOn()) return;
    this.#status = RUNNING;
    for (;;) {
      const frame = this.top;
      let result: IteratorResult<Suspension, unknown>;
      try {
        result = advance((frame === null ? this.#work : frame.steps) as Steps);
      } catch (error) {
        explainOverflow(error, frame);
        if (!this.frameEnded(frame, true, error)) return;
        continue;
      }
      if (isYielded(result) || !result.done) {
        // A frame that is to be started first is on the stack already.
        if (this.wait === null) continue;
        this.suspended();
        return;
      }
      if (!this.frameEnded(frame, false, result.value)) return;
    }
  }

  private begin(): boolean {
    this.#status = RUNNING;
    try {
      const body = this.#work;
      this.#work = iterate(typeof body === 'function' ? body() : body);
      return true;
    } catch (error) {
      return this.frameEnded(null, true, error);
    }
  }

  private suspended(): void {
    const { state } = this.wait as Suspension;
    this.#status = state === ARMED ? WAITING : READY;
    if (state === QUEUED) {
      if (this.wait === HOST_TURN) this.scheduler.giveHostTurn(this);
      else this.scheduler.enqueue(this);
    }
    this.watchSuspended();
  }

  /** @internal The scheduler has queued this task. */
  queued(): void {
    if (this.#status === WAITING) this.#status = READY;
    else if (this.#status === RACER_WAITING) this.racerWoken();
  }

  /** @internal Lets a race hear when this branch of it waits, is woken and goes on; after its start only. */
  race(racer: Racer): void {
    this.racer = racer;
  }

  protected racerSuspended(racer: Racer): void {
    if (this.#status === WAITING) this.#status = RACER_WAITING;
    else this.racerWoken();
    racer.waits();
  }

  private racerWoken(): void {
    this.#status = RACER_READY;
    this.racer?.woken();
  }

  private racerGoesOn(): boolean {
    if (this.#status !== RACER_READY) return false;
    this.racer?.goesOn();
    return true;
  }

  /** A frame, or the body, has ended; true when there is more to run. */
  private frameEnded(frame: Frame | null, failed: boolean, outcome: unknown): boolean {
    if (frame !== null) {
      this.top = frame.below;
      frame.below = null;
      frame.steps = null;
      frame.end(this, failed, outcome);
      return true;
    }
    if (!failed && this.phase === OPEN && typeof outcome === 'object' && outcome !== null) {
      const mistake = neverRun(this.label, this.#work, outcome);
      if (mistake !== null) return this.frameEnded(null, true, mistake);
    }
    if (this.nursery !== null && this.phase === OPEN) {
      this.#work = closeScope(this, { failed, outcome, at: 0 });
      return true;
    }
    this.settleAs(failed, outcome);
    return false;
  }

  private settleAs(failed: boolean, outcome: unknown): void {
    const { thrown } = this;
    if (!failed) {
      if (thrown !== null) this.reportSwallowed(this);
      this.settle(SUCCEEDED, outcome);
    } else if (thrown !== null && holds(outcome, thrown)) {
      const rest = replaceThrown(outcome, thrown);
      if (rest === NOTHING_LEFT) this.settle(CANCELLED, thrown);
      else this.failWith(rest);
    } else {
      if (thrown !== null && (this.nursery?.failures.length ?? 0) === 0) this.reportSuppressed(this, outcome);
      this.failWith(outcome);
    }
  }

  private failWith(error: unknown): void {
    leftTask(error, this.id, () => this.lineOfEnd());
    this.settle(FAILED, error);
  }

  /** What a stack says where an error has left this task; in debug also where it was spawned. */
  private lineOfEnd(): string {
    const label = this.owner?.nameOf(this) ?? this.label;
    const place = this.scheduler.log?.placeOf(this) ?? null;
    return place === null ? label : `${label} (${place})`;
  }

  private settle(status: number, outcome: unknown): void {
    this.#status = status;
    this.#work = outcome;
    this.phase = CLOSED;
    this.wait = null;
    this.stopEscalations();
    const { scheduler } = this;
    const joiners = this.#joiners;
    this.#joiners = null;
    if (joiners instanceof Set) for (const joiner of joiners) joiner.settled(this);
    else if (joiners !== null) joiners.settled(this);
    if (scheduler.listens('settled')) scheduler.report('settled', { task: this, status: this.status });
    if (this.owner === null) scheduler.rootSettled(this as Task);
    else this.owner.childSettled(this);
  }

  /** @internal Calls `then` once when the task has settled, before its owner is told. */
  whenSettled(then: () => void): void {
    if (this.done) then();
    else this.addJoiner({ settled: then });
  }

  /** @internal Starts `body` as a child in `scope`, a scope of this task; it sees the context of the task that spawns it. */
  spawnInto<C>(scope: Scope, body: Body<C>, options: TaskOptions | undefined, context = this.context): Task<C> {
    const { scheduler } = this;
    const nursery = scope.open('A task was to be spawned');
    const child = makeTask<C>(scheduler, scope, body, options, context, this.carrier);
    if (scheduler.log !== null) scheduler.log.mark(child);
    nursery.add(child);
    if (scheduler.listens('spawned')) scheduler.report('spawned', { task: child, parent: this.name });
    scheduler.enqueue(child);
    return child;
  }

  /** @internal */
  addJoiner(joiner: Joiner<T>): void {
    const joiners = this.#joiners;
    if (joiners === null) this.#joiners = joiner;
    else if (joiners instanceof Set) joiners.add(joiner);
    else this.#joiners = new Set([joiners, joiner]);
  }

  /** @internal */
  removeJoiner(joiner: Joiner<T>): void {
    const joiners = this.#joiners;
    if (joiners === joiner) this.#joiners = null;
    else if (joiners instanceof Set) joiners.delete(joiner);
  }

  protected closeScopes(scopes: readonly Scope[], error: unknown): void {
    this.#work = closeAbandoned(scopes, error);
  }

  [Symbol.iterator](): Iterator<Suspension, T, unknown> {
    return new JoinWait<T>(this);
  }

  /** @internal As a branch of `select`: its result. */
  [selectable](): Suspension<T> {
    return new JoinWait<T>(this);
  }
}

keepShape(new Task({ nextId: () => 0 } as never, null, undefined, undefined, null));

/** A task that runs every step in a snapshot of the host's context, taken when the task was made. */
class CarriedTask<T> extends Task<T> {
  readonly #carrier: ContextCarrier;
  readonly #within: (step: () => void) => void;
  readonly #step = (): void => this.step();

  constructor(carrier: ContextCarrier, ...rest: ConstructorParameters<typeof Task>) {
    super(...rest);
    this.#carrier = carrier;
    this.#within = carrier.snapshot();
  }

  override get carrier(): ContextCarrier {
    return this.#carrier;
  }

  override run(): void {
    this.#within(this.#step);
  }
}

/** Makes a task; where there is a carrier, one that keeps the host's context. */
export function makeTask<T>(
  scheduler: TaskHost,
  owner: Scope | null,
  body: unknown,
  options: TaskOptions | undefined,
  context: ReadonlyMap<unknown, unknown> | null,
  carrier: ContextCarrier | null,
): Task<T> {
  if (carrier === null) return new Task<T>(scheduler, owner, body, options, context);
  return new CarriedTask<T>(carrier, scheduler, owner, body, options, context);
}

/** An option; a property of `Object.prototype` does not count. */
function own<K extends keyof TaskOptions>(options: TaskOptions | undefined, key: K): TaskOptions[K] {
  return options !== undefined && Object.hasOwn(options, key) ? options[key] : undefined;
}

function nameOf(body: unknown): string | undefined {
  if (typeof body === 'function') return body.name || undefined;
  return body instanceof Suspension ? body.taskName : undefined;
}
