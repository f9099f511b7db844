/** One run of a job in a worker: from its delivery to its outcome. */
import {
  attempt,
  CancelledError,
  moveOnAfter,
  now,
  type Operation,
  supervise,
  type Task,
  TimeoutError,
} from '@coloop/core';
import { adoptContexts, type ErrorClasses } from '@coloop/core/lowlevel';
import { NoSuchExportError } from '@coloop/core/workers';
import type { Delivery, Outcome } from '../engine.ts';
import { decode } from '../values/decode.ts';
import { encode, encodeError } from '../values/encode.ts';
import { encodeReason } from '../values/reason.ts';
import { type CurrentJob, runningJob } from './current-job.ts';
import { type Exports, runExport } from './run-export.ts';

/** What all jobs of a worker share. */
export interface JobRules {
  readonly module: Exports;
  readonly classes: ErrorClasses;
  readonly limit: number;
}

/**
 * Runs a job and tells its outcome.
 *
 * Cancellation: the worker ends. The job is cancelled, its cleanups run, and it goes back to the queue.
 */
export function* runDelivery(delivery: Delivery, rules: JobRules): Operation<void> {
  let told = false;
  try {
    const { outcome, final } = yield* outcomeOf(delivery, rules);
    told = true;
    yield* delivery.finish(outcome, final);
  } finally {
    if (!told) yield* delivery.giveBack();
  }
}

interface Ended {
  readonly outcome: Outcome;
  /** Whether a failure is the same in every further run. */
  readonly final: boolean;
}

function* outcomeOf(delivery: Delivery, rules: JobRules): Operation<Ended> {
  // Its own group, so that nothing that the job does or spawns fails the worker.
  const joined = yield* supervise(function* (jobs) {
    const task: Task<string> = jobs.spawn(body(delivery, rules), { name: delivery.name });
    delivery.onCancel((reason) => void task.cancel(reason));
    return yield* attempt(task);
  });
  if (joined.ok) return { outcome: { status: 'succeeded', value: joined.value }, final: true };
  const { error } = joined;
  if (error instanceof CancelledError && delivery.cancelled) {
    return {
      outcome: { status: 'cancelled', reason: encodeReason(error.reason), requestedBy: error.requestedBy },
      final: true,
    };
  }
  return { outcome: { status: 'failed', error: encodeError(error) }, final: isFinal(error, delivery) };
}

/** A name that does not exist, and a deadline that has passed, are the same for every worker. */
function isFinal(error: unknown, { deadline }: Delivery): boolean {
  return error instanceof NoSuchExportError || deadline <= now();
}

function* body(delivery: Delivery, rules: JobRules): Operation<string> {
  const { name, deadline } = delivery;
  const what = `The result of ${name}()`;
  if (delivery.contexts !== null) adoptContexts(decode(delivery.contexts, rules.classes) as unknown[]);
  runningJob.set(jobOf(delivery, rules));
  const args = decode(delivery.args, rules.classes) as unknown[];
  const call = runExport(rules.module, name, args);
  if (deadline === Number.POSITIVE_INFINITY) return encode(yield* call, what, rules.limit);
  const moved = yield* moveOnAfter(deadline - now(), call);
  if (!moved.timedOut) return encode(moved.value, what, rules.limit);
  throw new TimeoutError(`The job ${delivery.id} (${name}) did not end within its deadline.`);
}

function jobOf(delivery: Delivery, { limit }: JobRules): CurrentJob {
  const { id, name, attempt: run, key, deadline } = delivery;
  const progress = (value: unknown): Operation<void> =>
    delivery.progress(encode(value, `The progress of ${name}()`, limit));
  return { id, name, attempt: run, key, deadline, progress };
}
