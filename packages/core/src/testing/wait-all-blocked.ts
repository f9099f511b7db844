import { afterHostTurn } from '../kernel/clock/turns.ts';
import { ARMED, type Operation, Suspension } from '../kernel/operation/suspension.ts';
import { schedulerOf } from '../kernel/scheduler/run.ts';
import { taskOf } from '../kernel/task/current.ts';

/** How many turns of the host have to begin with nothing runnable. The clock counts as far, and looks after us. */
const QUIET_TURNS = 2;

class AllBlocked extends Suspension<void> {
  #quiet = 0;
  #slices = -1;

  get label(): string {
    return 'waitAllBlocked()';
  }

  poll(): boolean {
    return false;
  }

  arm(): void {
    const scheduler = schedulerOf(taskOf(this.sink));
    const look = (): void => {
      if (this.state !== ARMED) return;
      this.#quiet = this.#slices === scheduler.slices ? this.#quiet + 1 : 1;
      this.#slices = scheduler.slices;
      if (this.#quiet >= QUIET_TURNS && scheduler.quiet) this.wake();
      else afterHostTurn(look);
    };
    afterHostTurn(look);
  }

  disarm(): void {}
}

/**
 * Waits until every other task waits and nothing more comes from the host by itself; virtual time does not move meanwhile.
 * Tasks that sleep count as waiting.
 *
 * Cancellation: ends the wait.
 *
 * @example
 * ```ts
 * import { forever, spawn } from '@coloop/core';
 * import { runTest, waitAllBlocked } from '@coloop/core/testing';
 *
 * await runTest(function* () {
 *   const task = spawn(forever());
 *   yield* waitAllBlocked();
 *   console.log(task.status); //> waiting
 *   yield* task.cancel();
 * });
 * ```
 * Source: Trio's `wait_all_tasks_blocked`.
 */
export function waitAllBlocked(): Operation<void> {
  return new AllBlocked();
}
