/**
 * One acquired resource: the task that runs its body, and the entry by which its owner releases it.
 *
 * | state    | meaning                                     | a failure of the body goes to      | next                |
 * | -------- | ------------------------------------------- | ---------------------------------- | ------------------- |
 * | STARTING | the body runs, the acquirer waits           | the acquirer                       | PROVIDED, RELEASED  |
 * | PROVIDED | the body waits in `provide`, the value used | the owner, which it fails          | RELEASED            |
 * | RELEASED | the body cleans up                          | the end of the owner, which waits | -                   |
 *
 * The body's task is not a child of the owner: a child would be cancelled first when its scope fails, and what uses the
 * resource would lose it in the middle of its own cleanup. It is ended by the entry alone.
 */

import { type CancelledError, suppressedError } from '../errors.ts';
import { checkMade } from '../kernel/operation/check-operation.ts';
import { Notify } from '../kernel/operation/notify.ts';
import { type Operation, Suspension } from '../kernel/operation/suspension.ts';
import type { CancelRequest } from '../kernel/scope/cancel.ts';
import { keepRelease, removeRelease } from '../kernel/scope/releases.ts';
import { type Child, CLEANUP, PartScope, type Release, type Scope, type ScopeRunner } from '../kernel/scope/scope.ts';
import { taskOf } from '../kernel/task/current.ts';
import type { Task } from '../kernel/task/task.ts';

/** The body of a resource: it makes the value, hands it out with `yield* provide(value)`, and cleans up after it. */
export type ResourceBody<T> = (provide: (value: T) => Operation<void>) => Operation<void>;

/** How a resource is written. */
export const RESOURCE_CALL = 'resource(function* (provide) { yield* provide(…); })';

const STARTING = 0;
const PROVIDED = 1;
const RELEASED = 2;

export class HeldResource<T> extends PartScope implements Release {
  at = -1;
  task: Task<void> | null = null;
  readonly #body: ResourceBody<T>;
  readonly #name: string;
  #owner: Scope;
  #state = STARTING;
  #acquirer: Provided<T> | null = null;
  #provide: Provide<T> | null = null;
  /** The end of the body's task. */
  readonly #end = new Notify();
  /** A failure after `provide` that no owner was told of yet. */
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

  get runner(): ScopeRunner {
    return this.#owner.runner;
  }

  get label(): string {
    return this.#name === '' ? 'a resource' : `resource ${this.#name}`;
  }

  override get watched(): boolean {
    return false;
  }

  /** Starts the body and waits for its value. */
  *acquire(): Generator<Suspension, T, unknown> {
    try {
      return yield* new Provided(this);
    } catch (error) {
      const { task } = this;
      if (task === null) throw error;
      if (!task.done) {
        this.#abandon(error as CancelledError);
        yield* this.#watchEnd(task, false);
      }
      // There is nothing to release.
      removeRelease(this);
      if (task.failed && task.error() !== error) throw suppressedError(task.error(), error);
      throw error;
    }
  }

  /** The acquirer has begun to wait: starts the body. */
  start(task: Task, acquirer: Provided<T>): void {
    this.#acquirer = acquirer;
    keepRelease(this);
    this.task = task.spawnInto(this, this.#runBody(), { name: this.#name || undefined, daemon: true });
  }

  /** The body's function is called inside of the body's own task. */
  *#runBody(): Generator<Suspension, void, unknown> {
    yield* checkMade(
      RESOURCE_CALL,
      this.#body((value) => new Provide(this, value)),
    );
  }

  /** The body waits in `provide`: the acquirer goes on. */
  provided(provide: Provide<T>, value: T): void {
    this.#state = PROVIDED;
    this.#provide = provide;
    this.#acquirer?.wake(value);
  }

  /** The body does not wait in `provide` any more. */
  unprovided(): void {
    this.#provide = null;
  }

  /** Whether a `provide` that begins now has nobody to wait for; refuses a second one. */
  providesInVain(): boolean {
    // The acquirer was abandoned, and the body shields itself from its cancel.
    if (this.#state === RELEASED) return true;
    if (this.#state === STARTING) return false;
    throw new Error(`${this.label} called provide() a second time. A resource has one value.`);
  }

  override childSettled(child: Child): void {
    super.childSettled(child);
    if (this.#state === STARTING) this.#acquirer?.fail(this.#failure());
    this.#end.check();
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
    if (before === STARTING) this.#cancel('its acquirer was abandoned', this.runner.name);
    this.#provide?.wake();
    return this.#release(task);
  }

  /** The acquirer does not wait any more. */
  #abandon(cancel: CancelledError): void {
    this.#state = RELEASED;
    this.#cancel(cancel.reason, cancel.requestedBy);
    // A `provide` that a shield keeps from the cancel has nobody to wait for either.
    this.#provide?.wake();
  }

  /** Waits for the end of a body that may clean up; the escalation of the owner's cleanup reaches the body. */
  *#release(task: Task<void>): Generator<Suspension, void, unknown> {
    try {
      yield* this.#watchEnd(task, true);
    } catch (error) {
      this.#forceCancel();
      yield* this.#watchEnd(task, false);
      throw task.failed ? suppressedError(task.error(), error) : error;
    }
    if (task.failed) throw task.error();
  }

  /** A wait for the end of the body's task. */
  #watchEnd(task: Task<void>, interruptible: boolean): Operation<void> {
    const options = { value: undefined, interruptible, waitsFor: task };
    return this.#end.until(`the release of ${this.label}`, () => task.done, options);
  }

  /** The grace of the owner's cleanup has passed. */
  #forceCancel(): void {
    this.#cancel('the grace of its release has passed', 'the escalation');
  }

  #cancel(reason: unknown, requestedBy: string): void {
    const request: CancelRequest = { reason, requestedBy, from: null };
    this.task?.cancelBy({ reason, requestedBy, from: { scope: this.label, request } });
  }
}

/** The acquirer's wait. */
class Provided<T> extends Suspension<T> {
  readonly #resource: HeldResource<T>;

  constructor(resource: HeldResource<T>) {
    super();
    this.#resource = resource;
  }

  get label(): string {
    return `acquire(${this.#resource.label})`;
  }

  override get waitsFor(): unknown {
    return this.#resource.task ?? undefined;
  }

  poll(): boolean {
    return false;
  }

  arm(): void {
    this.#resource.start(taskOf(this.sink), this);
  }

  disarm(): void {}
}

/** The body's wait for its release. */
class Provide<T> extends Suspension<void> {
  readonly #resource: HeldResource<T>;
  readonly #value: T;

  constructor(resource: HeldResource<T>, value: T) {
    super();
    this.#resource = resource;
    this.#value = value;
  }

  get label(): string {
    return `provide() of ${this.#resource.label}`;
  }

  poll(): boolean {
    return this.#resource.providesInVain() && this.finish(undefined);
  }

  arm(): void {
    this.#resource.provided(this, this.#value);
  }

  disarm(): void {
    this.#resource.unprovided();
  }
}
