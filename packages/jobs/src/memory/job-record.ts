import { type Broadcast, broadcast, type Operation } from '@coloop/core';
import { ListedWait, WaitList } from '@coloop/core/lowlevel';
import type { JobStatus, NewJob, Outcome } from '../engine.ts';

/** One run of a job. */
export interface JobRun {
  cancel(reason: unknown): void;
}

/**
 * A job, as the memory engine keeps it.
 *
 * | status    | meaning                                        | leaves to                                            |
 * | --------- | ---------------------------------------------- | ---------------------------------------------------- |
 * | delayed   | its time has not come                          | waiting, cancelled, failed (its deadline)             |
 * | waiting   | a worker with room may have it                 | running, cancelled, failed (its deadline)             |
 * | running   | it was delivered                               | an end; delayed (a retry, or lost); waiting (given back) |
 * | succeeded, failed, cancelled | it has its one outcome       | -                                                    |
 */
export class JobRecord {
  status: JobStatus = 'waiting';
  /** The runs that have not ended: more than one where it was delivered twice. */
  readonly runs = new Set<JobRun>();
  attempt = 0;
  failures = 0;
  losses = 0;
  outcome: Outcome | null = null;
  cancel: { readonly reason: unknown } | null = null;
  /** When its result, and then its key, are forgotten. */
  forgetAt = Number.POSITIVE_INFINITY;
  readonly id: string;
  readonly job: NewJob;
  readonly deadline: number;
  /** Its place among those of one priority. */
  place: number;
  /** When it may be delivered, while it is delayed. */
  dueAt: number;
  #waits: WaitList<EndWait> | null = null;
  #progress: Broadcast<string> | null = null;

  constructor(id: string, job: NewJob, now: number, place: number) {
    this.id = id;
    this.job = job;
    this.deadline = now + job.deadline;
    this.dueAt = now + job.delay;
    this.place = place;
  }

  get ended(): boolean {
    return this.outcome !== null;
  }

  end(outcome: Outcome): void {
    this.outcome = outcome;
    this.status = outcome.status;
    this.#progress?.close();
    const waits = this.#waits;
    for (let wait = waits?.shift() ?? null; wait !== null; wait = waits?.shift() ?? null) wait.wake(outcome);
  }

  /** Waits for the outcome. */
  whenEnded(): Operation<Outcome> {
    return new EndWait(this);
  }

  /** @internal */
  add(wait: EndWait): void {
    this.#waits ??= new WaitList();
    this.#waits.push(wait);
  }

  /** What the job says of its progress; the latest is replayed. */
  get progress(): Broadcast<string> {
    if (this.#progress === null) {
      this.#progress = broadcast({ replay: 1 });
      if (this.ended) this.#progress.close();
    }
    return this.#progress;
  }
}

class EndWait extends ListedWait<Outcome> {
  readonly #record: JobRecord;

  constructor(record: JobRecord) {
    super();
    this.#record = record;
  }

  get label(): string {
    return `the end of job ${this.#record.id} (${this.#record.job.name})`;
  }

  poll(): boolean {
    const { outcome } = this.#record;
    return outcome !== null && this.finish(outcome);
  }

  arm(): void {
    this.#record.add(this);
  }
}
