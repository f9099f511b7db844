/** `attempt`: a frame that turns a failure into a value, unless it is a cancel of its own task. */
import { checkOnlyOperation } from '../operation/check-operation.ts';
import { refuseMore } from '../operation/options.ts';
import type { Operation } from '../operation/suspension.ts';
import { isOwnCancel } from '../scope/cancel.ts';
import { Frame, iterate, type Steps } from './frame.ts';
import type { Task } from './task.ts';

/** What `attempt` returns. */
export type Attempt<T> = { ok: true; value: T } | { ok: false; error: unknown };

/** An operation that could not be started, such as one that was used before: a failure like any other. */
class Failing {
  readonly #error: unknown;

  constructor(error: unknown) {
    this.#error = error;
  }

  next(): never {
    throw this.#error;
  }
}

class AttemptFrame<T> extends Frame<Attempt<T>> {
  readonly #operation: Operation<T>;

  constructor(operation: Operation<T>) {
    super();
    this.#operation = operation;
  }

  get label(): string {
    return 'attempt()';
  }

  protected open(): Steps {
    try {
      return iterate(this.#operation);
    } catch (error) {
      return new Failing(error);
    }
  }

  override end(task: Task, failed: boolean, outcome: unknown): void {
    if (!failed) this.settle(false, { ok: true, value: outcome });
    else if (isOwnCancel(outcome, task.innermost)) this.settle(true, outcome);
    else this.settle(false, { ok: false, error: outcome });
  }
}

/**
 * Turns a failure into a value.
 *
 * Cancellation: the cancel of the running task, and of every deadline and group around it, is never captured; the
 * `CancelledError` of a task that was joined is an ordinary failure and is.
 *
 * @returns `{ ok: true, value }` or `{ ok: false, error }`
 * @example
 * ```ts
 * import { attempt, run } from '@coloop/core';
 *
 * function* risky() {
 *   throw new Error('no luck');
 * }
 *
 * await run(function* () {
 *   const tried = yield* attempt(risky());
 *   console.log(tried.ok); //> false
 * });
 * ```
 * Source: `Promise.allSettled` for one; Kotlin's `runCatching`, without its flaw of capturing cancels.
 */
export function attempt<T>(operation: Operation<T>): Operation<Attempt<T>>;
export function attempt<T>(operation: Operation<T>, ...more: unknown[]): Operation<Attempt<T>> {
  refuseMore('attempt(op)', more);
  return new AttemptFrame(checkOnlyOperation('attempt', operation));
}
