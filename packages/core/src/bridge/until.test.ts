import { expect, test, vi } from 'vitest';
import { CancelledError, TimeoutError } from '../errors.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import { Scheduler } from '../kernel/scheduler/scheduler.ts';
import { spawn } from '../kernel/scheduler/spawn.ts';
import { attempt } from '../kernel/task/attempt.ts';
import { gather } from '../tasks/gather.ts';
import { runTest } from '../testing/run-test.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { forever } from '../time/forever.ts';
import { sleep } from '../time/sleep.ts';
import { tick } from '../time/tick.ts';
import { timeout } from '../time/timeout.ts';
import { until } from './until.ts';

interface Deferred<T> {
  promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

test('a promise gives its value, and a rejection is thrown with the same identity', () =>
  runTest(function* () {
    expect(yield* until(Promise.resolve(7))).toBe(7);
    const error = new Error('no');
    const tried = yield* attempt(until(Promise.reject(error)));
    expect(tried).toEqual({ ok: false, error });
    expect(!tried.ok && tried.error).toBe(error);
  }));

test('a promise that was fulfilled before gives its value without a trip through the queue', () =>
  runTest(function* () {
    const ready = until(Promise.resolve('ready'));
    yield* until(Promise.resolve());
    let others = 0;
    spawn(function* (): Operation<void> {
      others++;
    });
    expect(yield* ready).toBe('ready');
    expect(others).toBe(0);
  }));

test('a cancelled wait abandons its promise at once, and what the promise does later reaches nobody', () =>
  runTest(function* () {
    const unhandled = vi.fn();
    const { promise, reject } = deferred<number>();
    const task = spawn(until(promise));
    yield* tick();
    yield* task.cancel();
    expect(task.status).toBe('cancelled');
    reject(new Error('too late'));
    yield* until(Promise.resolve());
    expect(unhandled).not.toHaveBeenCalled();
  }));

test('the promises of operations that never get their turn do not become unhandled rejections', () =>
  runTest(function* () {
    const tried = yield* attempt(
      gather([until(Promise.reject(new Error('first'))), until(Promise.reject(new Error('second')))], {
        concurrency: 1,
      }),
    );
    expect(!tried.ok && (tried.error as Error).message).toBe('first');
    yield* sleep(10);
  }));

test('the function form aborts its signal when it is cancelled and waits until the promise has settled', () =>
  runTest(function* body() {
    const log: string[] = [];
    const { promise, resolve } = deferred<string>();
    function* work(): Operation<void> {
      try {
        yield* until((signal) => {
          signal.addEventListener('abort', () => log.push(`aborted: ${(signal.reason as Error).message}`));
          return promise;
        });
      } finally {
        log.push('unwound');
      }
    }
    const task = spawn(work(), { name: 'work' });
    yield* tick();
    task.cancel('not needed');
    yield* tick();
    yield* tick();
    expect(log).toEqual(['aborted: Cancelled by task body: not needed']);
    resolve('late');
    yield* attempt(task);
    expect(log).toEqual(['aborted: Cancelled by task body: not needed', 'unwound']);
    expect(task.status).toBe('cancelled');
  }));

test('the reason of the signal is the CancelledError that ends the wait, so a platform call may reject with it', () =>
  runTest(function* () {
    const task = spawn(
      until(
        (signal) =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason));
          }),
      ),
    );
    yield* tick();
    yield* task.cancel('over');
    const tried = yield* attempt(task);
    expect(!tried.ok && tried.error).toBeInstanceOf(CancelledError);
    expect(!tried.ok && (tried.error as CancelledError).reason).toBe('over');
  }));

test('a value that comes after the abort goes to late, once, and not to the task', () =>
  runTest(function* () {
    const late = vi.fn();
    const { promise, resolve } = deferred<string>();
    const task = spawn(until(() => promise, { late }));
    yield* tick();
    task.cancel();
    yield* tick();
    expect(late).not.toHaveBeenCalled();
    resolve('socket');
    yield* attempt(task);
    expect(late.mock.calls).toEqual([['socket']]);
    expect(task.status).toBe('cancelled');
  }));

test('a promise that never settles is given up when the grace of the cleanup is over, and its value still goes to late', () => {
  const late = vi.fn();
  const { promise, resolve } = deferred<string>();
  const scheduler = new Scheduler({ clock: new VirtualClock(), cleanupGrace: 300 });
  return scheduler.run(function* () {
    const task = spawn(until(() => promise, { late }));
    yield* sleep(10);
    yield* task.cancel();
    expect(scheduler.now()).toBe(310);
    expect(task.status).toBe('cancelled');
    expect(late).not.toHaveBeenCalled();
    resolve('socket');
    yield* until(Promise.resolve());
    expect(late.mock.calls).toEqual([['socket']]);
  });
});

test('a plain promise can have a late receiver too, even if the cancel came before the wait', () =>
  runTest(function* () {
    const late = vi.fn();
    const first = deferred<string>();
    const second = deferred<string>();
    function* work(): Operation<void> {
      try {
        yield* until(first.promise, { late });
      } finally {
        yield* until(second.promise, { late });
      }
    }
    const task = spawn(work());
    yield* tick();
    task.cancel();
    yield* tick();
    first.resolve('first');
    second.resolve('second');
    yield* attempt(task);
    expect(late.mock.calls).toEqual([['first']]);
  }));

test('a deadline aborts the work inside of it', () =>
  runTest(function* () {
    let aborted = false;
    const tried = yield* attempt(
      timeout(
        50,
        until(
          (signal) =>
            new Promise((_, reject) => {
              signal.addEventListener('abort', () => {
                aborted = true;
                reject(new DOMException('This operation was aborted', 'AbortError'));
              });
            }),
        ),
      ),
    );
    expect(!tried.ok && tried.error).toBeInstanceOf(TimeoutError);
    expect(aborted).toBe(true);
  }));

