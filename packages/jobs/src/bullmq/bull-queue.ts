/** A queue of BullMQ, as its callers see it. */
import {
  defer,
  Future,
  moveOnAfter,
  now,
  type Operation,
  type Source,
  sleep,
  spawn,
  TimeoutError,
  until,
} from '@coloop/core';
import type { ExportKind } from '@coloop/core/lowlevel';
import type { Job } from 'bullmq';
import type { EngineQueue, JobCounts, JobStatus, NewJob, Outcome, Served, Serving } from '../engine.ts';
import { JobLostError } from '../errors.ts';
import { jobConflict } from '../rules/job-conflict.ts';
import { encodeError } from '../values/encode.ts';
import { encodeReason } from '../values/reason.ts';
import { BullProgress } from './bull-progress.ts';
import { BullServing, type CancelRequest } from './bull-serving.ts';
import { endWaiting } from './end-waiting.ts';
import { forgottenAt, type JobData, keptFor, type Tombstone } from './job-data.ts';
import { idOfKey, newId } from './names.ts';
import { outcomeOf } from './outcome.ts';
import { type Counted, keys, type Place, type Reply, STATUS } from './place.ts';
import { Roster } from './roster.ts';

/** After so many ms without a reply a job is looked at: replies are not kept for who is not there. */
const LOOK = 2_000;
const LOOK_AT_LAST = 10_000;
/** For how long the calls of a caller that is gone go on, in ms, and how often it says that it is there. */
const LEASE = 15_000;
const RENEW = 4_000;
/** BullMQ keeps priorities in 21 bits. */
const LOWEST_PRIORITY = 2_097_151;

export class BullQueue implements EngineQueue {
  readonly #place: Place;
  readonly #roster: Roster;
  /** This caller, to whom replies are sent. */
  readonly #caller = newId();
  /** Jobs of this caller whose reply has not come. */
  readonly #own = new Map<string, { readonly deadline: number; readonly owned: boolean }>();
  readonly #waiting = new Map<string, Set<Future<Outcome>>>();
  #renewedAt = Number.NEGATIVE_INFINITY;

  constructor(place: Place) {
    this.#place = place;
    this.#roster = new Roster(place);
  }

