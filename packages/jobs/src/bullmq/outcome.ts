/** How a job has ended, read from what BullMQ keeps of it. */
import type { Job } from 'bullmq';
import type { Outcome } from '../engine.ts';
import { JobLostError } from '../errors.ts';
import { encodeError } from '../values/encode.ts';
import type { JobData } from './job-data.ts';

/** What BullMQ is told as the reason of a failure: the outcome, behind a line for people. */
export function reasonOf(outcome: Outcome, line: string): string {
  return `${line.replaceAll('\n', ' ')}${SEPARATOR}${JSON.stringify(outcome)}`;
}

/** A control character, which no line of people has. */
const SEPARATOR = '\n\u001e';

/** Null for a job that has not ended. */
export function outcomeOf(job: Job<JobData, string>, queue: string): Outcome | null {
  if (job.finishedOn === undefined || job.finishedOn === null) return null;
  const { id, name, failedReason = '', returnvalue } = job;
  // The reason of an earlier run that failed stays there.
  if (typeof returnvalue === 'string') return { status: 'succeeded', value: returnvalue };
  const at = failedReason.lastIndexOf(SEPARATOR);
  if (at >= 0) return JSON.parse(failedReason.slice(at + SEPARATOR.length)) as Outcome;
  // What BullMQ says of a job whose workers were lost.
  const error = new JobLostError(
    failedReason.includes('stalled')
      ? `The job ${id} (${name}) of the queue ${queue} lost its workers more often than the option 'maxLost' allows. Look at what ${name}() does to its process.`
      : `The job ${id} (${name}) of the queue ${queue} was ended by something else than its worker: ${failedReason}`,
  );
  return { status: 'failed', error: encodeError(error) };
}
