import type { Held, NeverStarted } from '../kernel/report/debug.ts';
import { defaultScheduler } from '../kernel/scheduler/run.ts';
import type { Scheduler } from '../kernel/scheduler/scheduler.ts';

/**
 * The operations that tasks of a scheduler in debug have made and never started: most often a `yield*` was forgotten.
 *
 * @param scheduler by default the one of the running task; without `debug: true` the list is empty
 * @example
 * ```ts
 * import { Scheduler, sleep } from '@coloop/core';
 * import { neverStarted } from '@coloop/core/inspect';
 *
 * await new Scheduler({ debug: true }).run(function* () {
 *   sleep(10); // forgot yield*
 *   console.log(neverStarted()[0]?.label); //> sleep(10)
 * });
 * ```
 * Source: Python's "coroutine was never awaited".
 */
export function neverStarted(scheduler: Scheduler = defaultScheduler()): readonly NeverStarted[] {
  return scheduler.log?.neverStarted() ?? [];
}

/**
 * What a scheduler in debug still holds and has to give back: listeners, connections, whatever words have noted.
 *
 * @param scheduler by default the one of the running task; without `debug: true` the list is empty
 * @example
 * ```ts
 * import { Scheduler } from '@coloop/core';
 * import { heldThings } from '@coloop/core/inspect';
 *
 * const scheduler = new Scheduler({ debug: true });
 * console.log(heldThings(scheduler).length); //> 0
 * ```
 */
export function heldThings(scheduler: Scheduler = defaultScheduler()): readonly Held[] {
  return scheduler.log?.held() ?? [];
}
