/** Waiting for a task: for its result (`yield* task`), or for its teardown (`yield* task.cancel()`). */

import { keepShape } from '../operation/keep-shape.ts';
import { runningOrNull, Suspension } from '../operation/suspension.ts';

/** A task as its joiners see it. */
export interface Joinable<T> {
  readonly done: boolean;
  readonly failed: boolean;
  /** True where a cancel has no part in the failure: it had not reached the task, or the task's own children failed first. */
  readonly failedByItself: boolean;
  readonly label: string;
  readonly outcome: unknown;
  readonly status: string;
  readonly scheduler: unknown;
  /** Set when somebody saw the task's end. */
  observed: boolean;
  /** Set when the failure was delivered so that the owner need not be told. */
  answered: boolean;
  result(): T;
  error(): unknown;
  addJoiner(joiner: Joiner<T>): void;
  removeJoiner(joiner: Joiner<T>): void;
}

/** Is told once that a task has settled. */
export interface Joiner<T> {
  settled(task: Joinable<T>): void;
}

/** Refuses a wait of the running task for itself, and for a task of another scheduler. */
export function checkJoin(task: Joinable<unknown>): void {
  const running = runningOrNull() as unknown;
  if (running === task) {
    throw new Error(
      `${task.label} waits for itself, which would never end. Use \`return\` to end it, or \`currentTask().cancel()\`.`,
    );
  }
  const scheduler = (running as Joinable<unknown> | null)?.scheduler;
  if (scheduler !== undefined && scheduler !== task.scheduler) {
    throw new TypeError(`${task.label} belongs to another scheduler. Join it from a task of its own scheduler.`);
  }
}

export class JoinWait<T> extends Suspension<T> implements Joiner<T> {
  readonly #task: Joinable<T>;

  constructor(task: Joinable<T>) {
    super();
    this.#task = task;
  }

  get label(): string {
    return this.#task.label;
  }

  override get waitsFor(): unknown {
    return this.#task;
  }

  poll(): boolean {
    const task = this.#task;
    checkJoin(task);
    if (!task.done) return false;
    task.observed = true;
    return this.finish(task.result());
  }

  arm(): void {
    this.#task.addJoiner(this);
  }

  disarm(): void {
    this.#task.removeJoiner(this);
  }

  settled(task: Joinable<T>): void {
    task.observed = true;
    if (task.status === 'succeeded') this.wake(task.outcome as T);
    else this.fail(task.error());
  }
}

keepShape(new JoinWait(undefined as never));

export class TeardownWait extends Suspension<boolean> implements Joiner<unknown> {
  readonly #task: Joinable<unknown>;
  readonly #changed: boolean;

  constructor(task: Joinable<unknown>, changed: boolean) {
    super();
    this.#task = task;
    this.#changed = changed;
  }

  get label(): string {
    return `the teardown of ${this.#task.label}`;
  }

  /** The cancel was requested when this was made. */
  override get mustStart(): boolean {
    return false;
  }

  override get waitsFor(): unknown {
    return this.#task;
  }

  poll(): boolean {
    return (this.#task.done || this.isOwnOrAncestor()) && this.finish(this.#changed);
  }

  /** A task that waits for itself, or for a task that waits for it, would never end. */
  private isOwnOrAncestor(): boolean {
    let at = runningOrNull() as (Ancestry & object) | null;
    while (at !== null) {
      if ((at as unknown) === this.#task) return true;
      at = (at.owner?.runner as Ancestry | undefined) ?? null;
    }
    return false;
  }

  arm(): void {
    this.#task.addJoiner(this as Joiner<unknown>);
  }

  disarm(): void {
    this.#task.removeJoiner(this as Joiner<unknown>);
  }

  settled(task: Joinable<unknown>): void {
    if (task.failed && !task.failedByItself) {
      task.observed = true;
      task.answered = true;
      this.fail(task.error());
    } else this.wake(this.#changed);
  }
}

interface Ancestry {
  readonly owner: { readonly runner: unknown } | null;
}
