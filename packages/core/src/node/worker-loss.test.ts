// Real time: threads and processes of the platform are what is tested here; the pool itself is tested in virtual time.
import { expect, test } from 'vitest';
import { attempt, gather, moveOnAfter, type Operation, run, sleep, spawn, TimeoutError, timeout } from '../index.ts';
import { WorkerLostError, WorkerUnresponsiveError } from '../workers/errors.ts';
import { type NodePoolOptions, WorkerPool } from './worker-pool.ts';
import type * as Jobs from './workers/fixtures/jobs.ts';

const JOBS = new URL('./workers/fixtures/jobs.ts', import.meta.url);

const open = (options: NodePoolOptions): Operation<WorkerPool<typeof Jobs>> =>
  WorkerPool.open<typeof Jobs>(JOBS, { size: 1, ...options });

function* failureOf(operation: Operation<unknown>): Operation<Error> {
  const result = yield* attempt(operation);
  if (result.ok) throw new Error(`it gave ${String(result.value)}`);
  return result.error as Error;
}

test('a thread that ends fails its calls with the reason and the code, and another takes its place', async () => {
  await run(function* () {
    const pool = yield* open({ size: 1 });
    const lost: unknown[] = [];
    pool.events.on('lost', (event) => lost.push(event));
    const nap = spawn(failureOf(pool.call('nap', 60_000)));
    const exit = yield* failureOf(pool.call('exit', 3));
    expect(exit).toBeInstanceOf(WorkerLostError);
    expect(exit).toMatchObject({ reason: 'exit', exitCode: 3 });
    expect(exit.message).toBe(
      'The worker 1 of jobs.ts ended with code 3 while it ran exit(). Another takes its place.',
    );
    expect(yield* nap).toMatchObject({ name: 'WorkerLostError', reason: 'exit' });
    expect(lost).toEqual([{ worker: 'worker 1 of jobs.ts', reason: 'exit', exitCode: 3, calls: ['exit', 'nap'] }]);
    expect(yield* pool.call('add', 1, 1)).toBe(2);
    // An error that nobody catches in it.
    const stream = pool.stream('ticks', new Int32Array(2), 1_000_000);
    yield* stream.next();
    // It is called before the crash: a call that came after it would sleep in the worker that takes the place.
    const second = spawn(failureOf(pool.call('nap', 60_000)));
    yield* attempt(pool.call('crash'));
    const crash = yield* second;
    expect(crash).toMatchObject({ reason: 'crash', cause: { message: 'nobody catches this' } });
    const rest = yield* failureOf(drain(stream));
    expect(rest).toMatchObject({ reason: 'crash' });
    expect(yield* pool.call('add', 2, 2)).toBe(4);
    expect(pool.stats.lost).toBe(2);
  });
});

function* drain(stream: { next(): Operation<IteratorResult<unknown, void>> }): Operation<void> {
  for (let r = yield* stream.next(); !r.done; r = yield* stream.next());
}

test('a thread that has used up its memory fails its calls, and the pool goes on', async () => {
  await run(function* () {
    const pool = yield* open({ memory: 32 * 2 ** 20 });
    expect(yield* failureOf(pool.call('hog'))).toMatchObject({ name: 'WorkerLostError', reason: 'memory' });
    expect(yield* pool.call('add', 1, 1)).toBe(2);
  });
});

test('a process that aborts, exits or is killed fails its own calls, and this process goes on', async () => {
  await run(function* () {
    const pool = yield* open({ kind: 'process', env: { ...process.env, FLAVOUR: 'sour' } });
    expect(yield* pool.call('environment', 'FLAVOUR')).toBe('sour');
    expect(yield* pool.call('environment', 'COLOOP_WORKER')).toBeUndefined();
    const pid = yield* pool.call('pid');
    const nap = spawn(failureOf(pool.call('nap', 60_000)));
    yield* sleep(20);
    process.kill(pid, 'SIGKILL');
    expect(yield* nap).toMatchObject({ reason: 'crash', exitCode: null, message: expect.stringContaining('SIGKILL') });
    expect(yield* failureOf(pool.call('abort'))).toMatchObject({ reason: 'crash' });
    expect(yield* failureOf(pool.call('exit', 5))).toMatchObject({ reason: 'exit', exitCode: 5 });
    expect(yield* pool.call('pid')).not.toBe(pid);
  });
});

test('a worker that does not answer is named with the call that blocks it, and its callers have their own timeouts', async () => {
  await run(function* () {
    const pool = yield* open({ unresponsive: { after: 200 } });
    const told: { blockedBy: string }[] = [];
    pool.events.on('unresponsive', (event) => told.push(event));
    const naps = Array.from({ length: 20 }, () => spawn(pool.call('nap', 1_000)));
    const spin = spawn(pool.call('spin', 2_000));
    const begin = performance.now();
    expect(yield* failureOf(timeout(100, pool.call('nap', 1)))).toBeInstanceOf(TimeoutError);
    expect(performance.now() - begin).toBeLessThan(1_500);
    yield* gather(naps);
    expect(yield* spin).toBeGreaterThan(0);
    expect(told).toMatchObject([{ worker: 'worker 1 of jobs.ts', blockedBy: 'spin()' }]);
    expect(pool.stats.workers).toMatchObject([{ state: 'ready' }]);
  });
});

test.each(['thread', 'process'] as const)(
  'a deadline passes on time behind a call that computes in a %s',
  // A busy machine may be late once, and is not each time.
  { retry: 2 },
  async (kind) => {
    await run(function* () {
      const pool = yield* open({ kind });
      yield* pool.call('add', 1, 1);
      const order: string[] = [];
      const told = function* (name: string, wait: Operation<unknown>) {
        yield* attempt(wait);
        order.push(name);
      };
      // Without a question before the deadline, the wait for an answer would begin with it, and last for 200 ms.
      yield* gather([told('the deadline', timeout(1_500, pool.call('spin', 20_000))), told('later', sleep(1_650))]);
      expect(order).toEqual(['the deadline', 'later']);
    });
  },
);

test('by option a worker that does not answer is ended, its calls fail with the name of what blocked it', async () => {
  await run(function* () {
    const pool = yield* open({ unresponsive: { after: 200, end: true } });
    const nap = spawn(failureOf(pool.call('nap', 60_000)));
    const spin = (yield* failureOf(pool.call('spin', 60_000))) as WorkerUnresponsiveError;
    expect(spin).toBeInstanceOf(WorkerUnresponsiveError);
    expect(spin.blockedBy).toBe('spin()');
    expect(yield* nap).toBeInstanceOf(WorkerUnresponsiveError);
    expect(yield* pool.call('add', 1, 1)).toBe(2);
  });
});

test('a pool ends also while a call computes in each of its workers', async () => {
  const begin = performance.now();
  await run(function* () {
    const thread = yield* open({ size: 1 });
    const child = yield* open({ size: 1, kind: 'process' });
    yield* moveOnAfter(50, gather([thread.call('spin', 60_000), child.call('spin', 60_000)]));
  });
  expect(performance.now() - begin).toBeLessThan(30_000);
});
