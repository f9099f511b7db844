import { runTest } from '@coloop/core/testing';
import { expect, test } from 'vitest';
import { serve } from '../fixtures/serve.ts';
import { currentJob } from './current-job.ts';

test('a coroutine sees the job that it runs for', () =>
  runTest(function* () {
    const jobs = yield* serve();
    const job = yield* jobs.submit('info', [], { key: 'the key', deadline: 5_000 });
    expect(yield* job).toEqual({ name: 'info', attempt: 1, key: 'the key', deadline: 5_000 });
  }));

test('outside of a job there is none', () =>
  runTest(function* () {
    expect(() => currentJob()).toThrow('outside of a job');
  }));
