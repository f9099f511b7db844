/** What a queue and its workers need of the engine that keeps the jobs. Values are text by then, as `encode` wrote them. */
import type { Operation, Source } from '@coloop/core';
import type { ExportKind } from '@coloop/core/lowlevel';

/** Where a job stands. */
export type JobStatus = 'delayed' | 'waiting' | 'running' | 'succeeded' | 'failed' | 'cancelled';

/** How many jobs of a queue stand where. */
export type JobCounts = Readonly<Record<JobStatus, number>>;

/** A job that is submitted. All times are ms from then on. */
export interface NewJob {
  readonly name: string;
  readonly args: string;
  readonly key: string | null;
  readonly delay: number;
  readonly priority: number;
  /** The pause before each further run of a job that failed. */
  readonly pauses: readonly number[];
  readonly deadline: number;
  readonly contexts: string | null;
  /** Whether it is a call: it ends with its caller. */
  readonly owned: boolean;
  /** For how long the result, and the key, are kept after the end. */
  readonly keep: { readonly results: number; readonly keys: number };
}

/** How a job has ended. */
export type Outcome =
  | { readonly status: 'succeeded'; readonly value: string }
  | { readonly status: 'failed'; readonly error: string }
  | { readonly status: 'cancelled'; readonly reason: string; readonly requestedBy: string };

/** A job that a worker is to run, once. */
export interface Delivery {
  readonly id: string;
  readonly name: string;
  readonly args: string;
  readonly key: string | null;
  /** Which run of the job it is, from 1 on. */
  readonly attempt: number;
  /** When the job must have ended, by `now()`; Infinity for never. */
  readonly deadline: number;
  readonly contexts: string | null;
  /** Whether the job is to be cancelled. */
  readonly cancelled: boolean;
  /** Calls `listener` when the job is to be cancelled, at once where it is by now. */
  onCancel(listener: (reason: unknown) => void): void;
  progress(value: string): Operation<void>;
  /** @param final whether a failure is not to be tried again */
  finish(outcome: Outcome, final: boolean): Operation<void>;
  /** The worker ends, and another one may run the job: this run does not count. */
  giveBack(): Operation<void>;
}

/** What a worker says of itself. */
export interface Served {
  readonly exports: Readonly<Record<string, ExportKind>>;
  readonly version: string | null;
  readonly concurrency: number;
}

/** A worker at an engine. */
export interface Serving {
  /** The next job, as soon as this worker has room for it; null after `stop()`. */
  take(): Operation<Delivery | null>;
  stop(): void;
  /** The worker has ended. */
  close(): Operation<void>;
}

/** One queue at an engine. */
export interface EngineQueue {
  /** Keeps all of the jobs, or none of them; their ids. */
  put(jobs: readonly NewJob[]): Operation<readonly string[]>;
  /** Null for a job that is not known, or not any more. */
  status(id: string): Operation<JobStatus | null>;
  /** Waits for the end of a job. */
  outcome(id: string): Operation<Outcome>;
  /** Asks for a cancel, and waits for the end of the job; false where that has ended before. */
  cancel(id: string, reason: unknown, requestedBy: string): Operation<boolean>;
  progress(id: string): Source<string>;
  /** The result was read by the only one who wants it. */
  forget(id: string): Operation<void>;
  counts(): Operation<JobCounts>;
  /** What the workers of the queue export; null while there are none. */
  exports(): Operation<Readonly<Record<string, ExportKind>> | null>;
  serve(served: Served): Operation<Serving>;
}

/** Keeps the jobs and hands them to workers: made by `memoryEngine` and `bullmq`. */
export interface Engine {
  /** How many characters the arguments, or the result, of a job may take. */
  readonly limit: number;
  /** @internal */
  open(queue: string): Operation<EngineQueue>;
}
