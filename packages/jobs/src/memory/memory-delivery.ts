import type { Operation } from '@coloop/core';
import type { Delivery, Outcome } from '../engine.ts';
import type { JobRecord } from './job-record.ts';

/** What a delivery tells: how its run has ended. */
export interface DeliveryOwner {
  finished(delivery: MemoryDelivery, outcome: Outcome, final: boolean): void;
  givenBack(delivery: MemoryDelivery): void;
}

/** One run of a job. */
export class MemoryDelivery implements Delivery {
  readonly record: JobRecord;
  readonly attempt: number;
  /** Whether its worker is lost before it can tell how the run has ended. */
  readonly lost: boolean;
  readonly #owner: DeliveryOwner;
  #listener: ((reason: unknown) => void) | null = null;

  constructor(owner: DeliveryOwner, record: JobRecord, attempt: number, lost: boolean) {
    this.#owner = owner;
    this.record = record;
    this.attempt = attempt;
    this.lost = lost;
  }

  get id(): string {
    return this.record.id;
  }

  get name(): string {
    return this.record.job.name;
  }

  get args(): string {
    return this.record.job.args;
  }

  get key(): string | null {
    return this.record.job.key;
  }

  get deadline(): number {
    return this.record.deadline;
  }

  get contexts(): string | null {
    return this.record.job.contexts;
  }

  get cancelled(): boolean {
    return this.record.cancel !== null;
  }

  onCancel(listener: (reason: unknown) => void): void {
    this.#listener = listener;
    if (this.record.cancel !== null) listener(this.record.cancel.reason);
  }

  cancel(reason: unknown): void {
    this.#listener?.(reason);
  }

  *progress(value: string): Operation<void> {
    if (!this.record.ended) yield* this.record.progress.send(value);
  }

  *finish(outcome: Outcome, final: boolean): Operation<void> {
    this.#owner.finished(this, outcome, final);
  }

  *giveBack(): Operation<void> {
    this.#owner.givenBack(this);
  }
}
