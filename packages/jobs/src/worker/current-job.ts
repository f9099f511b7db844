import { createContext, type Operation } from '@coloop/core';

/** The job that a coroutine runs for. */
export interface CurrentJob {
  readonly id: string;
  /** The name of the export. */
  readonly name: string;
  /** Which run of the job it is, from 1 on: runs that failed, and those of lost workers, count. */
  readonly attempt: number;
  /** What the job was submitted under, or null. */
  readonly key: string | null;
  /** When the job must have ended, by `now()`; Infinity for never. */
  readonly deadline: number;
  /**
   * Tells how far the job is, to those that read `handle.progress`: anything that can travel. It waits for readers that are
   * far behind.
   */
  progress(value: unknown): Operation<void>;
}

export const runningJob = createContext<CurrentJob | null>(null);

/**
 * The job that this coroutine runs for, in every task of it.
 *
 * @throws Error outside of a job.
 * @example
 * ```ts
 * import type { Operation } from '@coloop/core';
 * import { currentJob } from '@coloop/jobs';
 *
 * export function* report(parts: readonly string[]): Operation<number> {
 *   const { progress } = currentJob();
 *   for (const [index] of parts.entries()) yield* progress(index / parts.length);
 *   return parts.length;
 * }
 * ```
 */
export function currentJob(): CurrentJob {
  const job = runningJob.get();
  if (job !== null) return job;
  throw new Error(
    'currentJob() was called outside of a job. Call it in a coroutine that a worker of `work(module, …)` runs.',
  );
}
