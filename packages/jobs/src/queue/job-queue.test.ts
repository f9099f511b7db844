import {
  CancelledError,
  exponential,
  fixed,
  forEach,
  gather,
  now,
  sleep,
  spawn,
  TimeoutError,
  timeout,
} from '@coloop/core';
import { runTest } from '@coloop/core/testing';
import { NoSuchExportError } from '@coloop/core/workers';
import { expect, test } from 'vitest';
import { JobConflictError, JobLostError, JobQueueClosedError, UntransferableError } from '../errors.ts';
import { failureOf } from '../fixtures/failure-of.ts';
import { locale, log } from '../fixtures/jobs.ts';
import { serve } from '../fixtures/serve.ts';
import { memoryEngine } from '../memory/memory-engine.ts';
import { work } from '../worker/work.ts';
import { JobQueue } from './job-queue.ts';

test('a call runs a coroutine, a plain or an async function, and gives its result', () =>
  runTest(function* () {
    const jobs = yield* serve();
    expect(yield* jobs.call('echo', { a: [1, undefined, new Map([[1n, new Set(['x'])]])] })).toEqual({
      a: [1, undefined, new Map([[1n, new Set(['x'])]])],
    });
    expect(yield* gather([jobs.call('plain', 1), jobs.call('later', 1)])).toEqual([2, 3]);
  }));

test('a queue and its workers that are given no engine meet in one of the program', () =>
  runTest(function* () {
    spawn(work({ one: () => 1 }, { queue: 'a: colon' }), { daemon: true });
    const jobs = yield* JobQueue.open<{ one: () => number }>('a: colon');
    expect(yield* jobs.call('one')).toBe(1);
  }));

test('an error comes home as its own class, with the place where it was thrown', () =>
  runTest(function* () {
    const jobs = yield* serve();
    const error = yield* failureOf(jobs.call('flaky', 1));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe('attempt 1 failed');
    expect(error.stack).toContain('the job tests-1');
    const both = (yield* failureOf(jobs.call('spawnsFailure'))) as AggregateError;
    expect(both.errors.map(({ name }) => name)).toEqual(['Error', 'RangeError']);
  }));

test('the cancel of a caller is that of the job, whose cleanup is waited for', () =>
  runTest(function* () {
    const jobs = yield* serve();
    const task = spawn(jobs.call('stubborn', 50));
    yield* sleep(100);
    yield* task.cancel('not wanted');
    expect(now()).toBe(150);
    expect(log).toEqual(['begun', 'cleaned']);
    expect((yield* jobs.stats()).cancelled).toBe(0);
  }));

test('a deadline around a call ends the job, and contexts go along', () =>
  runTest(function* () {
    const jobs = yield* serve();
    const error = yield* failureOf(timeout(100, jobs.call('stubborn', 50)));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(log).toEqual(['begun', 'cleaned']);
    expect(yield* locale.with('de', jobs.call('where'))).toBe('de');
    expect(yield* jobs.call('where')).toBe('none');
  }));

test('a job outlives its caller, is found again by its id, and can be waited for any number of times', () =>
  runTest(function* () {
    const jobs = yield* serve();
    const submitting = spawn(function* () {
      return (yield* jobs.submit('nap', [1_000, 'slept'])).id;
    });
    const job = yield* jobs.get(yield* submitting);
    expect(yield* job?.status() ?? sleep(0)).toMatch(/waiting|running/);
    expect(yield* gather([job, job].map((each) => each ?? sleep(0)))).toEqual(['slept', 'slept']);
    expect(yield* job?.status() ?? sleep(0)).toBe('succeeded');
    expect(yield* jobs.get('unknown')).toBe(null);
  }));

