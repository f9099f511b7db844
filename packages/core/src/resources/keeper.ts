/**
 * One acquired resource: the task that runs its body, and the entry by which its owner releases it.
 *
 * | state    | meaning                                     | a failure of the body goes to      | next                |
 * | -------- | ------------------------------------------- | ---------------------------------- | ------------------- |
 * | STARTING | the body runs, the acquirer waits           | the acquirer                       | PROVIDED, RELEASED  |
 * | PROVIDED | the body waits in `provide`, the value used | the owner, which it fails          | RELEASED            |
 * | RELEASED | the body cleans up                          | who releases: the end of the owner | -                   |
 *
 * The body's task is no child of the owner: a child would be cancelled first when its scope fails, and what uses the
 * resource would lose it in the middle of its own cleanup. It is ended by the entry alone.
 */
import { type CancelledError, suppressedError } from '../errors.ts';
import { type Operation, Suspension } from '../kernel/operation/suspension.ts';
import type { CancelRequest } from '../kernel/scope/cancel.ts';
import { dropRelease, keepRelease } from '../kernel/scope/releases.ts';
import { type Child, CLEANUP, type Home, PartScope, type Release, type Scope } from '../kernel/scope/scope.ts';
import type { Task } from '../kernel/task/task.ts';

/** The body of a resource: it makes the value, hands it out with `yield* provide(value)`, and cleans up after it. */
export type ResourceBody<T> = (provide: (value: T) => Operation<void>) => Operation<void>;

const STARTING = 0;
const PROVIDED = 1;
const RELEASED = 2;

export class Keeper<T> extends PartScope implements Release {
  task: Task<void> | null = null;
  readonly #body: ResourceBody<T>;
  readonly #name: string;
  #owner: Scope;
  #state = STARTING;
  #acquirer: Provided<T> | null = null;
  #provide: Provide<T> | null = null;
  /** The wait for the end of the body's task. */
  #end: KeeperEnd<T> | null = null;
  /** A failure after `provide` that no owner has heard of yet. */
  #unheard = false;

  constructor(owner: Scope, body: ResourceBody<T>) {
    super();
    this.#owner = owner;
    this.#body = body;
    this.#name = body.name;
  }

  /** Changes when a combinator hands what a branch acquired to the caller's scope. */
  get owner(): Scope {
    return this.#owner;
  }

