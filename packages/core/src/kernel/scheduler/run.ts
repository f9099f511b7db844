import { checkOperation } from '../operation/check-operation.ts';
import { readOptions, refuseMore, show } from '../operation/options.ts';
import type { Body, Waiter } from '../operation/suspension.ts';
import { currentTaskOrNull } from '../task/current.ts';
import { RUN_OPTIONS, type RunOptions, Scheduler } from './scheduler.ts';

let shared: Scheduler | undefined;

/** The scheduler of the running task, else the one that all runs of this thread share. */
export function defaultScheduler(): Scheduler {
  const running = currentTaskOrNull();
  if (running !== null) return schedulerOf(running);
  shared ??= new Scheduler();
  return shared;
}

/** The scheduler of a task. */
export function schedulerOf({ scheduler }: Waiter): Scheduler {
  return scheduler as Scheduler;
}

/**
 * Runs an operation as a task and returns a promise of its result: the door from promises into the runtime.
 *
 * When the body has ended, the tasks that it spawned are awaited, its daemons cancelled, its resources released; only
 * then does the promise settle. Nothing outlives a run.
 *
 * Cancellation: `signal` cancels the run; the promise then rejects with `CancelledError`, after all cleanups.
 *
 * @param body an operation, or a function that returns one
 * @param options `signal`; `scheduler` in place of the one that all runs share; `context` as from `asyncContext()`; `name` for reports
 * @returns a promise of the body's value. It rejects with the body's own error, or with a `TaskGroupError` of all failures when a spawned task has failed.
 * @example
 * ```ts
 * import { run, sleep } from '@coloop/core';
 *
 * const answer = await run(function* () {
 *   yield* sleep(10);
 *   return 42;
 * });
 * console.log(answer); //> 42
 * ```
 * Source: `asyncio.run`.
 */
export function run<T>(body: Body<T>, options?: RunOptions & { scheduler?: Scheduler | undefined }): Promise<T>;
export function run<T>(
  body: Body<T>,
  options: RunOptions & { scheduler?: Scheduler | undefined } = {},
  ...more: unknown[]
): Promise<T> {
  try {
    refuseMore('run(op, options)', more);
    // Kept whole: what is left of it in another object would have `Object.prototype` behind it.
    const given = readOptions('run', options, ROOT_OPTIONS);
    return checkScheduler('run', given.scheduler ?? defaultScheduler()).runChecked(checkOperation('run', body), given);
  } catch (error) {
    return Promise.reject(error);
  }
}

const ROOT_OPTIONS = { ...RUN_OPTIONS, scheduler: 'any' } as const;

/** Refuses what was given as the option `scheduler` and is none. */
export function checkScheduler(what: string, scheduler: unknown): Scheduler {
  if (scheduler instanceof Scheduler) return scheduler;
  throw new TypeError(`${what}: the option 'scheduler' takes a Scheduler, not ${show(scheduler)}.`);
}