test('a job that waits is cancelled at once, one that runs when its cleanup has ended', () =>
  runTest(function* () {
    const jobs = yield* serve(memoryEngine(), { work: { concurrency: 1 } });
    const [running, waiting] = yield* gather([jobs.submit('stubborn', [50]), jobs.submit('nap', [1])]);
    yield* sleep(10);
    expect(yield* waiting.status()).toBe('waiting');
    expect(yield* waiting.cancel('not wanted')).toBe(true);
    expect(now()).toBe(10);
    expect(yield* running.cancel('nor this')).toBe(true);
    expect(now()).toBe(60);
    expect(yield* running.cancel()).toBe(false);
    const error = yield* failureOf(running);
    expect(error).toBeInstanceOf(CancelledError);
    expect((error as CancelledError).reason).toBe('nor this');
    expect(log).toEqual(['begun', 'cleaned']);
  }));

test('what a cleanup fails with is thrown by cancel, and is the outcome of the job', () =>
  runTest(function* () {
    const jobs = yield* serve();
    const job = yield* jobs.submit('failingCleanup', []);
    yield* sleep(10);
    expect((yield* failureOf(job.cancel())).message).toBe('the cleanup failed');
    expect(yield* job.status()).toBe('failed');
    expect(yield* failureOf(job)).toBeInstanceOf(RangeError);
  }));

test('a job that failed is run again as its schedule says', () =>
  runTest(function* () {
    const jobs = yield* serve();
    const retry = exponential(1_000).attempts(3);
    expect(yield* yield* jobs.submit('flaky', [2], { retry })).toBe(3);
    expect(now()).toBe(3_003);
    expect((yield* failureOf(yield* jobs.submit('flaky', [3], { retry }))).message).toBe('attempt 3 failed');
  }));

test('a schedule without an end, or one that asks for the error, is refused at the submit', () =>
  runTest(function* () {
    const jobs = yield* serve();
    const submit = (retry: ReturnType<typeof fixed>) => failureOf(jobs.submit('flaky', [1], { retry }));
    expect((yield* submit(fixed(10))).message).toContain('.attempts(5)');
    expect(
      (yield* submit(
        fixed(10)
          .attempts(2)
          .when(() => true),
      )).constructor,
    ).toBe(TypeError);
  }));

test('a delayed job begins when its time has come, and a smaller priority first', () =>
  runTest(function* () {
    const jobs = yield* serve(memoryEngine(), { work: { concurrency: 1 } });
    const late = yield* jobs.submit('nap', [1, 'delayed'], { delay: 60_000 });
    yield* jobs.submit('nap', [1, 'second'], { priority: 2 });
    yield* jobs.submit('nap', [1, 'first'], { priority: 1 });
    expect(yield* late.status()).toBe('delayed');
    yield* late;
    expect(now()).toBe(60_001);
    expect(log).toEqual(['nap first', 'nap second', 'nap delayed']);
  }));

test('a second submit with a key is the same job, and with other arguments an error that shows both', () =>
  runTest(function* () {
    const jobs = yield* serve();
    const key = 'https://example.org:8080/?a=__proto__';
    const first = yield* jobs.submit('nap', [10, 'a'], { key });
    const second = yield* jobs.submit('nap', [10, 'a'], { key });
    expect(second.id).toBe(first.id);
    expect(yield* gather([first, second])).toEqual(['a', 'a']);
    expect((yield* jobs.submit('nap', [10, 'a'], { key })).id).toBe(first.id);
    expect(log).toEqual(['nap a']);
    const error = yield* failureOf(jobs.submit('nap', [10, 'b'], { key }));
    expect(error).toBeInstanceOf(JobConflictError);
    expect(error.message).toContain('nap(10,"a")');
    expect(error.message).toContain('nap(10,"b")');
  }));

test('results and keys are kept for the times of `keep`, keys at least as long as results', () =>
  runTest(function* () {
    const jobs = yield* serve(memoryEngine(), { keep: { results: 1_000, keys: 1 } });
    const job = yield* jobs.submit('nap', [1], { key: 'k' });
    yield* job;
    yield* sleep(999);
    expect((yield* jobs.submit('nap', [1], { key: 'k' })).id).toBe(job.id);
    yield* sleep(1);
    expect(yield* jobs.get(job.id)).toBe(null);
    expect(yield* failureOf(job)).toBeInstanceOf(JobLostError);
    expect(yield* failureOf(job.status())).toBeInstanceOf(JobLostError);
    expect((yield* jobs.submit('nap', [1], { key: 'k' })).id).not.toBe(job.id);
  }));

