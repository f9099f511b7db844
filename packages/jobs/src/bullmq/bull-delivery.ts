import { Future, moveOnAfter, now, type Operation, until } from '@coloop/core';
import type { Job } from 'bullmq';
import type { Delivery, Outcome } from '../engine.ts';
import { decode } from '../values/decode.ts';
import { errorClasses } from '../values/error-classes.ts';
import type { JobData } from './job-data.ts';
import { reasonOf } from './outcome.ts';
import { keys, type Place } from './place.ts';

/** How the promise is ended for which BullMQ waits. */
interface Answer {
  resolve(value: string): void;
  reject(error: Error): void;
  /** The run ends without an end of the job. */
  leave(): void;
}

/** One run of a job from BullMQ. */
export class BullDelivery implements Delivery {
  readonly id: string;
  readonly job: Job<JobData, string>;
  readonly deadline: number;
  readonly #place: Place;
  readonly #token: string;
  readonly #answer: Answer;
  /** Resolved when BullMQ has written the end of this run. */
  readonly #written = new Future<void>();
  #listener: ((reason: unknown) => void) | null = null;
  #cancel: { readonly reason: unknown } | null = null;
  #progressed = false;

  constructor(place: Place, job: Job<JobData, string>, token: string, answer: Answer) {
    this.id = job.id ?? '';
    this.job = job;
    this.deadline = job.data.deadline === null ? Number.POSITIVE_INFINITY : now() + job.data.deadline - Date.now();
    this.#place = place;
    this.#token = token;
    this.#answer = answer;
  }

  get name(): string {
    return this.job.name;
  }

  get args(): string {
    return this.job.data.args;
  }

  get key(): string | null {
    return this.job.data.key;
  }

  get contexts(): string | null {
    return this.job.data.contexts;
  }

  get attempt(): number {
    return this.job.attemptsStarted;
  }

  get cancelled(): boolean {
    return this.#cancel !== null;
  }

  /** Whether somebody may listen to its progress, and is told of the end. */
  get isHeard(): boolean {
    return this.#progressed || !this.job.data.owned;
  }

  onCancel(listener: (reason: unknown) => void): void {
    this.#listener = listener;
    if (this.#cancel !== null) listener(this.#cancel.reason);
  }

  /** @param reason as text */
  cancel(reason: string): void {
    if (this.#cancel !== null) return;
    this.#cancel = { reason: decode(reason, errorClasses()) };
    this.#listener?.(this.#cancel.reason);
  }

  /** BullMQ has written the end of this run. */
  written(): void {
    if (!this.#written.done) this.#written.resolve();
  }

  *progress(value: string): Operation<void> {
    this.#progressed = true;
    yield* until(this.job.updateProgress({ value }));
    yield* until(this.#place.client.publish(keys.progress(this.#place, this.id), JSON.stringify({ value })));
  }

  *finish(outcome: Outcome, final: boolean): Operation<void> {
    const { UnrecoverableError } = this.#place.peers.bull;
    if (outcome.status === 'succeeded') this.#answer.resolve(outcome.value);
    else {
      const reason = reasonOf(outcome, lineOf(outcome));
      this.#answer.reject(final || outcome.status === 'cancelled' ? new UnrecoverableError(reason) : new Error(reason));
    }
    // A run whose lock was lost is never written: another one counts.
    yield* moveOnAfter(this.#place.rules.lock, this.#written);
  }

  *giveBack(): Operation<void> {
    try {
      yield* until(this.job.moveToWait(this.#token));
    } finally {
      this.#answer.leave();
      this.#answer.reject(new this.#place.peers.bull.WaitingError());
    }
  }
}

/** What a dashboard shows of it. */
function lineOf(outcome: Outcome): string {
  if (outcome.status !== 'failed') return outcome.status;
  const { name = 'Error', message = '' } = JSON.parse(outcome.error) as { name?: string; message?: string };
  return `${name}: ${message}`;
}