test('a function is not called when the cancel is there first', () =>
  runTest(function* () {
    const start = vi.fn(async () => 1);
    function* work(): Operation<void> {
      yield* tick();
      task.cancel();
      yield* until(start);
    }
    const task = spawn(work());
    yield* attempt(task);
    expect(start).not.toHaveBeenCalled();
    expect(task.status).toBe('cancelled');
  }));

test('a function that throws, or returns no promise, fails the wait', () =>
  runTest(function* () {
    const error = new Error('sync');
    const thrown = yield* attempt(
      until((): Promise<number> => {
        throw error;
      }),
    );
    expect(!thrown.ok && thrown.error).toBe(error);
    const returned = yield* attempt(until((() => 5) as unknown as () => Promise<number>));
    expect(!returned.ok && (returned.error as Error).message).toBe(
      'until(function): the function returned 5, not a promise. Return a promise, or make it an async function.',
    );
  }));

test('a failure of late is kept beside the cancel, or reported when the task has gone', async () => {
  const unhandled = vi.fn();
  const scheduler = new Scheduler({ clock: new VirtualClock() });
  scheduler.events.on('unhandled', unhandled);
  const error = new Error('cannot close');
  function fails(): void {
    throw error;
  }
  await scheduler.run(function* () {
    const { promise, resolve } = deferred<string>();
    const gone = spawn(until(promise, { late: fails }), { name: 'gone' });
    yield* tick();
    yield* gone.cancel();
    resolve('x');
    yield* until(Promise.resolve());
  });
  expect(unhandled.mock.calls).toEqual([[{ error, task: 'gone' }]]);
});

/** A thenable that is not a promise. */
function thenable<T>(then: (yes: (value: T) => void, no: (error: unknown) => void) => void): PromiseLike<T> {
  return Object.fromEntries([['then', then]]) as unknown as PromiseLike<T>;
}

test('a thenable may answer twice, throw after its answer, or throw at once: the first answer counts', () =>
  runTest(function* () {
    const twice = thenable<number>((yes, no) => {
      yes(1);
      yes(2);
      no(new Error('ignored'));
      throw new Error('ignored too');
    });
    expect(yield* until(twice)).toBe(1);
    const bad = thenable<number>(() => {
      throw new Error('no then');
    });
    const tried = yield* attempt(until(bad));
    expect(!tried.ok && (tried.error as Error).message).toBe('no then');
  }));

test('a thenable that begins its work in then is left alone until it is waited for', () =>
  runTest(function* () {
    const start = vi.fn((yes: (value: string) => void) => yes('rows'));
    const operation = until(thenable<string>(start));
    yield* until(Promise.resolve());
    expect(start).not.toHaveBeenCalled();
    expect(yield* operation).toBe('rows');
  }));

test('any number of tasks wait for one promise, and those that are cancelled take nothing from the others', () =>
  runTest(function* () {
    const { promise, resolve } = deferred<string>();
    const late = vi.fn();
    const waits = [until(promise), until(() => promise), until(promise, { late }), until(promise)].map((each) =>
      spawn(attempt(each)),
    );
    const given = spawn(until(promise, { late }));
    yield* tick();
    yield* given.cancel();
    const [first, ...others] = waits;
    yield* first?.cancel() ?? tick();
    resolve('value');
    for (const other of others) expect(yield* other).toEqual({ ok: true, value: 'value' });
    expect(late.mock.calls).toEqual([['value']]);
    expect(yield* until(promise)).toBe('value');
  }));

test('a thenable is asked for each wait, a promise of the platform once', () =>
  runTest(function* () {
    const asked = vi.fn((yes: (value: string) => void) => yes('rows'));
    const query = thenable<string>(asked);
    for (let i = 0; i < 3; i++) expect(yield* until(query)).toBe('rows');
    expect(asked).toHaveBeenCalledTimes(3);
    const { promise, resolve } = deferred<string>();
    const subscribe = vi.spyOn(Promise, 'resolve');
    for (let i = 0; i < 3; i++) {
      const task = spawn(until(promise));
      yield* tick();
      yield* task.cancel();
    }
    expect(subscribe.mock.calls.filter(([of]) => of === promise)).toHaveLength(1);
    subscribe.mockRestore();
    resolve('own');
    expect(yield* until(promise)).toBe('own');
  }));

test('a promise that is being waited for is a wait that only the host can end', async () => {
  const scheduler = new Scheduler({ clock: new VirtualClock() });
  const { promise, resolve } = deferred<void>();
  await scheduler.run(function* () {
    expect(scheduler.hostWaits).toBe(0);
    const one = spawn(until(promise));
    const two = spawn(until(() => promise));
    yield* tick();
    expect(scheduler.hostWaits).toBe(2);
    yield* one.cancel();
    expect(scheduler.hostWaits).toBe(1);
    resolve();
    yield* two;
    expect(scheduler.hostWaits).toBe(0);
  });
});

test('a value that is not a promise is refused at the call, with the call to write', () =>
  runTest(function* () {
    expect(() => until(5 as unknown as Promise<number>)).toThrow(
      'until takes a promise, or a function (signal) => promise, not 5.',
    );
    expect(() => until(forever() as unknown as Promise<number>)).toThrow(
      'until takes a promise, not an operation. An operation needs only `yield* operation`.',
    );
    expect(() => until(Promise.resolve(1), { Late: () => {} } as object)).toThrow("Did you mean 'late'?");
  }));
