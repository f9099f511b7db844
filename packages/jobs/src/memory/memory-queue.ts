/** A queue in memory: the jobs, the order in which they are due, and the workers that take them. */
import { moveOnAfter, now, type Operation, random, type Source, TimeoutError } from '@coloop/core';
import type { ExportKind } from '@coloop/core/lowlevel';
import type { EngineQueue, JobCounts, JobStatus, NewJob, Outcome, Served, Serving } from '../engine.ts';
import { JobLostError } from '../errors.ts';
import { jobConflict } from '../rules/job-conflict.ts';
import { refuseOtherModule } from '../rules/refuse-other-module.ts';
import { encodeError } from '../values/encode.ts';
import { encodeReason } from '../values/reason.ts';
import type { Faults } from './faults.ts';
import { Heap } from './heap.ts';
import { JobRecord } from './job-record.ts';
import { type DeliveryOwner, MemoryDelivery } from './memory-delivery.ts';
import { MemoryServing, type Supply } from './memory-serving.ts';
import { ProgressSource } from './progress-source.ts';

/** What an engine decides for its queues; times in ms. */
export interface QueueRules {
  readonly faults: Faults;
  readonly lock: number;
  readonly check: number;
  readonly maxLost: number;
}

export class MemoryQueue implements EngineQueue, Supply, DeliveryOwner {
  readonly #name: string;
  readonly #rules: QueueRules;
  readonly #jobs = new Map<string, JobRecord>();
  readonly #byKey = new Map<string, JobRecord>();
  readonly #waiting = new Heap<JobRecord>((a, b) => isBefore(a, b));
  readonly #delayed = new Heap<JobRecord>((a, b) => a.dueAt < b.dueAt || (a.dueAt === b.dueAt && isBefore(a, b)));
  readonly #ended = new Heap<JobRecord>((a, b) => a.forgetAt < b.forgetAt);
  /** Jobs that are to be delivered once more while they run. */
  readonly #again: JobRecord[] = [];
  readonly #workers = new Set<MemoryServing>();
  readonly #servingOf = new Map<MemoryDelivery, MemoryServing>();
  #served: Served | null = null;
  #lastId = 0;

  constructor(name: string, rules: QueueRules) {
    this.#name = name;
    this.#rules = rules;
  }

  *put(jobs: readonly NewJob[]): Operation<readonly string[]> {
    this.#forgetOld();
    // All or none: a conflict is found before anything is kept.
    for (const job of jobs) this.#sameKey(job);
    return jobs.map((job) => this.#put(job).id);
  }

  #put(job: NewJob): JobRecord {
    const known = this.#sameKey(job);
    if (known !== null) return known;
    const number = ++this.#lastId;
    const { faults } = this.#rules;
    const record = new JobRecord(`${this.#name}-${number}`, job, now(), faults.reorder ? random() : number);
    if (faults.late > 0) record.dueAt += random() * faults.late;
    this.#jobs.set(record.id, record);
    if (job.key !== null) this.#byKey.set(job.key, record);
    this.#enqueue(record);
    return record;
  }

  #sameKey({ key, name, args }: NewJob): JobRecord | null {
    const record = key === null ? undefined : this.#byKey.get(key);
    if (record === undefined) return null;
    const { job } = record;
    if (key === null || (job.name === name && job.args === args)) return record;
    throw jobConflict(this.#name, key, job, { name, args });
  }

  /** Puts a job to those that are delayed or those that wait, by its time. */
  #enqueue(record: JobRecord): void {
    const isDue = record.dueAt <= now();
    record.status = isDue ? 'waiting' : 'delayed';
    (isDue ? this.#waiting : this.#delayed).push(record);
    this.#wake();
  }

  #wake(): void {
    for (const worker of this.#workers) worker.wake();
  }