test('a deadline of a submit covers its delay and its runs, with and without a worker', () =>
  runTest(function* () {
    const jobs = yield* serve();
    expect(yield* failureOf(yield* jobs.submit('nap', [1_000], { deadline: 100 }))).toBeInstanceOf(TimeoutError);
    expect(now()).toBe(100);
    const nobody = yield* JobQueue.open('nobody serves it');
    const waiting = yield* nobody.submit('nap', [1], { deadline: 100 });
    expect(yield* failureOf(waiting)).toBeInstanceOf(TimeoutError);
    expect(now()).toBe(200);
    expect(yield* waiting.status()).toBe('failed');
  }));

test('progress is a source that starts with the latest and ends with the job', () =>
  runTest(function* () {
    const jobs = yield* serve();
    const job = yield* jobs.submit('told', [3]);
    const seen: unknown[] = [];
    yield* forEach(job.progress, (value) => void seen.push(value));
    expect(seen).toEqual([{ part: 1 }, { part: 2 }, { part: 3 }]);
    expect(yield* job).toBe(3);
  }));

test('many jobs are submitted at once, all of them or none', () =>
  runTest(function* () {
    const jobs = yield* serve();
    const many = yield* jobs.submitAll('plain', [[1], [2], [3]]);
    expect(yield* gather(many)).toEqual([2, 3, 4]);
    const error = yield* failureOf(jobs.submitAll('echo', [[1], [{ deep: [() => 1] }]]));
    expect(error).toBeInstanceOf(UntransferableError);
    expect((error as UntransferableError).path).toBe('arguments[0].deep[0]');
    expect(yield* jobs.stats()).toMatchObject({ succeeded: 3, waiting: 0, running: 0 });
  }));

test('arguments and results that are too large say where to put them', () =>
  runTest(function* () {
    const jobs = yield* serve(memoryEngine({ limit: 100 }));
    expect((yield* failureOf(jobs.call('echo', 'x'.repeat(200)))).message).toContain('Put large things into a file');
    const small = yield* failureOf(jobs.call('widen', 'y'.repeat(60)));
    expect(small.message).toContain('characters');
  }));

test('a name that the module does not export names the nearest, and without a worker the job fails alone', () =>
  runTest(function* () {
    const engine = memoryEngine();
    const early = yield* JobQueue.open('tests', { engine });
    const job = yield* early.submit('nop', []);
    const jobs = yield* serve(engine);
    expect(yield* failureOf(job)).toBeInstanceOf(NoSuchExportError);
    const error = (yield* failureOf(early.call('napp', 1))) as NoSuchExportError;
    expect(error.nearest).toBe('nap');
    expect(yield* failureOf(early.call('version'))).toBeInstanceOf(NoSuchExportError);
    expect(yield* failureOf(early.call('toString'))).toBeInstanceOf(NoSuchExportError);
    expect(yield* jobs.call('plain', 1)).toBe(2);
  }));

test('a closed queue takes no job, and what was submitted stays', () =>
  runTest(function* () {
    const jobs = yield* serve();
    const job = yield* jobs.submit('nap', [10]);
    yield* jobs.close();
    expect(yield* failureOf(jobs.submit('nap', [10]))).toBeInstanceOf(JobQueueClosedError);
    expect(yield* job).toBe('rested');
  }));

test('wrong options are named', () =>
  runTest(function* () {
    const jobs = yield* serve();
    expect(() => JobQueue.open('')).toThrow('an empty one');
    expect(() => JobQueue.open('q', { engin: 1 } as never)).toThrow("Did you mean 'engine'?");
    expect(() => JobQueue.open('q', { engine: {} as never })).toThrow('memoryEngine()');
    expect((yield* failureOf(jobs.submit('nap', 10 as never))).message).toContain('Write `[value]` for one.');
    expect((yield* failureOf(jobs.submit('nap', [1], { priority: -1 }))).message).toContain("'priority'");
    expect((yield* failureOf(jobs.submit('nap', [1], { retry: 3 as never }))).message).toContain('exponential(1000)');
  }));
