/** `shield`: a frame that is a cancel scope through which no cancel from outside passes. */
import type { TimerEntry } from '../kernel/clock/timers.ts';
import { checkOnlyOperation } from '../kernel/operation/check-operation.ts';
import { readOptions, refuseMore } from '../kernel/operation/options.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import type { CancelScope } from '../kernel/scope/cancel.ts';
import { Frame, iterate, type Steps } from '../kernel/task/frame.ts';
import type { Task } from '../kernel/task/task.ts';

/** What `shield` may be given. */
export interface ShieldOptions {
  /** How long the protection lasts, in ms; without end by default. In a cleanup, how much its grace grows. */
  timeout?: number | undefined;
}

class ShieldFrame<T> extends Frame<T> implements CancelScope, TimerEntry {
  outer: CancelScope | null = null;
  request = null;
  thrown = null;
  deliveries = 0;
  shielded = true;
  slot = -1;
  readonly #operation: Operation<T>;
  readonly #timeout: number;
  #task: Task | null = null;

  constructor(operation: Operation<T>, timeout: number) {
    super();
    this.#operation = operation;
    this.#timeout = timeout;
  }

  get label(): string {
    return 'shield()';
  }

  protected open(task: Task): Steps {
    const steps = iterate(this.#operation);
    this.#task = task;
    task.enter(this);
    if (this.#timeout !== Number.POSITIVE_INFINITY) {
      if (task.unwinding) task.extendGrace(this.#timeout);
      task.scheduler.addTimer(this, task.scheduler.now() + this.#timeout);
    }
    return steps;
  }

  fire(): void {
    this.shielded = false;
    this.#task?.refresh();
  }

  override abandoned(task: Task): void {
    task.scheduler.removeTimer(this);
  }

  override end(task: Task, failed: boolean, outcome: unknown): void {
    task.scheduler.removeTimer(this);
    this.shielded = true;
    task.leave(this);
    this.settle(failed, outcome);
  }
}

const SHIELD_OPTIONS = { timeout: 'duration' } as const;

/**
 * Protects an operation from cancels: its result is delivered, and a cancel that came meanwhile is thrown at the next
 * wait after it.
 *
 * Cancellation: held back, for `timeout` at most. In a cleanup, the grace of the cleanup grows by `timeout`; without one
 * the grace ends it all the same.
 *
 * @param operation what must not be interrupted
 * @param options `timeout`: how long it is protected, in ms
 * @example
 * ```ts
 * import { run, shield, sleep, spawn, tick } from '@coloop/core';
 *
 * function* save() {
 *   yield* shield(sleep(10));
 *   console.log('saved');
 * }
 *
 * await run(function* () {
 *   const task = spawn(save());
 *   yield* tick();
 *   yield* task.cancel();
 *   console.log(task.status);
 *   //> saved
 *   //> succeeded
 * });
 * ```
 * Source: Trio's shielded cancel scopes; unlike `asyncio.shield`, nothing is left running behind.
 */
export function shield<T>(operation: Operation<T>, options?: ShieldOptions): Operation<T>;
export function shield<T>(operation: Operation<T>, options: ShieldOptions = {}, ...more: unknown[]): Operation<T> {
  refuseMore('shield(operation, options)', more);
  checkOnlyOperation('shield', operation);
  const { timeout = Number.POSITIVE_INFINITY } = readOptions('shield', options, SHIELD_OPTIONS);
  return new ShieldFrame(operation, timeout);
}