  set owner(owner: Scope) {
    this.#owner = owner;
    if (this.#unheard) this.#tellOwner();
  }

  get home(): Home {
    return this.#owner.home;
  }

  get label(): string {
    return this.#name === '' ? 'a resource' : `resource ${this.#name}`;
  }

  override get watched(): boolean {
    return false;
  }

  /** The acquirer has begun to wait: starts the body. */
  start(task: Task, acquirer: Provided<T>): void {
    this.#acquirer = acquirer;
    keepRelease(this);
    this.task = task.spawnInto(this, runBody(this), { name: this.#name || undefined, daemon: true });
  }

  /** The operation of the body; its function is called inside of the body's own task. */
  body(): Operation<void> {
    return this.#body((value) => new Provide(this, value));
  }

  get provided(): boolean {
    return this.#state !== STARTING;
  }

  get released(): boolean {
    return this.#state === RELEASED;
  }

  /** The body waits in `provide`: the acquirer goes on. */
  hold(provide: Provide<T>, value: T): void {
    this.#state = PROVIDED;
    this.#provide = provide;
    this.#acquirer?.wake(value);
  }

  letGo(): void {
    this.#provide = null;
  }

  override childSettled(child: Child): void {
    super.childSettled(child);
    if (this.#state === STARTING) this.#acquirer?.fail(this.#failure());
    this.#end?.wake();
  }

  override childFailed(_child: Child): void {
    if (this.#state === PROVIDED) this.#tellOwner();
  }

  /** Fails the owner; one that has come to its cleanups gets the error when it releases this. */
  #tellOwner(): void {
    this.#unheard = this.#owner.phase >= CLEANUP;
    if (!this.#unheard) this.#owner.childFailed(this.task as Task);
  }

  /** Why the body has ended without a value. */
  #failure(): unknown {
    const task = this.task as Task<void>;
    if (task.status !== 'succeeded') return task.error();
    return new Error(`${this.label} ended without a value. Write \`yield* provide(value)\` in its body.`);
  }

  /** The end of the owner: lets the body go on behind `provide` and waits for its end. */
  run(): Operation<void> | void {
    const { task } = this;
    const before = this.#state;
    this.#state = RELEASED;
    if (task === null) return undefined;
    if (task.done) {
      if (this.#unheard) throw task.error();
      return undefined;
    }
    if (before === STARTING) this.#cancel('its acquirer was abandoned', this.home.name);
    this.#provide?.wake();
    return releaseKeeper(this);
  }

  /** The acquirer does not wait any more. */
  give(up: CancelledError): void {
    this.#state = RELEASED;
    this.#cancel(up.reason, up.requestedBy);
    // A `provide` that a shield keeps from the cancel has nobody to wait for either.
    this.#provide?.wake();
  }

  /** The grace of the owner's cleanup has passed. */
  cut(): void {
    this.#cancel('the grace of its release has passed', 'the escalation');
  }

  #cancel(reason: unknown, requestedBy: string): void {
    const request: CancelRequest = { reason, requestedBy, from: null };
    this.task?.cancelBy({ reason, requestedBy, from: { scope: this.label, request } });
  }

  /** Takes the entry back: there is nothing to release. */
  forget(): void {
    dropRelease(this);
  }

  ends(wait: KeeperEnd<T> | null): void {
    this.#end = wait;
  }
}

function* runBody<T>(keeper: Keeper<T>): Generator<Suspension, void, unknown> {
  yield* keeper.body();
}

/** Starts the body and waits for its value. */
export function* acquireKept<T>(keeper: Keeper<T>): Generator<Suspension, T, unknown> {
  try {
    return yield* new Provided(keeper);
  } catch (error) {
    const { task } = keeper;
    if (task === null) throw error;
    if (!task.done) {
      keeper.give(error as CancelledError);
      yield* new KeeperEnd(keeper, false);
    }
    keeper.forget();
    if (task.failed && task.error() !== error) throw suppressedError(task.error(), error);
    throw error;
  }
}

/** Waits for the end of a body that was let go; the escalation of the owner's cleanup reaches the body. */
function* releaseKeeper<T>(keeper: Keeper<T>): Generator<Suspension, void, unknown> {
  const task = keeper.task as Task<void>;
  try {
    yield* new KeeperEnd(keeper, true);
  } catch (error) {
    keeper.cut();
    yield* new KeeperEnd(keeper, false);
    throw task.failed ? suppressedError(task.error(), error) : error;
  }
  if (task.failed) throw task.error();
}

/** The acquirer's wait. */
class Provided<T> extends Suspension<T> {
  readonly #keeper: Keeper<T>;

  constructor(keeper: Keeper<T>) {
    super();
    this.#keeper = keeper;
  }

  get label(): string {
    return `acquire(${this.#keeper.label})`;
  }

  override get waitsFor(): unknown {
    return this.#keeper.task ?? undefined;
  }

  poll(): boolean {
    return false;
  }

  arm(): void {
    this.#keeper.start(this.sink as Task, this);
  }

  disarm(): void {}
}

/** The body's wait for its release. */
class Provide<T> extends Suspension<void> {
  readonly #keeper: Keeper<T>;
  readonly #value: T;

  constructor(keeper: Keeper<T>, value: T) {
    super();
    this.#keeper = keeper;
    this.#value = value;
  }

  get label(): string {
    return `provide() of ${this.#keeper.label}`;
  }

  poll(): boolean {
    const keeper = this.#keeper;
    // The acquirer is gone, and the body shields itself from its cancel: there is nobody to wait for.
    if (keeper.released) return this.finish(undefined);
    if (keeper.provided) throw new Error(`${keeper.label} called provide() a second time. A resource has one value.`);
    return false;
  }

  arm(): void {
    this.#keeper.hold(this, this.#value);
  }

  disarm(): void {
    this.#keeper.letGo();
  }
}

/** The wait for the end of the body's task. */
class KeeperEnd<T> extends Suspension<void> {
  readonly #keeper: Keeper<T>;
  readonly #interruptible: boolean;

  constructor(keeper: Keeper<T>, interruptible: boolean) {
    super();
    this.#keeper = keeper;
    this.#interruptible = interruptible;
  }

  get label(): string {
    return `the release of ${this.#keeper.label}`;
  }

  override get interruptible(): boolean {
    return this.#interruptible;
  }

  override get waitsFor(): unknown {
    return this.#keeper.task ?? undefined;
  }

  poll(): boolean {
    return (this.#keeper.task as Task).done && this.finish(undefined);
  }

  arm(): void {
    this.#keeper.ends(this);
  }

  disarm(): void {
    this.#keeper.ends(null);
  }
}
