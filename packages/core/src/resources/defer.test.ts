import { describe, expect, test } from 'vitest';
import {
  type Attempt,
  attempt,
  coroutine,
  defer,
  forever,
  gather,
  group,
  moveOnAfter,
  NotInTaskError,
  now,
  type Operation,
  race,
  shield,
  sleep,
  spawn,
  supervise,
  tick,
  timeout,
} from '../index.ts';
import { failing, noting } from '../kernel/fixtures/bodies.fixture.ts';
import { coroutineTest, runTest } from '../testing/index.ts';

function* deferring(log: string[], what: string): Operation<void> {
  defer(() => noting(log, what));
  yield* tick();
}

describe('defer', () => {
  test('runs cleanups last first, one after the other, each to its end', async () => {
    const log: string[] = [];
    await runTest(function* () {
      defer(() => noting(log, 'first', 10));
      defer(() => {
        log.push('plain');
      });
      defer(() => noting(log, 'last', 20));
      log.push('body');
      yield* tick();
    });
    expect(log).toEqual(['body', 'last', 'plain', 'first']);
  });

  test('runs a cleanup once, after the tasks of its scope have ended and before the scope does', async () => {
    const log: string[] = [];
    await runTest(function* () {
      yield* group(function* () {
        defer(() => noting(log, 'cleanup'));
        spawn(noting(log, 'task', 5));
        log.push('body');
      });
      log.push('after the group');
    });
    expect(log).toEqual(['body', 'task', 'cleanup', 'after the group']);
  });

  test('belongs to the group or task around it, through any depth of calls', async () => {
    const log: string[] = [];
    const deep = coroutine(function* (n: number): Operation<void> {
      if (n === 0) defer(() => void log.push('cleanup'));
      else yield* deep(n - 1);
    });
    await runTest(function* () {
      yield* group(function* () {
        yield* deep(300);
        log.push('in the group');
      });
      log.push('behind the group');
    });
    expect(log).toEqual(['in the group', 'cleanup', 'behind the group']);
  });

  test('is not ended by timeout, moveOnAfter, shield, attempt or a coroutine, which own nothing', async () => {
    const log: string[] = [];
    await runTest(function* () {
      yield* timeout(100, deferring(log, 'timeout'));
      yield* moveOnAfter(100, deferring(log, 'moveOnAfter'));
      yield* shield(deferring(log, 'shield'));
      yield* attempt(deferring(log, 'attempt'));
      yield* coroutine(() => deferring(log, 'coroutine'))();
      log.push('end');
    });
    expect(log).toEqual(['end', 'coroutine', 'attempt', 'shield', 'moveOnAfter', 'timeout']);
  });

  test('runs when the body fails, and the failure stays what it was', async () => {
    const log: string[] = [];
    const error = new Error('mine');
    const outcome = runTest(function* () {
      defer(() => noting(log, 'cleanup', 5));
      yield* failing(error);
    });
    await expect(outcome).rejects.toBe(error);
    expect(log).toEqual(['cleanup']);
  });

  test(
    'runs when the task is cancelled, and its waits work',
    coroutineTest(function* () {
      const log: string[] = [];
      const task = spawn(function* () {
        defer(() => noting(log, 'cleanup', 100));
        yield* forever();
      });
      yield* tick();
      yield* task.cancel();
      expect(log).toEqual(['cleanup']);
      expect(now()).toBe(100);
      expect(task.status).toBe('cancelled');
    }),
  );

  test(
    'keeps both errors when a cleanup fails while another error is on its way',
    coroutineTest(function* () {
      const first = new Error('first');
      const later = new Error('later');
      const tried = yield* outcomeOf(function* () {
        defer(() => failing(later));
        yield* failing(first);
      });
      expect(tried).toMatchObject({ ok: false, error: { name: 'SuppressedError', error: later, suppressed: first } });
    }),
  );

  test(
    'fails a scope that ended well with the error of its cleanup, after all other cleanups',
    coroutineTest(function* () {
      const log: string[] = [];
      const error = new Error('cleanup');
      const tried = yield* outcomeOf(function* () {
        defer(() => noting(log, 'still runs'));
        defer(() => failing(error));
        return 1;
      });
      expect(tried).toEqual({ ok: false, error });
      expect(log).toEqual(['still runs']);
    }),
  );

  test(
    'a cleanup may register another one, which runs next',
    coroutineTest(function* () {
      const log: string[] = [];
      yield* group(function* () {
        defer(() => void log.push('first'));
        defer(() => {
          log.push('outer');
          defer(() => void log.push('inner'));
        });
        yield* tick();
      });
      expect(log).toEqual(['outer', 'inner', 'first']);
    }),
  );

  test(
    'what a successful branch registered runs with the scope of the caller',
    coroutineTest(function* () {
      const log: string[] = [];
      yield* group(function* () {
        yield* gather([deferring(log, 'a'), deferring(log, 'b')]);
        log.push('gathered');
        yield* race([deferring(log, 'winner'), forever()]);
        log.push('raced');
      });
      expect(log).toEqual(['gathered', 'raced', 'winner', 'b', 'a']);
    }),
  );

  test(
    'what a failed or losing branch registered runs before the combinator returns',
    coroutineTest(function* () {
      const log: string[] = [];
      function* loser(): Operation<void> {
        defer(() => noting(log, 'loser'));
        yield* forever();
      }
      yield* race([sleep(1), loser()]);
      log.push('raced');
      yield* attempt(gather([deferring(log, 'done before'), failing(new Error('x'))]));
      log.push('gathered');
      expect(log).toEqual(['loser', 'raced', 'done before', 'gathered']);
    }),
  );

  test(
    'a cleanup that never ends is ended by the escalation, and the others still run',
    coroutineTest(function* () {
      const log: string[] = [];
      const task = spawn(
        function* () {
          defer(() => noting(log, 'still runs'));
          defer(() => stubborn());
          yield* forever();
        },
        { name: 'worker' },
      );
      yield* tick();
      const tried = yield* attempt(task.cancel());
      expect(tried).toMatchObject({ ok: false, error: { name: 'CleanupTimeoutError', task: 'worker' } });
      expect(log).toEqual(['still runs']);
      expect(now()).toBe(15_000);
    }),
  );

  test('outside of a task it says what to do', () => {
    expect(() => defer(() => undefined)).toThrow(NotInTaskError);
    expect(() => defer(() => undefined)).toThrow(
      'defer() was used outside of a task. Call it inside of `run(function* () { … })`; from promise or callback code, ' +
        'enter the runtime with `run(…)`, `scope.run(…)` or `asAsync(fn)` first.',
    );
  });

  test('anything but a function is refused at the call', () => {
    // @ts-expect-error an operation would run once and now
    expect(() => defer(sleep(1))).toThrow('defer takes a function, not an instance of Sleep. Write `defer(() => op)`.');
    // @ts-expect-error
    expect(() => defer()).toThrow('defer takes a function, not undefined. Write `defer(() => op)`.');
  });

  test('a cleanup that returns no operation is an error that names the call to write', async () => {
    const promise = runTest(function* () {
      // @ts-expect-error promises need until()
      defer(() => Promise.resolve());
    });
    await expect(promise).rejects.toThrow(
      'A cleanup returned a promise. Write `defer(() => until(promise))` to wait for it.',
    );
    const number = runTest(function* () {
      // @ts-expect-error a number is not an operation
      defer(() => 7);
    });
    await expect(number).rejects.toThrow('A cleanup of defer returns an operation or nothing, not 7.');
  });
});

/** How a task with this body ends. */
function outcomeOf<T>(body: () => Operation<T>): Operation<Attempt<T>> {
  return attempt(supervise((g) => g.spawn(body)));
}

function* stubborn(): Operation<void> {
  for (;;) {
    try {
      yield* forever();
    } catch {
      // ignores every cancel
    }
  }
}
