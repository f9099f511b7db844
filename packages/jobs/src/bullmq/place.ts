import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { JobStatus, Outcome } from '../engine.ts';
import type { Channels } from './channel.ts';
import type { JobData } from './job-data.ts';
import type { Peers } from './peers.ts';

/** What an engine decides for its queues; times in ms. */
export interface BullRules {
  readonly prefix: string;
  readonly lock: number;
  readonly check: number;
  readonly maxLost: number;
  readonly engineOptions: object;
}

/** One queue in Redis, as both its callers and its workers see it. */
export interface Place {
  /** As the user calls it. */
  readonly name: string;
  readonly peers: Peers;
  readonly rules: BullRules;
  readonly client: Redis;
  readonly channels: Channels;
  readonly queue: Queue<JobData, string>;
}

/** The keys and channels that are ours, beside those of BullMQ; none of BullMQ's has two colons behind the queue. */
export const keys = {
  worker: ({ queue }: Place, id: string): string => queue.toKey(`coloop:worker:${id}`),
  workers: ({ queue }: Place): string => queue.toKey('coloop:workers'),
  caller: ({ queue }: Place, id: string): string => queue.toKey(`coloop:caller:${id}`),
  tombstone: ({ queue }: Place, id: string): string => queue.toKey(`coloop:tombstone:${id}`),
  cancel: ({ queue }: Place, id: string): string => queue.toKey(`coloop:cancel:${id}`),
  cancels: ({ queue }: Place): string => queue.toKey('coloop:cancels'),
  replies: ({ queue }: Place, caller: string): string => queue.toKey(`coloop:replies:${caller}`),
  progress: ({ queue }: Place, id: string): string => queue.toKey(`coloop:progress:${id}`),
  /** Ids of jobs that ended otherwise than BullMQ counts them, by the time when they are forgotten. */
  counted: ({ queue }: Place, as: Counted): string => queue.toKey(`coloop:counted:${as}`),
};

/** Cancelled in a worker, which BullMQ counts as failed; ended before a worker had it, which BullMQ does not count. */
export type Counted = 'cancelled' | 'cancelled-waiting' | 'failed-waiting';

/** A reply that tells a caller of the end of a job. */
export interface Reply {
  readonly id: string;
  readonly outcome: Outcome;
}

/** The names of BullMQ for where a job stands. */
export const STATUS: Readonly<Record<string, JobStatus>> = {
  waiting: 'waiting',
  prioritized: 'waiting',
  'waiting-children': 'waiting',
  paused: 'waiting',
  delayed: 'delayed',
  active: 'running',
  completed: 'succeeded',
  failed: 'failed',
};
