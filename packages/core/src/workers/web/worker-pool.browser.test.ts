// Real time: workers of the platform are what is tested here.
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  attempt,
  createScope,
  forEach,
  gather,
  type HostScope,
  type Operation,
  run,
  TimeoutError,
  timeout,
} from '../../index.ts';
import { WorkerLoadError, WorkerLostError } from '../errors.ts';
import { transfer } from '../transfer.ts';
import { expose } from './expose.ts';
import type * as Jobs from './jobs.fixture.ts';
import { WorkerPool } from './worker-pool.ts';

// The one form that bundlers know.
const makeWorker = (): Worker => new Worker(new URL('./jobs.worker.fixture.ts', import.meta.url), { type: 'module' });

let scope: HostScope;
let pool: WorkerPool<typeof Jobs>;

beforeAll(async () => {
  scope = createScope();
  pool = await scope.hold(() => WorkerPool.open<typeof Jobs>(makeWorker, { size: 2 }));
});

afterAll(() => scope.close());

function* failureOf(operation: Operation<unknown>): Operation<Error> {
  const result = yield* attempt(operation);
  if (result.ok) throw new Error(`it gave ${String(result.value)}`);
  return result.error as Error;
}

test('a module is called in workers of the page, many calls at a time', async () => {
  await scope.run(function* () {
    expect(yield* pool.call('add', 1, 2)).toBe(3);
    expect(yield* gather([1, 2, 3].map((ms) => pool.call('nap', ms)))).toEqual([1, 2, 3]);
    const numbers: number[] = [];
    yield* forEach(pool.stream('numbers', 40), (n) => void numbers.push(n));
    expect(numbers).toHaveLength(40);
    const bytes = new Uint8Array(8);
    expect(yield* pool.call('bounce', transfer(bytes))).toHaveLength(8);
    expect(bytes).toHaveLength(0);
  });
});

test('a deadline ends a call there, with its cleanup', async () => {
  await scope.run(function* () {
    expect(yield* failureOf(timeout(20, pool.call('careful')))).toBeInstanceOf(TimeoutError);
    const cleanups = yield* gather([pool.call('cleanups'), pool.call('cleanups')]);
    expect(cleanups.sort()).toEqual([0, 1]);
  });
});

test('errors come home, and what cannot be cloned fails its own call', async () => {
  await scope.run(function* () {
    const boom = yield* failureOf(pool.call('boom'));
    expect(boom).toBeInstanceOf(TypeError);
    expect(boom).toMatchObject({ message: 'boom', code: 'E_BOOM' });
    const bad = yield* failureOf(pool.call('add', 1, (() => 1) as never));
    expect(bad.name).toBe('DataCloneError');
    expect(bad.message).toContain('argument 2 of add() cannot be sent');
  });
});

test('a worker with an error that nobody caught is lost and replaced', async () => {
  await run(function* () {
    const single = yield* WorkerPool.open<typeof Jobs>(makeWorker, { size: 1 });
    // Sent together, so that both are there when it ends.
    const [, nap] = yield* gather([attempt(single.call('fail')), failureOf(single.call('nap', 60_000))]);
    expect(nap).toBeInstanceOf(WorkerLostError);
    expect(yield* single.call('add', 1, 1)).toBe(2);
  });
});

test('a script that does not load, and a page that exposes, say what is wrong', async () => {
  const absent = (): Worker => new Worker('/there-is-no-such-script.js');
  expect(await run(() => failureOf(WorkerPool.open(absent, { size: 1 })))).toBeInstanceOf(WorkerLoadError);
  expect(() => expose({})).toThrow('expose was called outside of a Web Worker.');
  expect(() => WorkerPool.open(new URL('https://example.org') as never)).toThrow(
    'takes a function that makes a worker',
  );
});
