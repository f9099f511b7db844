import { expect, test } from 'vitest';
import {
  attempt,
  gather,
  moveOnAfter,
  now,
  type Operation,
  run,
  sleep,
  spawn,
  TimeoutError,
  timeout,
} from '../../index.ts';
import { type NodePoolOptions, WorkerPool } from '../../node/worker-pool.ts';
import { WorkerLoadError, type WorkerUnresponsiveError } from '../../workers/errors.ts';
import { explore } from '../explore/explore.ts';
import { runTest } from '../run-test.ts';
import { testWorkers } from './test-workers.ts';
import type * as Jobs from './virtual-jobs.fixture.ts';

const JOBS = new URL('./virtual-jobs.fixture.ts', import.meta.url);

const open = (options: NodePoolOptions = {}): Operation<WorkerPool<typeof Jobs>> =>
  WorkerPool.open<typeof Jobs>(JOBS, { size: 2, ...options });

function* failureOf(operation: Operation<unknown>): Operation<Error> {
  const result = yield* attempt(operation);
  if (result.ok) throw new Error(`it gave ${String(result.value)}`);
  return result.error as Error;
}

test('under runTest workers run in virtual time, loading takes none of it, and each has a module of its own', () =>
  runTest(function* () {
    const ticking = spawn(sleep(10));
    const pool = yield* open();
    expect(now()).toBe(0);
    expect(yield* gather([1, 2, 3, 4].map(() => pool.call('count')))).toEqual([1, 1, 2, 2]);
    expect(yield* pool.call('nap', 3_600_000)).toBe(3_600_000);
    expect(now()).toBeGreaterThanOrEqual(3_600_000);
    yield* ticking;
  }));

test('arguments and results are cloned, and what cannot be fails its own call', () =>
  runTest(function* () {
    const pool = yield* open();
    const given = { list: [1] };
    const back = yield* pool.call('push', given);
    expect(back).toEqual({ list: [1, 2] });
    expect(given).toEqual({ list: [1] });
    expect(yield* failureOf(pool.call('push', { list: [(() => 1) as never] }))).toMatchObject({
      name: 'DataCloneError',
      message: expect.stringContaining('argument 1 of push() cannot be sent'),
    });
  }));

test('a deadline is kept to the millisecond, with the cleanup of the call', () =>
  runTest(function* () {
    const pool = yield* open();
    const error = yield* failureOf(timeout(100, pool.call('careful', 30)));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(now()).toBe(130);
    expect(pool.stats.running).toBe(0);
  }));

test('streams have their window in virtual time as well', () =>
  runTest(function* () {
    const pool = yield* open();
    const numbers = pool.stream('numbers', 40);
    let sum = 0;
    for (let r = yield* numbers.next(); !r.done; r = yield* numbers.next()) sum += r.value;
    expect(sum).toBe(780);
  }));

test('a call that crashes its worker fails the calls of that worker, and another takes its place', () =>
  runTest(function* () {
    testWorkers({ crash: ({ name, number }) => name === 'nap' && number === 1 });
    const pool = yield* open({ size: 1 });
    const first = spawn(failureOf(pool.call('nap', 1_000)));
    yield* sleep(10);
    expect(yield* failureOf(pool.call('nap', 1))).toMatchObject({ name: 'WorkerLostError', reason: 'crash' });
    expect(yield* first).toMatchObject({ name: 'WorkerLostError' });
    expect(yield* pool.call('nap', 1)).toBe(1);
    expect(pool.stats.lost).toBe(1);
  }));

test('an answer that is lost leaves done what the call did', () =>
  runTest(function* () {
    const log = new Int32Array(new SharedArrayBuffer(4));
    testWorkers({ lose: 'store' });
    const pool = yield* open();
    expect(yield* failureOf(pool.call('store', log))).toMatchObject({ reason: 'crash' });
    expect(log[0]).toBe(1);
  }));

test('a late answer comes late, and after a deadline it is dropped and told', () =>
  runTest(function* () {
    testWorkers({ late: ({ name }) => (name === 'nap' ? 5_000 : 0) });
    const pool = yield* open();
    expect(yield* pool.call('nap', 10)).toBe(10);
    expect(now()).toBe(5_010);
    const moved = yield* moveOnAfter(100, pool.call('nap', 10));
    expect(moved.timedOut).toBe(true);
  }));

test('a worker that does not answer is named and replaced, and its callers have their own timeouts', () =>
  runTest(function* () {
    testWorkers({ unresponsive: ({ name }) => (name === 'count' ? Number.POSITIVE_INFINITY : 0) });
    const pool = yield* open({ size: 1, unresponsive: { after: 1_000, end: true } });
    const blocking = spawn(failureOf(pool.call('count')));
    yield* sleep(1);
    expect(yield* failureOf(timeout(100, pool.call('nap', 1)))).toBeInstanceOf(TimeoutError);
    expect(now()).toBeLessThan(200);
    expect(((yield* blocking) as WorkerUnresponsiveError).blockedBy).toBe('count()');
    expect(yield* pool.call('nap', 1)).toBe(1);
  }));

test('a module that does not load says so in virtual time, too', () =>
  runTest(function* () {
    const error = yield* failureOf(WorkerPool.open(new URL('./absent.ts', import.meta.url), { size: 2 }));
    expect(error).toBeInstanceOf(WorkerLoadError);
  }));

test('explore finds the schedule in which a lost answer makes a call be done twice', async () => {
  function* program(): Operation<void> {
    const log = new Int32Array(new SharedArrayBuffer(4));
    testWorkers({ lose: 0.5 });
    const pool = yield* open({ size: 1 });
    const first = yield* attempt(pool.call('store', log));
    if (!first.ok) yield* attempt(pool.call('store', log));
    if (log[0] !== 1) throw new Error('stored twice');
  }
  await expect(explore(program, { seeds: 10 })).rejects.toThrow('stored twice');
});

test('a pool stands every schedule, and a cancel of every task at every moment', async () => {
  function* program(): Operation<void> {
    const pool = yield* open({ size: 1 });
    yield* gather([pool.call('nap', 5), moveOnAfter(3, pool.call('careful', 2))]);
  }
  const report = await explore(program, { seeds: 5, cancel: true, limit: 200 });
  expect(report.runs).toBeGreaterThan(5);
});

test('faults need virtual time and options that are right', async () => {
  await expect(
    run(function* () {
      testWorkers({});
    }),
  ).rejects.toThrow('testWorkers works on virtual time.');
  await runTest(function* () {
    expect(() => testWorkers({ crash: 2 })).toThrow(
      "the option 'crash' takes the name of an export, a share from 0 to 1",
    );
    expect(() => testWorkers({ late: Number.NaN })).toThrow(RangeError);
    expect(() => testWorkers({ crush: 'nap' } as never)).toThrow("Did you mean 'crash'?");
  });
});
