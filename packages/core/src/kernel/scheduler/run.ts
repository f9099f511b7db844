import { show } from '../operation/options.ts';
import type { Body, Waiter } from '../operation/suspension.ts';
import { currentTaskOrNull } from '../task/current.ts';
import { type RunOptions, Scheduler } from './scheduler.ts';

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
export function run<T>(body: Body<T>, options: RunOptions & { scheduler?: Scheduler | undefined } = {}): Promise<T> {
  try {
    return (chosenScheduler(options) ?? defaultScheduler()).run(body, options);
  } catch (error) {
    return Promise.reject(error);
  }
}

/** The scheduler that the options name, if any; what else is wrong with them is found where they are read. */
export function chosenScheduler(options: { scheduler?: Scheduler | undefined }): Scheduler | undefined {
  if (typeof options !== 'object' || options === null || !Object.hasOwn(options, 'scheduler')) return undefined;
  const { scheduler } = options;
  if (scheduler === undefined || scheduler instanceof Scheduler) return scheduler;
  throw new TypeError(`The option 'scheduler' takes a Scheduler, not ${show(scheduler)}.`);
}
