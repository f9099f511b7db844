import { describe, expect, expectTypeOf, test, vi } from 'vitest';
import { GeneratorExit, isCancelled, TimeoutError } from '../errors.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import { Scheduler } from '../kernel/scheduler/scheduler.ts';
import { spawn } from '../kernel/scheduler/spawn.ts';
import { attempt } from '../kernel/task/attempt.ts';
import { defer } from '../resources/defer.ts';
import { group } from '../tasks/group.ts';
import { runTest } from '../testing/run-test.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { now } from '../time/now.ts';
import { sleep } from '../time/sleep.ts';
import { tick } from '../time/tick.ts';
import { timeout } from '../time/timeout.ts';
import { asyncGenerator, type Emit } from './async-generator.ts';

const count = asyncGenerator(function* (emit: Emit<number>, to: number): Operation<void> {
  for (let n = 1; n <= to; n++) {
    yield* sleep(10);
    yield* emit(n);
  }
});

/** Emits what it is sent, after a wait. */
const echo = asyncGenerator(function* (emit: Emit<string, string>, log: unknown[] = []): Operation<void> {
  let said = 'ready';
  for (;;) {
    try {
      yield* sleep(1);
      said = yield* emit(said);
    } catch (error) {
      log.push(error);
      if (error instanceof GeneratorExit || isCancelled(error)) throw error;
      said = 'caught';
    }
  }
});

function value<T>(result: IteratorResult<T, void>): T {
  if (result.done) throw new Error('the generator has ended');
  return result.value;
}

test('the producer and the consumer of Python work with waits inside', () =>
  runTest(function* () {
    const log: string[] = [];
    const consumer = asyncGenerator(function* (emit: Emit<string, number>): Operation<void> {
      let r = '';
      for (;;) {
        const n = yield* emit(r);
        if (!n) return;
        log.push(`consuming ${n} at ${now()}`);
        yield* sleep(100);
        r = '200 OK';
      }
    });
    const c = consumer();
    yield* c.next();
    for (const n of [1, 2]) log.push(`${value(yield* c.send(n))} at ${now()}`);
    yield* c.close();
    expect(log).toEqual(['consuming 1 at 0', '200 OK at 100', 'consuming 2 at 100', '200 OK at 200']);
  }));

test('values come one for each request, and then the end, again and again', () =>
  runTest(function* () {
    const g = count(2);
    expect(yield* g.next()).toEqual({ done: false, value: 1 });
    yield* sleep(100);
    expect(now()).toBe(110);
    expect(yield* g.next()).toEqual({ done: false, value: 2 });
    expect(now()).toBe(120);
    expect(yield* g.next()).toEqual({ done: true, value: undefined });
    expect(yield* g.next()).toEqual({ done: true, value: undefined });
    expect(yield* g.send('late')).toEqual({ done: true, value: undefined });
  }));

test('send gives its value to the emit; to an unstarted generator only None can be sent', () =>
  runTest(function* () {
    const g = echo();
    const early = yield* attempt(g.send('too early'));
    expect(!early.ok && early.error).toBeInstanceOf(TypeError);
    expect(String(!early.ok && early.error)).toContain("A generator that has not started can't be sent a value");
    expect(value(yield* g.next())).toBe('ready');
    expect(value(yield* g.send('a'))).toBe('a');
    expect(value(yield* g.send('b'))).toBe('b');
  }));

test('throw is thrown at the emit; uncaught it comes out and ends the generator', () =>
  runTest(function* () {
    const log: unknown[] = [];
    const g = echo(log);
    yield* g.next();
    const error = new Error('in');
    expect(value(yield* g.throw(error))).toBe('caught');
    expect(log).toEqual([error]);

    const other = count(5);
    yield* other.next();
    expect(yield* attempt(other.throw(error))).toEqual({ ok: false, error });
    expect(yield* other.next()).toEqual({ done: true, value: undefined });
    expect(yield* attempt(count(5).throw(error))).toEqual({ ok: false, error });
  }));

