/** What a job carries besides its name, as BullMQ keeps it. */
import type { NewJob, Outcome } from '../engine.ts';

export interface JobData {
  readonly args: string;
  readonly key: string | null;
  readonly contexts: string | null;
  /** In ms since 1970, or null for never. */
  readonly deadline: number | null;
  readonly pauses: readonly number[];
  /** The caller that is told of the end. */
  readonly caller: string;
  /** Whether it ends with that caller. */
  readonly owned: boolean;
  readonly keep: NewJob['keep'];
}

/** The outcome of a job that ended before a worker had it, with what its key stands for. */
export interface Tombstone {
  readonly outcome: Outcome;
  readonly name: string;
  readonly args: string;
}

/** How long the job, with its result and its key, is remembered, in ms. */
export function keptFor({ key, keep }: Pick<JobData, 'key' | 'keep'>): number {
  return key === null ? keep.results : Math.max(keep.results, keep.keys);
}

/** When that is over, in ms since 1970. */
export function forgottenAt(job: Pick<JobData, 'key' | 'keep'>): number {
  return Date.now() + keptFor(job);
}
