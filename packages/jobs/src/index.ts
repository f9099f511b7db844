/** The door of `@coloop/jobs`. */

export { type BullmqOptions, bullmq } from './bullmq/bullmq.ts';
export type { Engine, JobCounts, JobStatus } from './engine.ts';
export {
  EngineUnavailableError,
  JobConflictError,
  JobLostError,
  JobQueueClosedError,
  QueueMismatchError,
  UntransferableError,
} from './errors.ts';
export type { JobDelivery, JobFault, JobFaults } from './memory/faults.ts';
export { type MemoryEngineOptions, memoryEngine } from './memory/memory-engine.ts';
export type { JobHandle } from './queue/job-handle.ts';
export { JobQueue, type JobQueueOptions, type SubmitAllOptions, type SubmitOptions } from './queue/job-queue.ts';
export { type CurrentJob, currentJob } from './worker/current-job.ts';
export { type WorkOptions, work } from './worker/work.ts';
