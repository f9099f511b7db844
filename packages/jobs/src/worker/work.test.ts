import { now, sleep, spawn, tick } from '@coloop/core';
import { runTest } from '@coloop/core/testing';
import { WorkerLoadError } from '@coloop/core/workers';
import { expect, test } from 'vitest';
import { QueueMismatchError } from '../errors.ts';
import { failureOf } from '../fixtures/failure-of.ts';
import * as module from '../fixtures/jobs.ts';
import { serve } from '../fixtures/serve.ts';
import { memoryEngine } from '../memory/memory-engine.ts';
import { JobQueue } from '../queue/job-queue.ts';
import { work } from './work.ts';

const JOBS = new URL('../fixtures/jobs.ts', import.meta.url);

test('a module is loaded by its URL, and one that does not load says why', () =>
  runTest(function* () {
    spawn(work(JOBS, { queue: 'by URL' }), { daemon: true });
    const jobs = yield* JobQueue.open<typeof import('../fixtures/jobs.ts')>('by URL');
    expect(yield* jobs.call('plain', 1)).toBe(2);
    const error = yield* failureOf(work(new URL('./absent.ts', import.meta.url), { queue: 'q' }));
    expect(error).toBeInstanceOf(WorkerLoadError);
    expect(error.message).toContain('absent.ts');
  }));

test('a worker that is cancelled while its module loads is cancelled, and nothing else', () =>
  runTest(function* () {
    const worker = spawn(work(JOBS, { queue: 'tests', engine: memoryEngine() }));
    yield* tick();
    yield* worker.cancel('enough');
    expect(worker.status).toBe('cancelled');
  }));

test('at most so many jobs run at a time as `concurrency` says', () =>
  runTest(function* () {
    const jobs = yield* serve(memoryEngine(), { work: { concurrency: 2 } });
    for (const job of yield* jobs.submitAll('nap', [[100], [100], [100], [100]])) yield* job;
    expect(now()).toBe(200);
  }));

test('a worker that ends lets its jobs go on for the time of `drain`; the others go back, and another worker runs them', () =>
  runTest(function* () {
    const engine = memoryEngine();
    const jobs = yield* JobQueue.open<typeof import('../fixtures/jobs.ts')>('tests', { engine });
    module.log.length = 0;
    const worker = spawn(work(module, { queue: 'tests', engine, drain: 1_000 }));
    yield* sleep(100);
    const start = now();
    const short = yield* jobs.submit('nap', [500, 'short']);
    const long = yield* jobs.submit('nap', [10_000, 'long']);
    yield* sleep(100);
    yield* worker.cancel('a new version');
    expect(now() - start).toBe(1_100);
    expect(yield* short.status()).toBe('succeeded');
    expect(yield* long.status()).toBe('waiting');
    spawn(work(module, { queue: 'tests', engine }), { daemon: true });
    expect(yield* long).toBe('long');
    expect(module.log).toEqual(['nap short', 'nap long', 'nap long']);
  }));

test('a worker of another module, or of another version, is refused', () =>
  runTest(function* () {
    const engine = memoryEngine();
    yield* serve(engine, { work: { version: '1' } });
    yield* sleep(1);
    const error = yield* failureOf(work({ nap: () => 1, other: () => 2 }, { queue: 'tests', engine }));
    expect(error).toBeInstanceOf(QueueMismatchError);
    expect(error.message).toContain('it adds other');
    const version = yield* failureOf(work(JOBS, { queue: 'tests', engine, version: '2' }));
    expect(version.message).toContain('its version is 2, not 1');
  }));

test('wrong options are named', () => {
  expect(() => work(JOBS, { queue: '' })).toThrow('an empty one');
  expect(() => work('./jobs.ts' as never, { queue: 'q' })).toThrow('new URL');
  expect(() => work(JOBS, { queue: 'q', concurrency: 0 })).toThrow("'concurrency'");
});
