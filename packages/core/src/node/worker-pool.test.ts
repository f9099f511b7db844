// Real time: threads and processes of the platform are what is tested here; the pool itself is tested in virtual time.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  attempt,
  createScope,
  forEach,
  gather,
  type HostScope,
  moveOnAfter,
  type Operation,
  run,
  sleep,
  spawn,
  TimeoutError,
  timeout,
} from '../index.ts';
import { NoSuchExportError, PoolClosedError, WorkerLoadError } from '../workers/errors.ts';
import { transfer } from '../workers/transfer.ts';
import { WorkerPool } from './worker-pool.ts';
import { BadImageError } from './workers/fixtures/bad-image-error.ts';
import type * as Jobs from './workers/fixtures/jobs.ts';
import { locale } from './workers/fixtures/jobs.ts';

const JOBS = new URL('./workers/fixtures/jobs.ts', import.meta.url);
type Pool = WorkerPool<typeof Jobs>;

/** The threads of this process that have not ended. */
const alive = new Set<object>();
process.on('worker', (worker) => {
  alive.add(worker);
  worker.once('exit', () => alive.delete(worker));
});

function* failureOf(operation: Operation<unknown>): Operation<Error> {
  const result = yield* attempt(operation);
  if (result.ok) throw new Error(`it gave ${String(result.value)}`);
  return result.error as Error;
}

function* caught(pool: Pool): Operation<TypeError & { code: string }> {
  try {
    return yield* pool.call('boom');
  } catch (error) {
    return error as TypeError & { code: string };
  }
}

function sharedLog(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
}

