import { expect, test } from 'vitest';
import { CancelledError, NotInTaskError } from '../errors.ts';
import { type Operation, runningOrNull } from '../kernel/operation/suspension.ts';
import { spawn } from '../kernel/scheduler/spawn.ts';
import { attempt } from '../kernel/task/attempt.ts';
import { defer } from '../resources/defer.ts';
import { gather } from '../tasks/gather.ts';
import { group } from '../tasks/group.ts';
import { shield } from '../tasks/shield.ts';
import { runTest } from '../testing/run-test.ts';
import { forever } from '../time/forever.ts';
import { sleep } from '../time/sleep.ts';
import { tick } from '../time/tick.ts';
import { timeout } from '../time/timeout.ts';
import { abortSignal } from './abort-signal.ts';

test('a scope has one signal, and an inner scope has another', () =>
  runTest(function* () {
    const own = abortSignal();
    yield* tick();
    expect(abortSignal()).toBe(own);
    yield* group(function* () {
      expect(abortSignal()).not.toBe(own);
    });
    expect(abortSignal()).toBe(own);
    expect(own.aborted).toBe(false);
  }));

test('a cancel aborts it at once, with the error that says who asked and why', () =>
  runTest(function* () {
    let signal!: AbortSignal;
    const task = spawn(function* work() {
      signal = abortSignal();
      yield* forever();
    });
    yield* tick();
    task.cancel('not needed');
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBeInstanceOf(CancelledError);
    expect(signal.reason).toMatchObject({ reason: 'not needed' });
    yield* task.cancel();
  }));

test('it is aborted when its scope ends, before the cleanups run', () =>
  runTest(function* () {
    let signal!: AbortSignal;
    const seen: boolean[] = [];
    const task = spawn(function* () {
      signal = abortSignal();
      defer(() => void seen.push(signal.aborted));
      yield* sleep(1);
      seen.push(signal.aborted);
    });
    yield* task;
    expect(seen).toEqual([false, true]);
    expect(signal.reason).toMatchObject({ message: 'Cancelled by the end of its scope: the scope has ended' });
  }));

test('the cancel of a parent, a group or a sibling that fails reaches the signals of all that it ends', () =>
  runTest(function* () {
    const signals: AbortSignal[] = [];
    function* waits(): Operation<void> {
      signals.push(abortSignal());
      yield* group(function* () {
        signals.push(abortSignal());
        yield* forever();
      });
    }
    function* fails(): Operation<void> {
      yield* sleep(5);
      throw new Error('broken');
    }
    yield* attempt(gather([waits(), waits(), fails()]));
    expect(signals.map((signal) => signal.aborted)).toEqual([true, true, true, true]);
    expect(String(signals[0]?.reason)).toContain('another branch of gather failed');
  }));

test('a deadline aborts the signal of what runs under it, and of nothing else', () =>
  runTest(function* () {
    const outer = abortSignal();
    let inner!: AbortSignal;
    yield* attempt(
      timeout(10, function* () {
        inner = abortSignal();
        yield* forever();
      }),
    );
    expect([inner.aborted, outer.aborted]).toEqual([true, false]);
    expect(inner.reason).toMatchObject({ reason: 'the deadline has passed' });
  }));

test('a shield keeps the abort away from what it protects', () =>
  runTest(function* () {
    const seen: boolean[] = [];
    const task = spawn(function* () {
      const own = abortSignal();
      yield* shield(
        (function* () {
          const protectedSignal = abortSignal();
          yield* sleep(10);
          seen.push(own.aborted, protectedSignal.aborted);
        })(),
      );
    });
    yield* tick();
    yield* task.cancel();
    expect(seen).toEqual([true, false]);
  }));

test('in a finally after a cancel it is aborted already; in a defer it is a new one', () =>
  runTest(function* () {
    const seen: boolean[] = [];
    const task = spawn(function* () {
      defer(function* () {
        yield* tick();
        seen.push(abortSignal().aborted);
      });
      try {
        yield* forever();
      } finally {
        seen.push(abortSignal().aborted);
      }
    });
    yield* tick();
    yield* task.cancel();
    expect(seen).toEqual([true, false]);
  }));

test('its listeners are the host: they do not run as a part of the task that cancels', () =>
  runTest(function* () {
    let within: unknown = 'not called';
    const task = spawn(function* () {
      abortSignal().addEventListener('abort', () => {
        within = runningOrNull();
      });
      yield* forever();
    });
    yield* tick();
    yield* task.cancel();
    expect(within).toBeNull();
  }));

test('it needs a task', () => {
  expect(() => abortSignal()).toThrow(NotInTaskError);
});