  /** Listens for replies until the scope of its caller ends. */
  *begin(): Operation<void> {
    const channel = keys.replies(this.#place, this.#caller);
    yield* this.#place.channels.listen(channel, this.#onReply);
    defer(() => this.#place.channels.unlisten(channel, this.#onReply));
  }

  *put(jobs: readonly NewJob[]): Operation<readonly string[]> {
    if (jobs.some(({ owned }) => owned)) yield* this.#renew();
    const [first] = jobs;
    if (jobs.length === 1 && first !== undefined && first.key !== null)
      return [yield* this.#putKeyed(first, first.key)];
    const entries = jobs.map((job) => this.#entryOf(job, newId()));
    const [entry] = entries;
    if (entries.length === 1 && entry !== undefined) {
      yield* until(this.#place.queue.add(entry.name, entry.data, entry.opts));
    } else yield* until(this.#place.queue.addBulk(entries));
    return entries.map(({ opts }) => opts.jobId);
  }

  *#putKeyed(job: NewJob, key: string): Operation<string> {
    const id = yield* idOfKey(key);
    const known = yield* this.#stone(id);
    if (known === null) {
      const entry = this.#entryOf(job, id);
      yield* until(this.#place.queue.add(entry.name, entry.data, entry.opts));
    }
    const there = known ?? (yield* this.#callOf(id)) ?? job;
    if (there.name === job.name && there.args === job.args) return id;
    this.#own.delete(id);
    throw jobConflict(this.#place.name, key, there, job);
  }

  *#callOf(id: string): Operation<{ readonly name: string; readonly args: string } | null> {
    const job = yield* this.#job(id);
    return job === undefined ? null : { name: job.name, args: job.data.args };
  }

  #entryOf(job: NewJob, jobId: string) {
    const { name, args, key, contexts, delay, priority, pauses, owned, keep } = job;
    if (priority > LOWEST_PRIORITY) {
      throw new RangeError(`jobs.submit: the option 'priority' is at most ${LOWEST_PRIORITY} here, not ${priority}.`);
    }
    const deadline = job.deadline === Number.POSITIVE_INFINITY ? null : Math.ceil(Date.now() + job.deadline);
    const data: JobData = { args, key, contexts, deadline, pauses, caller: this.#caller, owned, keep };
    const kept = { age: Math.ceil(keptFor(data) / 1_000) };
    this.#own.set(jobId, { deadline: now() + job.deadline, owned });
    return {
      name,
      data,
      opts: {
        jobId,
        delay: Math.ceil(delay),
        priority,
        attempts: pauses.length + 1,
        backoff: { type: 'coloop' },
        removeOnComplete: kept,
        removeOnFail: kept,
      },
    };
  }

  *status(id: string): Operation<JobStatus | null> {
    const job = yield* this.#job(id);
    if (job === undefined) return (yield* this.#stone(id))?.outcome.status ?? null;
    const outcome = outcomeOf(job, this.#place.name);
    if (outcome !== null) return outcome.status;
    return STATUS[yield* until(job.getState())] ?? null;
  }

  *outcome(id: string): Operation<Outcome> {
    // Of a job that was just put here nobody needs to ask: its reply has not come.
    if (!this.#own.has(id)) {
      const known = yield* this.#look(id);
      if (known !== null) return known;
    }
    const reply = new Future<Outcome>();
    const waiting = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, waiting.add(reply));
    try {
      return yield* this.#wait(id, reply);
    } finally {
      waiting.delete(reply);
      if (waiting.size === 0) this.#waiting.delete(id);
    }
  }

  *#wait(id: string, reply: Future<Outcome>): Operation<Outcome> {
    for (let look = LOOK; ; look = Math.min(2 * look, LOOK_AT_LAST)) {
      const { deadline, owned } = this.#own.get(id) ?? { deadline: Number.POSITIVE_INFINITY, owned: false };
      const left = deadline - now();
      const most = owned ? Math.min(look, RENEW) : look;
      const came = yield* moveOnAfter(left > 0 ? Math.min(most, left) : most, reply);
      if (!came.timedOut) return came.value;
      if (owned) yield* this.#renew();
      const known = yield* this.#look(id);
      if (known !== null) return known;
    }
  }

  /** The outcome of a job; null while it has none, after it was ended where its deadline has passed in the queue. */
  *#look(id: string): Operation<Outcome | null> {
    const job = yield* this.#job(id);
    if (job === undefined) {
      const stone = yield* this.#stone(id);
      if (stone === null) throw this.#unknown(id);
      return stone.outcome;
    }
    const outcome = outcomeOf(job, this.#place.name);
    if (outcome !== null || job.data.deadline === null || job.data.deadline > Date.now()) return outcome;
    const error = new TimeoutError(
      `The job ${id} (${job.name}) of the queue ${this.#place.name} did not end within its deadline.`,
    );
    const late: Outcome = { status: 'failed', error: encodeError(error) };
    return (yield* this.#endWaiting(job, late, 'failed-waiting')) ? late : null;
  }

  #unknown(id: string): JobLostError {
    this.#own.delete(id);
    return new JobLostError(
      `The queue ${this.#place.name} does not know the job ${id}, or not any more. Results are kept for \`keep: { results }\` ms.`,
    );
  }

  *cancel(id: string, reason: unknown, requestedBy: string): Operation<boolean> {
    const job = yield* this.#job(id);
    if (job === undefined || outcomeOf(job, this.#place.name) !== null) return false;
    const request: CancelRequest = { id, reason: encodeReason(reason) };
    const cancelled: Outcome = { status: 'cancelled', reason: request.reason, requestedBy };
    if (yield* this.#endWaiting(job, cancelled, 'cancelled-waiting')) return true;
    const { client } = this.#place;
    // Kept for a worker that gets the job when the one that has it is lost.
    yield* until(client.set(keys.cancel(this.#place, id), request.reason, 'PX', keptFor(job.data)));
    const asking = spawn(() => this.#ask(request, job, cancelled), { name: `the cancel of ${id}`, daemon: true });
    try {
      yield* this.outcome(id);
    } finally {
      yield* asking.cancel();
    }
    return true;
  }

  /** Again and again: the job may be given back, fail and be delayed, or be lost with its worker meanwhile. */
  *#ask(request: CancelRequest, job: Job<JobData, string>, cancelled: Outcome): Operation<void> {
    for (;;) {
      yield* until(this.#place.client.publish(keys.cancels(this.#place), JSON.stringify(request)));
      yield* sleep(LOOK);
      if (yield* this.#endWaiting(job, cancelled, 'cancelled-waiting')) return;
    }
  }

  *#endWaiting(job: Job<JobData, string>, outcome: Outcome, as: Counted): Operation<boolean> {
    const { args } = job.data;
    const id = job.id ?? '';
    if (!(yield* endWaiting(this.#place, id, { outcome, name: job.name, args }, keptFor(job.data)))) return false;
    const { client } = this.#place;
    yield* until(client.zadd(keys.counted(this.#place, as), forgottenAt(job.data), id));
    const reply: Reply = { id, outcome };
    yield* until(client.publish(keys.replies(this.#place, job.data.caller), JSON.stringify(reply)));
    yield* until(client.publish(keys.progress(this.#place, id), JSON.stringify({ ended: true })));
    return true;
  }

  progress(id: string): Source<string> {
    return new BullProgress(this.#place, id);
  }

  *forget(id: string): Operation<void> {
    const { client, queue } = this.#place;
    this.#own.delete(id);
    // Nobody waits for it, and what stays is forgotten in time.
    const gone: Promise<unknown>[] = [
      queue.remove(id),
      client.del(keys.tombstone(this.#place, id), keys.cancel(this.#place, id)),
      ...COUNTED.map((as) => client.zrem(keys.counted(this.#place, as), id)),
    ];
    for (const one of gone) one.catch(() => undefined);
  }

  *counts(): Operation<JobCounts> {
    const { client, queue } = this.#place;
    const counts = yield* until(
      queue.getJobCounts('waiting', 'prioritized', 'delayed', 'active', 'completed', 'failed'),
    );
    const of = (name: string): number => counts[name] ?? 0;
    const [inWorkers = 0, cancelled = 0, failed = 0] = yield* until(
      Promise.all(
        COUNTED.map(async (as) => {
          await client.zremrangebyscore(keys.counted(this.#place, as), 0, Date.now());
          return client.zcard(keys.counted(this.#place, as));
        }),
      ),
    );
    return {
      delayed: of('delayed'),
      waiting: of('waiting') + of('prioritized'),
      running: of('active'),
      succeeded: of('completed'),
      failed: Math.max(of('failed') - inWorkers, 0) + failed,
      cancelled: inWorkers + cancelled,
    };
  }

  *exports(): Operation<Readonly<Record<string, ExportKind>> | null> {
    return yield* this.#roster.exports();
  }

  *serve(served: Served): Operation<Serving> {
    yield* this.#roster.enter(served);
    const serving = new BullServing(this.#place, served);
    yield* serving.begin();
    return serving;
  }

  *#renew(): Operation<void> {
    if (now() - this.#renewedAt < RENEW) return;
    this.#renewedAt = now();
    yield* until(this.#place.client.set(keys.caller(this.#place, this.#caller), 1, 'PX', LEASE));
  }

  *#job(id: string): Operation<Job<JobData, string> | undefined> {
    return (yield* until(this.#place.queue.getJob(id))) as Job<JobData, string> | undefined;
  }

  *#stone(id: string): Operation<Tombstone | null> {
    const { client } = this.#place;
    const text = yield* until(client.get(keys.tombstone(this.#place, id)));
    return text === null ? null : (JSON.parse(text) as Tombstone);
  }

  readonly #onReply = (message: string): void => {
    const { id, outcome } = JSON.parse(message) as Reply;
    this.#own.delete(id);
    for (const waiting of this.#waiting.get(id) ?? []) if (!waiting.done) waiting.resolve(outcome);
  };
}

const COUNTED = ['cancelled', 'cancelled-waiting', 'failed-waiting'] as const satisfies readonly Counted[];
