import { CancelledError, currentTask, type Operation, type Source, type Suspension, stream } from '@coloop/core';
import type { ErrorClasses } from '@coloop/core/lowlevel';
import type { EngineQueue, JobStatus, Outcome } from '../engine.ts';
import { JobLostError } from '../errors.ts';
import { decode, decodeError } from '../values/decode.ts';

/**
 * A job that was submitted: `yield* handle` waits for its result, in any number of tasks, any number of times.
 *
 * Cancellation: of a task that waits does not touch the job.
 */
export interface JobHandle<R = unknown> extends Operation<R> {
  readonly id: string;
  /** What the job tells with `currentJob().progress(value)`, from the latest on. */
  readonly progress: Source<unknown>;
  /**
   * Asks for the job to be cancelled, and waits until it has ended, with its cleanups where it runs; false where it had
   * ended before.
   *
   * @throws what a cleanup of the job failed with.
   */
  cancel(reason?: unknown): Operation<boolean>;
  /**
   * Where the job stands.
   *
   * @throws JobLostError where it is not known any more.
   */
  status(): Operation<JobStatus>;
}

export class QueuedJob<R> implements JobHandle<R> {
  readonly id: string;
  readonly progress: Source<unknown>;
  readonly #queue: EngineQueue;
  readonly #classes: ErrorClasses;

  constructor(queue: EngineQueue, id: string, classes: ErrorClasses) {
    this.id = id;
    this.#queue = queue;
    this.#classes = classes;
    this.progress = stream(queue.progress(id)).map((value) => decode(value, classes));
  }

  [Symbol.iterator](): Iterator<Suspension, R, unknown> {
    return this.#result()[Symbol.iterator]();
  }

  *#result(): Operation<R> {
    return this.resultOf(yield* this.#queue.outcome(this.id));
  }

  /** The value of an outcome; throws what it failed with. */
  resultOf(outcome: Outcome): R {
    if (outcome.status === 'succeeded') return decode(outcome.value, this.#classes, this.#where) as R;
    if (outcome.status === 'failed') throw decodeError(outcome.error, this.#classes, this.#where);
    throw new CancelledError(decode(outcome.reason, this.#classes), outcome.requestedBy);
  }

  get #where(): string {
    return `the job ${this.id}`;
  }

  *cancel(reason?: unknown): Operation<boolean> {
    const changed = yield* this.#queue.cancel(this.id, reason, currentTask().name);
    if (!changed) return false;
    const outcome = yield* this.#queue.outcome(this.id);
    if (outcome.status === 'failed') throw decodeError(outcome.error, this.#classes, this.#where);
    return true;
  }

  *status(): Operation<JobStatus> {
    const status = yield* this.#queue.status(this.id);
    if (status !== null) return status;
    throw new JobLostError(`The job ${this.id} is not known any more. Results are kept for \`keep: { results }\` ms.`);
  }
}