describe('close', () => {
  test('throws GeneratorExit at the emit and waits for the cleanups of the body', () =>
    runTest(function* () {
      const log: string[] = [];
      const g = asyncGenerator(function* (emit: Emit<number>): Operation<void> {
        defer(() => void log.push(`defer at ${now()}`));
        try {
          yield* emit(1);
        } finally {
          yield* sleep(50);
          log.push(`finally at ${now()}`);
        }
      })();
      yield* g.next();
      yield* g.close();
      expect(log).toEqual(['finally at 50', 'defer at 50']);
      yield* g.close();
      expect(yield* g.next()).toEqual({ done: true, value: undefined });
    }));

  test('of an unstarted generator runs nothing of it', () =>
    runTest(function* () {
      const ran = vi.fn();
      const g = asyncGenerator(function* (): Operation<void> {
        ran();
      })();
      yield* g.close();
      expect(yield* g.next()).toEqual({ done: true, value: undefined });
      expect(ran).not.toHaveBeenCalled();
    }));

  test('while the body works cancels it, and a reader that waits sees the end', () =>
    runTest(function* () {
      const g = count(3);
      const reader = spawn(g.next());
      yield* sleep(5);
      yield* g.close();
      expect(now()).toBe(5);
      expect(yield* reader).toEqual({ done: true, value: undefined });
    }));

  test('is an error when the body emits meanwhile', () =>
    runTest(function* () {
      const g = asyncGenerator(function* (emit: Emit<number>): Operation<void> {
        try {
          yield* emit(1);
        } catch {}
        yield* emit(2);
      })();
      yield* g.next();
      const tried = yield* attempt(g.close());
      expect(String(!tried.ok && tried.error)).toContain('ignored GeneratorExit');
      yield* g.close();
    }));

  test("throws an error of the body's cleanup", () =>
    runTest(function* () {
      const error = new Error('cannot clean');
      const g = asyncGenerator(function* (emit: Emit<number>): Operation<void> {
        defer(() => {
          throw error;
        });
        yield* emit(1);
      })();
      yield* g.next();
      expect(yield* attempt(g.close())).toEqual({ ok: false, error });
    }));
});

test("the body's error comes to the request that meets it, and fails no scope", () =>
  runTest(function* () {
    const error = new Error('broken');
    const g = asyncGenerator(function* (emit: Emit<number>): Operation<void> {
      yield* emit(1);
      yield* sleep(5);
      throw error;
    })();
    yield* g.next();
    expect(yield* attempt(g.next())).toEqual({ ok: false, error });
    expect(yield* g.next()).toEqual({ done: true, value: undefined });
  }));

test('a cancelled next loses nothing: the value is there for the following one', () =>
  runTest(function* () {
    const g = count(3);
    const tried = yield* attempt(timeout(5, g.next()));
    expect(!tried.ok && tried.error).toBeInstanceOf(TimeoutError);
    yield* sleep(100);
    const early = yield* attempt(g.send(1));
    expect(String(!early.ok && early.error)).toContain('Take it with `yield* g.next()` first.');
    expect(yield* g.next()).toEqual({ done: false, value: 1 });
    expect(yield* g.next()).toEqual({ done: false, value: 2 });
  }));

test('an error that meets no reader is kept for the next request', () =>
  runTest(function* () {
    const error = new Error('broken');
    const g = asyncGenerator(function* (): Operation<void> {
      yield* sleep(10);
      throw error;
    })();
    yield* attempt(timeout(5, g.next()));
    yield* sleep(100);
    expect(yield* attempt(g.next())).toEqual({ ok: false, error });
  }));

