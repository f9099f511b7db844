/**
 * The part of a task that has a deadline: what `timeout` and `moveOnAfter` are made of.
 *
 * It is a frame of the task's own stack, a cancel scope and a timer entry in one object. When the deadline passes, this
 * scope is asked to cancel; only the frame whose deadline fired turns the cancel into a timeout when it comes back here.
 */
import type { CancelledError } from '../errors.ts';
import type { TimerEntry } from '../kernel/clock/timers.ts';
import { checkOperation } from '../kernel/operation/check-operation.ts';
import { checkDuration } from '../kernel/operation/options.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import { type CancelRequest, type CancelScope, holds, replaceThrown } from '../kernel/scope/cancel.ts';
import { Frame, iterate, type Steps } from '../kernel/task/frame.ts';
import type { Task } from '../kernel/task/task.ts';

/** A running deadline, as the body of `timeout` or `moveOnAfter` gets it. */
export interface Deadline {
  /** When it passes, on the scheduler's clock in ms; Infinity for never. */
  readonly at: number;
  /** Whether it has passed. */
  readonly expired: boolean;
  /**
   * Moves the deadline.
   *
   * @param ms from now on, in milliseconds; null takes the deadline away
   * @throws Error after the deadline has passed or its body has ended.
   */
  reschedule(ms: number | null): void;
}

/** What may run under a deadline. */
export type DeadlineBody<T> = Operation<T> | ((deadline: Deadline) => Operation<T>);

const EXPIRED = 'the deadline has passed';

export abstract class DeadlineFrame<T, R> extends Frame<R> implements CancelScope, TimerEntry, Deadline {
  outer: CancelScope | null = null;
  request: CancelRequest | null = null;
  thrown: CancelledError | null = null;
  deliveries = 0;
  at: number;
  slot = -1;
  protected readonly ms: number;
  readonly #body: DeadlineBody<T>;
  #task: Task | null = null;
  #ended = false;

  constructor(what: string, call: string, ms: number, body: DeadlineBody<T>) {
    super();
    this.ms = checkDuration(what, ms);
    this.#body = checkOperation(call, body);
    this.at = Number.POSITIVE_INFINITY;
  }

  get shielded(): boolean {
    return false;
  }

  get expired(): boolean {
    return this.request !== null;
  }

  reschedule(ms: number | null): void {
    const task = this.#task;
    if (task === null || this.#ended || this.request !== null) {
      throw new Error(
        `A deadline can be moved only before it has passed and while its body runs; this one ${this.request !== null ? 'has passed' : 'is not running'}.`,
      );
    }
    const delay = ms === null ? Number.POSITIVE_INFINITY : checkDuration('reschedule', ms);
    task.scheduler.removeTimer(this);
    this.setFor(task, delay);
  }

  private setFor(task: Task, delay: number): void {
    this.at = Number.POSITIVE_INFINITY;
    if (delay === Number.POSITIVE_INFINITY) return;
    this.at = task.scheduler.now() + delay;
    if (delay > 0) task.scheduler.addTimer(this, this.at);
    else this.expire(task);
  }

  fire(): void {
    this.expire(this.#task as Task);
  }

  private expire(task: Task): void {
    task.requestCancel(this, { reason: EXPIRED, requestedBy: this.label, from: null });
  }

  protected open(task: Task): Steps {
    this.#task = task;
    task.enter(this);
    this.setFor(task, this.ms);
    const body = this.#body;
    try {
      return iterate(typeof body === 'function' ? checkOperation(this.call, body(this)) : body);
    } catch (error) {
      this.leave(task);
      throw error;
    }
  }

  private leave(task: Task): void {
    this.#ended = true;
    task.scheduler.removeTimer(this);
    task.leave(this);
  }

  override abandoned(task: Task): void {
    task.scheduler.removeTimer(this);
  }

  override end(task: Task, failed: boolean, outcome: unknown): void {
    this.leave(task);
    const { thrown } = this;
    if (!failed) {
      if (thrown !== null) task.reportSwallowed(this);
      this.finished(outcome as T);
    } else if (thrown === null) {
      this.settle(true, outcome);
    } else if (outcome === thrown) {
      this.timedOut();
    } else if (holds(outcome, thrown)) {
      this.settle(true, replaceThrown(outcome, thrown, this.timeoutError()));
    } else {
      task.reportSuppressed(this, outcome);
      this.settle(true, outcome);
    }
  }

  /** How the word is written, with `…` for the body. */
  protected abstract get call(): string;

  /** The body ended in time. */
  protected abstract finished(value: T): void;

  /** The deadline ended the body. */
  protected abstract timedOut(): void;

  /** The error of a deadline that passed while a cleanup failed. */
  protected abstract timeoutError(): unknown;
}