  *status(id: string): Operation<JobStatus | null> {
    const record = this.#find(id);
    if (record === null) return null;
    this.#expire(record);
    return record.status === 'delayed' && record.dueAt <= now() ? 'waiting' : record.status;
  }

  *outcome(id: string): Operation<Outcome> {
    const record = this.#find(id);
    if (record === null) throw this.#unknown(id);
    if (record.deadline < Number.POSITIVE_INFINITY) {
      const moved = yield* moveOnAfter(record.deadline - now(), record.whenEnded());
      if (!moved.timedOut) return moved.value;
      this.#expire(record);
    }
    return yield* record.whenEnded();
  }

  #find(id: string): JobRecord | null {
    this.#forgetOld();
    return this.#jobs.get(id) ?? null;
  }

  #unknown(id: string): JobLostError {
    return new JobLostError(
      `The queue ${this.#name} does not know the job ${id}, or not any more. Results are kept for \`keep: { results }\` ms.`,
    );
  }

  *cancel(id: string, reason: unknown, requestedBy: string): Operation<boolean> {
    const record = this.#find(id);
    if (record === null) return false;
    this.#expire(record);
    if (record.ended) return false;
    record.cancel ??= { reason };
    if (record.runs.size === 0) {
      this.#end(record, { status: 'cancelled', reason: encodeReason(reason), requestedBy });
      return true;
    }
    for (const run of [...record.runs]) run.cancel(reason);
    yield* record.whenEnded();
    return true;
  }

  progress(id: string): Source<string> {
    return new ProgressSource(() => {
      const record = this.#find(id);
      if (record === null) throw this.#unknown(id);
      return record.progress.subscribe();
    });
  }

  *forget(id: string): Operation<void> {
    const record = this.#jobs.get(id);
    if (record?.ended) this.#drop(record);
  }

  *counts(): Operation<JobCounts> {
    this.#forgetOld();
    const counts = { delayed: 0, waiting: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0 };
    for (const record of this.#jobs.values()) counts[record.status]++;
    return counts;
  }

  *exports(): Operation<Readonly<Record<string, ExportKind>> | null> {
    return this.#served?.exports ?? null;
  }

  *serve(served: Served): Operation<Serving> {
    if (this.#served === null) this.#served = served;
    else refuseOtherModule(this.#name, this.#served, served);
    const serving = new MemoryServing(this, served.concurrency);
    this.#workers.add(serving);
    return serving;
  }

  leave(serving: MemoryServing): void {
    this.#workers.delete(serving);
    if (this.#workers.size === 0) this.#served = null;
  }

  get nextDue(): number {
    return this.#delayed.first?.dueAt ?? Number.POSITIVE_INFINITY;
  }

  takeNowait(serving: MemoryServing): MemoryDelivery | null {
    this.#moveDue();
    for (let record = this.#next(); record !== null; record = this.#next()) {
      this.#expire(record);
      if (record.ended) continue;
      const delivery = this.#deliver(record);
      if (delivery === null) continue;
      this.#servingOf.set(delivery, serving);
      return delivery;
    }
    return null;
  }

  #next(): JobRecord | null {
    return this.#again.shift() ?? this.#waiting.shift() ?? null;
  }

  #moveDue(): void {
    const time = now();
    for (let { first } = this.#delayed; first !== undefined && first.dueAt <= time; { first } = this.#delayed) {
      this.#delayed.shift();
      if (first.ended) continue;
      first.status = 'waiting';
      this.#waiting.push(first);
    }
  }

  /** Null where the worker that got it was lost before the job began. */
  #deliver(record: JobRecord): MemoryDelivery | null {
    const { faults } = this.#rules;
    const isSecond = record.runs.size > 0;
    const attempt = ++record.attempt;
    const seen = { id: record.id, name: record.job.name, key: record.job.key, attempt };
    record.status = 'running';
    if (faults.hits('crash', seen, random)) {
      this.#lose(record);
      return null;
    }
    const delivery = new MemoryDelivery(this, record, attempt, faults.hits('lose', seen, random));
    record.runs.add(delivery);
    if (!isSecond && faults.hits('twice', seen, random)) {
      this.#again.push(record);
      this.#wake();
    }
    return delivery;
  }

  finished(delivery: MemoryDelivery, outcome: Outcome, final: boolean): void {
    const { record } = delivery;
    this.#leaveRun(delivery);
    if (record.ended) return;
    if (delivery.lost) this.#lose(record);
    else if (record.cancel !== null) {
      // The cleanups of every run are waited for.
      if (record.runs.size === 0) this.#end(record, outcome);
    } else if (outcome.status === 'failed' && !final) this.#retry(record, outcome);
    else this.#end(record, outcome);
  }

  givenBack(delivery: MemoryDelivery): void {
    const { record } = delivery;
    this.#leaveRun(delivery);
    if (record.ended || record.runs.size > 0) return;
    if (record.cancel !== null) this.#endCancelled(record);
    else {
      record.attempt--;
      this.#enqueue(record);
    }
  }

  #leaveRun(delivery: MemoryDelivery): void {
    delivery.record.runs.delete(delivery);
    this.#servingOf.get(delivery)?.free();
    this.#servingOf.delete(delivery);
  }

  #retry(record: JobRecord, outcome: Outcome): void {
    // Another run of it may still succeed.
    if (record.runs.size > 0) return;
    const pause = record.job.pauses[record.failures++];
    if (pause === undefined) this.#end(record, outcome);
    else this.#delay(record, pause);
  }

  /** The worker that ran the job is gone: after the time of its lock the job is delivered again. */
  #lose(record: JobRecord): void {
    if (record.runs.size > 0) return;
    const { lock, check, maxLost } = this.#rules;
    record.losses++;
    if (record.cancel !== null) this.#endCancelled(record);
    else if (record.losses <= maxLost) this.#delay(record, lock + check * random());
    else {
      const { name } = record.job;
      const error = new JobLostError(
        `The job ${record.id} (${name}) of the queue ${this.#name} lost its worker ${record.losses} times, more often than the option 'maxLost' allows. Look at what ${name}() does to its process.`,
      );
      this.#end(record, { status: 'failed', error: encodeError(error) });
    }
  }

  #delay(record: JobRecord, ms: number): void {
    record.dueAt = now() + ms;
    this.#enqueue(record);
  }

  #endCancelled(record: JobRecord): void {
    this.#end(record, {
      status: 'cancelled',
      reason: encodeReason(record.cancel?.reason),
      requestedBy: `the queue ${this.#name}`,
    });
  }

  /** Ends a job that nobody runs and whose deadline has passed. */
  #expire(record: JobRecord): void {
    if (record.ended || record.runs.size > 0 || record.deadline > now()) return;
    const error = new TimeoutError(
      `The job ${record.id} (${record.job.name}) of the queue ${this.#name} did not end within its deadline of ${record.job.deadline} ms.`,
    );
    this.#end(record, { status: 'failed', error: encodeError(error) });
  }

  #end(record: JobRecord, outcome: Outcome): void {
    const { results, keys } = record.job.keep;
    record.forgetAt = now() + (record.job.key === null ? results : Math.max(results, keys));
    record.end(outcome);
    this.#ended.push(record);
  }

  #forgetOld(): void {
    const time = now();
    for (let { first } = this.#ended; first !== undefined && first.forgetAt <= time; { first } = this.#ended) {
      this.#ended.shift();
      this.#drop(first);
    }
  }

  #drop(record: JobRecord): void {
    this.#jobs.delete(record.id);
    const { key } = record.job;
    if (key !== null && this.#byKey.get(key) === record) this.#byKey.delete(key);
  }
}

function isBefore(a: JobRecord, b: JobRecord): boolean {
  return a.job.priority < b.job.priority || (a.job.priority === b.job.priority && a.place < b.place);
}
