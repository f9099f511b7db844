import { type Operation, sleep } from '@coloop/core';
import { currentJob } from '@coloop/jobs';

export function* double(value: number): Operation<number> {
  yield* sleep(1);
  return value * 2;
}

export function* whoRuns(): Operation<{ pid: number; attempt: number }> {
  yield* sleep(200);
  return { pid: process.pid, attempt: currentJob().attempt };
}