describe.each(['thread', 'process'] as const)('a pool with workers of the kind %s', (kind) => {
  let scope: HostScope;
  let pool: Pool;
  let pids: number[];

  beforeAll(async () => {
    scope = createScope();
    pool = await scope.hold(() => WorkerPool.open<typeof Jobs>(JOBS, { size: 2, kind, errors: [BadImageError] }));
    pids = await scope.run(() => gather([pool.call('pid'), pool.call('pid')]));
  });

  afterAll(async () => {
    expect(alive.size).toBe(kind === 'thread' ? 2 : 0);
    await scope.close();
    if (kind === 'process') for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(alive.size).toBe(0);
  });

  test('calls plain functions, async functions, coroutines and the default export', async () => {
    await scope.run(function* () {
      expect(yield* pool.call('add', 1, 2)).toBe(3);
      expect(yield* pool.call('later', 'soon')).toBe('soon');
      expect(yield* pool.call('nap', 1)).toBe(1);
      expect(yield* pool.call('family')).toEqual(['a', 'b']);
      expect(yield* pool.call('default', 'Ada')).toBe('hello Ada');
    });
  });

  test('many calls run at a time in every worker, and each worker has a module of its own', async () => {
    await scope.run(function* () {
      const naps = yield* gather(Array.from({ length: 500 }, (_, n) => pool.call('nap', n % 5)));
      expect(naps).toEqual(Array.from({ length: 500 }, (_, n) => n % 5));
      // On a busy machine a call may have ended before the last one begins, and then the halves are not equal.
      const counts = yield* gather(Array.from({ length: 10 }, () => pool.call('countCalls')));
      const once = counts.filter((n) => counts.indexOf(n) === counts.lastIndexOf(n)).length;
      expect(counts.filter((n) => n === 1)).toHaveLength(2);
      expect(Math.max(...counts)).toBe((counts.length + once) / 2);
    });
  });

  test('an error comes home as its class, with cause, code and the lines of both sides', async () => {
    await scope.run(function* () {
      const error = yield* caught(pool);
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toMatchObject({ message: 'boom', code: 'E_BOOM', detail: { at: 3 } });
      expect(error.cause).toEqual(new Error('why'));
      expect(error.stack).toMatch(/at boom .*fixtures.jobs\.ts:\d+[\s\S]*at boom\(\) in worker \d of jobs\.ts/);
      expect(error.stack).toMatch(/in worker \d of jobs\.ts[\s\S]*caught .*worker-pool\.test\.ts:\d+/);
      // Each line once, and none of the library.
      const lines = (error.stack ?? '').split('\n').map((line) => line.replace('async ', ''));
      expect(new Set(lines).size).toBe(lines.length);
      expect(error.stack).not.toMatch(/workers\/(?:pool|guest)\/|kernel\//);
    });
  });

  test('a class that the pool was given comes home as itself, and what is not an error as it is', async () => {
    await scope.run(function* () {
      expect(yield* failureOf(pool.call('bad'))).toBeInstanceOf(BadImageError);
      expect(yield* failureOf(pool.call('odd'))).toMatchObject({ message: 'odd' });
      expect(yield* failureOf(pool.call('literal'))).toBe('a string');
      expect(yield* failureOf(pool.call('dead'))).toMatchObject({
        name: 'TaskGroupError',
        cause: { message: 'first' },
      });
    });
  });

  test('what cannot be cloned fails its own call alone, and is named', async () => {
    await scope.run(function* () {
      const bad = (): number => 1;
      const [first, second, third] = yield* gather(
        [pool.call('add', 1, 1), pool.call('add', 1, bad as never), pool.call('add', 2, 2)],
        { settle: true },
      );
      expect([first, third]).toMatchObject([{ value: 2 }, { value: 4 }]);
      expect(second).toMatchObject({
        reason: {
          name: 'DataCloneError',
          message: expect.stringMatching(/^argument 2 of add\(\) cannot be sent: .* could not be cloned\. Send/),
        },
      });
      expect(yield* failureOf(pool.call('refuse'))).toMatchObject({ name: 'DataCloneError' });
      expect(yield* pool.call('add', 3, 3)).toBe(6);
    });
  });

  test('only functions that the module exports can be called, and the nearest name is told', async () => {
    const anyPool = pool as unknown as WorkerPool;
    await scope.run(function* () {
      const error = (yield* failureOf(anyPool.call('ad', 1, 2))) as NoSuchExportError;
      expect(error).toBeInstanceOf(NoSuchExportError);
      expect(error.nearest).toBe('add');
      expect(error.message).toBe(`jobs.ts does not export "ad". Did you mean 'add'?`);
      expect((yield* failureOf(anyPool.call('LIMIT'))).message).toContain(
        'exports a value, not a function, as "LIMIT"',
      );
      expect((yield* failureOf(anyPool.call('Shape'))).message).toContain(
        'exports a class, not a function, as "Shape"',
      );
      for (const name of ['toString', '__proto__', 'constructor', 'then']) {
        expect(yield* failureOf(anyPool.call(name))).toBeInstanceOf(NoSuchExportError);
      }
    });
  });

  test('streams: generators of data, async iterables, sources, and coroutines that return one', async () => {
    await scope.run(function* () {
      const all: unknown[] = [];
      const take = (item: unknown): void => void all.push(item);
      yield* forEach(pool.stream('numbers', 50), take);
      expect(all).toEqual(Array.from({ length: 50 }, (_, n) => n));
      all.length = 0;
      yield* forEach(pool.stream('letters'), take);
      yield* forEach(pool.stream('opened'), take);
      expect(all).toEqual(['a', 'b', 0, 1]);
    });
  });

  test('the items before an error arrive before it, and a call of a stream says what to write', async () => {
    const anyPool = pool as unknown as WorkerPool;
    await scope.run(function* () {
      const broken = pool.stream('broken');
      expect(yield* broken.next()).toEqual({ done: false, value: 1 });
      expect(yield* failureOf(broken.next())).toEqual(new TypeError('the second item'));
      expect((yield* failureOf(anyPool.call('letters'))).message).toContain(
        "Read them with `pool.stream('letters', …)`.",
      );
      expect((yield* failureOf(anyPool.stream('add', 1, 2).next())).message).toContain(
        "Get it with `pool.call('add', …)`.",
      );
    });
  });

  test('contexts that travel go along, with their value at the call', async () => {
    await scope.run(function* () {
      expect(yield* pool.call('whichLocale')).toBe('none');
      expect(yield* locale.with('de', pool.call('whichLocale'))).toBe('de');
      locale.set('fr');
      expect(yield* gather([pool.call('whichLocale')])).toEqual(['fr']);
    });
  });

  test('a deadline ends a call that waits, and its own error is what the caller gets', async () => {
    await scope.run(function* () {
      expect(yield* failureOf(timeout(20, pool.call('nap', 60_000)))).toBeInstanceOf(TimeoutError);
      expect(yield* moveOnAfter(20, gather([pool.call('nap', 60_000)]))).toMatchObject({ timedOut: true });
      expect(pool.stats.running).toBe(0);
    });
  });

  test('what the cleanup of a cancelled call fails with takes the place of the cancel, as in one thread', async () => {
    await scope.run(function* () {
      const expected = new RangeError('the cleanup has failed');
      expect(yield* failureOf(timeout(20, pool.call('messy')))).toEqual(expected);
      const task = spawn(failureOf(pool.call('messy')));
      yield* sleep(20);
      yield* task.cancel();
      expect(task.result()).toEqual(expected);
    });
  });

  test('a worker that computes does not hold up the deadlines of its callers', async () => {
    const late: string[] = [];
    pool.events.on('late', ({ call }) => late.push(call));
    await scope.run(function* () {
      const begin = performance.now();
      const calls = gather([pool.call('spin', 3_000), pool.call('spin', 3_000), pool.call('nap', 0)]);
      expect(yield* failureOf(timeout(100, calls))).toBeInstanceOf(TimeoutError);
      expect(performance.now() - begin).toBeLessThan(2_500);
      // The workers answer again, and what came late is told.
      while (pool.stats.running > 0) yield* sleep(20);
      expect(late).toContain('spin');
      expect(yield* pool.call('add', 1, 1)).toBe(2);
    });
    pool.events.removeAllListeners('late');
  });
});

describe('threads', () => {
  test('cancelling the caller runs the cleanup of the call, and waits for it', async () => {
    await run(function* () {
      const pool = yield* WorkerPool.open<typeof Jobs>(JOBS, { size: 1 });
      const log = sharedLog();
      const task = spawn(pool.call('careful', log, 30));
      while (Atomics.load(log, 0) === 0) yield* sleep(5);
      yield* task.cancel('enough');
      expect(task.status).toBe('cancelled');
      expect(Atomics.load(log, 0)).toBe(2);
      // A stream ends in the worker as well: with close(), which waits for its cleanup, at most a window ahead.
      const ticks = pool.stream('ticks', log, 1_000);
      expect(yield* ticks.next()).toEqual({ done: false, value: 0 });
      yield* sleep(50);
      yield* ticks.close();
      expect(Atomics.load(log, 1)).toBe(1);
      expect(Atomics.load(log, 0)).toBeLessThan(2 + 16 + 1);
      expect(yield* ticks.next()).toEqual({ done: true, value: undefined });
    });
    expect(alive.size).toBe(0);
  });

  test('what is marked with transfer is moved, there and back', async () => {
    await run(function* () {
      const pool = yield* WorkerPool.open<typeof Jobs>(JOBS, { size: 1 });
      const bytes = new Uint8Array(1_000);
      const back = yield* pool.call('bounce', transfer(bytes));
      expect(bytes.length).toBe(0);
      expect([back.length, back[0]]).toEqual([1_000, 1]);
      expect(yield* pool.call('length', back)).toBe(1_000);
      expect(back.length).toBe(1_000);
    });
  });

  test('with a limit of calls, others wait their turn in order, and a queue that is full refuses', async () => {
    await run(function* () {
      const pool = yield* WorkerPool.open<typeof Jobs>(JOBS, { size: 1, concurrency: 1, queue: 2 });
      const done: number[] = [];
      function* job(n: number): Operation<void> {
        yield* pool.call('nap', 5);
        done.push(n);
      }
      const jobs = [0, 1, 2].map((n) => spawn(job(n)));
      yield* sleep(0);
      expect(pool.stats).toMatchObject({ running: 1, waiting: 2 });
      expect(yield* failureOf(pool.call('nap', 1))).toMatchObject({ name: 'QueueFullError' });
      yield* jobs[1]?.cancel() ?? sleep(0);
      yield* gather(jobs, { settle: true });
      expect(done).toEqual([0, 2]);
      expect(pool.stats).toMatchObject({ running: 0, waiting: 0, ended: 2 });
    });
  });

  test('a pool that was closed, by hand or with its scope, says so; its calls fail after their cleanup', async () => {
    const log = sharedLog();
    let pool: Pool | undefined;
    await run(function* () {
      pool = yield* WorkerPool.open<typeof Jobs>(JOBS, { size: 1 });
      const task = spawn(failureOf(pool.call('careful', log, 10)));
      while (Atomics.load(log, 0) === 0) yield* sleep(5);
      yield* pool.close();
      expect(yield* task).toBeInstanceOf(PoolClosedError);
      expect(Atomics.load(log, 0)).toBe(2);
      expect(yield* failureOf(pool.call('add', 1, 1))).toBeInstanceOf(PoolClosedError);
      expect(pool.stats.workers).toMatchObject([{ state: 'ended' }]);
    });
    await expect(run(() => (pool as Pool).call('add', 1, 1))).rejects.toThrow(
      'The pool of jobs.ts was closed, by close() or with the scope that opened it.',
    );
    expect(alive.size).toBe(0);
  });
});

describe('a module that does not load', () => {
  test.each([
    ['data:text/javascript,export const = 3', 'thread', /^the module could not be loaded in a worker: SyntaxError: /],
    [
      'data:text/javascript,throw new RangeError("at the top")',
      'process',
      /: RangeError: at the top\. Its cause says where\.$/,
    ],
    [
      'data:text/javascript,process.exit(4)',
      'thread',
      /: The worker 1 of the module ended with code 4 while it started\./,
    ],
    [
      './workers/absent.mjs',
      'thread',
      /^absent\.mjs could not be loaded in a worker: Error: Cannot find module .*absent\.mjs/,
    ],
  ] as const)('%s, in a %s', async (file, kind, message) => {
    const module = new URL(file, import.meta.url);
    const error = await run(() => failureOf(WorkerPool.open(module, { size: 1, kind })));
    expect(error).toBeInstanceOf(WorkerLoadError);
    expect(error.message).toMatch(message);
    expect(alive.size).toBe(0);
  });
});

test('wrong options are refused before anything starts', () => {
  const open = (options: object): unknown => WorkerPool.open(JOBS, options);
  expect(() => open({ size: 0 })).toThrow("the option 'size' takes a whole number of at least 1, not 0.");
  expect(() => open({ size: Number.NaN })).toThrow(RangeError);
  expect(() => open({ concurrency: 0 })).toThrow(RangeError);
  expect(() => open({ queue: 3 })).toThrow("the option 'queue' needs 'concurrency'");
  expect(() => open({ kind: 'fiber' })).toThrow("the option 'kind' takes 'thread' or 'process', not \"fiber\".");
  expect(() => open({ sise: 3 })).toThrow("Did you mean 'size'?");
  expect(() => open({ errors: [3] })).toThrow("the option 'errors' takes classes of errors, not 3.");
  expect(() => open({ memory: 12 })).toThrow(RangeError);
  expect(() => WorkerPool.open('./jobs.ts' as never)).toThrow("Write `new URL('./images.ts', import.meta.url)`.");
});