test("a deadline in the body does not reach the reader's waits, nor the reader's the body", () =>
  runTest(function* () {
    const g = asyncGenerator(function* (emit: Emit<string>): Operation<void> {
      const tried = yield* attempt(timeout(10, emit('under a deadline')));
      yield* emit(tried.ok ? 'answered' : 'timed out');
    })();
    expect(value(yield* g.next())).toBe('under a deadline');
    yield* sleep(1000);
    expect(value(yield* g.next())).toBe('timed out');
    expect(value(yield* timeout(5, echo().next()))).toBe('ready');
  }));

test('at the end of its scope the body is cancelled and its cleanups are awaited', () =>
  runTest(function* () {
    const log: string[] = [];
    const numbers = asyncGenerator(function* (emit: Emit<number>): Operation<void> {
      try {
        for (let n = 0; ; n++) yield* emit(n);
      } finally {
        yield* sleep(5);
        log.push('cleaned');
      }
    });
    const g = yield* group(function* () {
      const inner = numbers();
      yield* inner.next();
      return inner;
    });
    expect(log).toEqual(['cleaned']);
    expect(yield* g.next()).toEqual({ done: true, value: undefined });
  }));

test('an error of a cleanup at the end of its scope is reported, and does not change the result', async () => {
  const scheduler = new Scheduler({ clock: new VirtualClock() });
  const unhandled = vi.fn();
  scheduler.events.on('unhandled', unhandled);
  const error = new Error('cannot clean');
  const g = asyncGenerator(function* broken(emit: Emit<number>): Operation<void> {
    defer(() => {
      throw error;
    });
    yield* emit(1);
  });
  expect(await scheduler.run(() => g().next())).toEqual({ done: false, value: 1 });
  expect(unhandled.mock.calls).toEqual([[{ error, task: 'broken()' }]]);
});

test('a second next at the same time is told what to do', () =>
  runTest(function* () {
    const g = count(1);
    const first = spawn(g.next());
    yield* tick();
    const tried = yield* attempt(g.next());
    expect(String(!tried.ok && tried.error)).toContain(
      'next() was called while another next() of it is waiting. A source has one reader at a time',
    );
    yield* first;
  }));

test('its own body, and other tasks with its emit, are refused', () =>
  runTest(function* () {
    const errors: unknown[] = [];
    const g = asyncGenerator(function* (emit: Emit<number>): Operation<void> {
      for (const use of [g.next(), g.close()] as Operation<unknown>[]) {
        const tried = yield* attempt(use);
        if (!tried.ok) errors.push(String(tried.error));
      }
      const tried = yield* attempt(spawn(() => attempt(emit(1)), { name: 'helper' }));
      if (tried.ok && !tried.value.ok) errors.push(String(tried.value.error));
    })();
    yield* g.next();
    expect(errors).toEqual([
      'TypeError: asyncGenerator(): The generator is already executing: its own body has used it again. Use it from another task.',
      'TypeError: asyncGenerator(): The generator is already executing: its own body has used it again. Use it from another task.',
      "Error: asyncGenerator(): emit() was used in task helper. It works only in the generator's own body; bring values of other tasks there with a channel().",
    ]);
  }));

test('made outside of a task it runs in the scope of its first reader', () => {
  const g = count(2);
  return runTest(function* () {
    expect(yield* g.next()).toEqual({ done: false, value: 1 });
    yield* g.close();
  });
});

test('its types are those of emit', () => {
  const g = echo();
  expectTypeOf(g.send).parameter(0).toEqualTypeOf<string>();
  expectTypeOf(g.next).returns.toEqualTypeOf<Operation<IteratorResult<string, void>>>();
  expectTypeOf(count).parameters.toEqualTypeOf<[to: number]>();
  const numbers = asyncGenerator<number>(function* (emit) {
    yield* emit(1);
    // @ts-expect-error: it emits numbers
    yield* emit('a');
  });
  expectTypeOf(numbers().next).returns.toEqualTypeOf<Operation<IteratorResult<number, void>>>();
  expect(() => asyncGenerator(5 as never)).toThrow('asyncGenerator takes a generator function, not 5.');
});
