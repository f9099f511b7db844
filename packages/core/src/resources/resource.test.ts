import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  acquire,
  attempt,
  createContext,
  currentTask,
  defer,
  forever,
  gather,
  group,
  now,
  type Operation,
  race,
  type Resource,
  resource,
  run,
  shield,
  sleep,
  spawn,
  supervise,
  TaskGroupError,
  tick,
  timeout,
} from '../index.ts';
import { reports } from '../kernel/reports.fixture.ts';
import { coroutineTest, runTest } from '../testing/index.ts';

function door(log: string[], name: string, open = 1, close = 1): Resource<string> {
  return resource<string>(function* (provide) {
    yield* sleep(open);
    log.push(`open ${name}`);
    try {
      yield* provide(name);
    } finally {
      yield* sleep(close);
      log.push(`close ${name}`);
    }
  });
}

function* failing(error: unknown, ms = 1): Operation<never> {
  yield* sleep(ms);
  throw error;
}

describe('resource and acquire', () => {
  test('gives the value that the body provides, and lets the body go on when the scope ends', async () => {
    const log: string[] = [];
    const value = await runTest(function* () {
      const name = yield* acquire(door(log, 'a'));
      log.push(`use ${name}`);
      return name;
    });
    expect(value).toBe('a');
    expect(log).toEqual(['open a', 'use a', 'close a']);
  });

  test('can be acquired any number of times, each time anew', async () => {
    let made = 0;
    const counter = resource<number>(function* (provide) {
      yield* provide(++made);
    });
    await runTest(function* () {
      expect(yield* acquire(counter)).toBe(1);
      expect(yield* acquire(counter)).toBe(2);
    });
  });

  test('releases last first, together with the cleanups of defer, after the tasks of the scope', async () => {
    const log: string[] = [];
    await runTest(function* () {
      yield* group(function* () {
        yield* acquire(door(log, 'a'));
        defer(() => void log.push('deferred'));
        yield* acquire(door(log, 'b'));
        spawn(function* () {
          yield* sleep(50);
          log.push('task');
        });
      });
      log.push('after');
    });
    expect(log).toEqual(['open a', 'open b', 'task', 'close b', 'deferred', 'close a', 'after']);
  });

  test(
    'keeps the resource while a failed scope cleans up, and releases it afterwards',
    coroutineTest(function* () {
      const log: string[] = [];
      const tried = yield* attempt(
        group(function* () {
          const name = yield* acquire(door(log, 'a'));
          spawn(failing(new Error('sibling'), 5));
          try {
            yield* forever();
          } finally {
            yield* sleep(10);
            log.push(`last use of ${name}`);
          }
        }),
      );
      expect(tried.ok).toBe(false);
      expect(log).toEqual(['open a', 'last use of a', 'close a']);
    }),
  );

  test(
    'is released when its owner is cancelled, before the cancel has ended',
    coroutineTest(function* () {
      const log: string[] = [];
      const task = spawn(function* () {
        yield* acquire(door(log, 'a', 1, 20));
        yield* forever();
      });
      yield* sleep(5);
      yield* task.cancel();
      expect(log).toEqual(['open a', 'close a']);
      expect(now()).toBe(25);
    }),
  );

  test(
    'a failure before provide is thrown by acquire, as it is, and touches nothing else',
    coroutineTest(function* () {
      const error = new Error('refused');
      const broken = resource<string>(function* () {
        yield* failing(error);
      });
      expect(yield* attempt(acquire(broken))).toEqual({ ok: false, error });
    }),
  );

  test(
    'a body that ends without a value is an error that names it',
    coroutineTest(function* () {
      const silent = resource(function* silent() {
        yield* tick();
      });
      const tried = yield* attempt(acquire(silent));
      expect(tried).toMatchObject({
        ok: false,
        error: { message: 'resource silent ended without a value. Write `yield* provide(value)` in its body.' },
      });
    }),
  );

  test(
    'a failure after provide fails the scope that owns the resource',
    coroutineTest(function* () {
      const error = new Error('connection lost');
      const fragile = resource<string>(function* fragile(provide) {
        yield* race([provide('x'), failing(error, 10)]);
      });
      const log: string[] = [];
      const tried = yield* attempt(
        group(function* () {
          yield* acquire(fragile);
          try {
            yield* forever();
          } finally {
            log.push(`cleanup at ${now()}`);
          }
        }),
      );
      expect(tried).toMatchObject({ ok: false, error: { name: 'TaskGroupError', errors: [error] } });
      expect((tried as { error: TaskGroupError }).error.message).toContain('fragile: Error: connection lost');
      expect(log).toEqual(['cleanup at 10']);
    }),
  );

  test(
    'a background task of the body that fails ends the resource and its owner',
    coroutineTest(function* () {
      const log: string[] = [];
      const error = new Error('reader');
      const reading = resource<string>(function* (provide) {
        spawn(failing(error, 5), { daemon: true });
        try {
          yield* provide('x');
        } finally {
          log.push('closed');
        }
      });
      const tried = yield* attempt(
        group(function* () {
          yield* acquire(reading);
          yield* forever();
        }),
      );
      expect(tried).toMatchObject({ ok: false, error: { errors: [{ errors: [error] }] } });
      expect(log).toEqual(['closed']);
    }),
  );

  test(
    'under supervise, a failure after provide is reported once and fails nobody',
    coroutineTest(function* () {
      const unhandled = reports('unhandled');
      const error = new Error('connection lost');
      const fragile = resource<string>(function* (provide) {
        yield* race([provide('x'), failing(error, 10)]);
      });
      const value = yield* supervise(function* () {
        yield* acquire(fragile);
        return yield* sleep(20, 'fine');
      });
      expect(value).toBe('fine');
      expect(unhandled.map((event) => event.error)).toEqual([error]);
    }),
  );

  test(
    'a failure of the release joins the error that was on its way',
    coroutineTest(function* () {
      const later = new Error('close failed');
      const first = new Error('body');
      const sticky = resource<string>(function* (provide) {
        try {
          yield* provide('x');
        } finally {
          yield* failing(later);
        }
      });
      const tried = yield* attempt(
        supervise((g) =>
          g.spawn(function* () {
            yield* acquire(sticky);
            throw first;
          }),
        ),
      );
      expect(tried).toMatchObject({ ok: false, error: { name: 'SuppressedError', error: later, suppressed: first } });
    }),
  );

  test(
    'a body that ends before its release, without a failure, leaves nothing to release',
    coroutineTest(function* () {
      const brief = resource<string>(function* (provide) {
        yield* race([provide('x'), sleep(5)]);
      });
      yield* group(function* () {
        expect(yield* acquire(brief)).toBe('x');
        yield* sleep(10);
      });
    }),
  );

  test(
    'cancels the body, and waits for its cleanup, when the acquirer is cancelled before a value came',
    coroutineTest(function* () {
      const log: string[] = [];
      const slow = resource<string>(function* (provide) {
        try {
          yield* sleep(1_000);
          yield* provide('never');
        } finally {
          yield* sleep(7);
          log.push(`cleaned up at ${now()}`);
        }
      });
      const tried = yield* attempt(timeout(10, acquire(slow)));
      expect(tried).toMatchObject({ ok: false, error: { name: 'TimeoutError' } });
      expect(log).toEqual(['cleaned up at 17']);
      expect(now()).toBe(17);
    }),
  );

  test(
    'tells both errors when the cleanup of a body that was given up fails',
    coroutineTest(function* () {
      const error = new Error('cleanup');
      const slow = resource<string>(function* (provide) {
        try {
          yield* forever();
        } finally {
          yield* failing(error);
        }
        yield* provide('never');
      });
      const tried = yield* attempt(timeout(10, acquire(slow)));
      expect(tried).toMatchObject({
        ok: false,
        error: { name: 'SuppressedError', error, suppressed: { name: 'TimeoutError' } },
      });
    }),
  );

  test(
    'a body that shields its provide from the cancel of its acquirer goes on to its cleanup',
    coroutineTest(function* () {
      const log: string[] = [];
      const shielded = resource<string>(function* (provide) {
        yield* shield(
          (function* () {
            yield* sleep(20);
            yield* provide('nobody wants it');
          })(),
        );
        log.push('closed');
      });
      const tried = yield* attempt(timeout(10, acquire(shielded)));
      expect(tried).toMatchObject({ ok: false, error: { name: 'TimeoutError' } });
      expect(log).toEqual(['closed']);
    }),
  );

  test(
    'never starts the body for an acquirer that was cancelled already',
    coroutineTest(function* () {
      const log: string[] = [];
      const task = spawn(function* () {
        yield* shield(sleep(5));
        yield* acquire(door(log, 'a'));
      });
      yield* tick();
      yield* task.cancel();
      expect(task.status).toBe('cancelled');
      expect(log).toEqual([]);
    }),
  );

  test(
    'keeps a value that came at the very moment of a cancel for the release',
    coroutineTest(function* () {
      const log: string[] = [];
      const task: { cancel(): unknown } = spawn(function* () {
        yield* acquire(
          resource<string>(function* (provide) {
            yield* sleep(5);
            log.push('open');
            task.cancel();
            try {
              yield* provide('x');
            } finally {
              log.push('close');
            }
          }),
        );
      });
      yield* sleep(10);
      expect(log).toEqual(['open', 'close']);
    }),
  );

  test('no deadline of the acquirer gets into the body once it has provided', async () => {
    const log: string[] = [];
    await runTest(function* () {
      yield* timeout(
        5,
        (function* () {
          yield* acquire(door(log, 'a', 1, 100));
        })(),
      );
      yield* sleep(50);
      log.push('still open');
    });
    expect(log).toEqual(['open a', 'still open', 'close a']);
  });

  test('the context of the acquirer is seen by the body, and what the body sets stays there', async () => {
    const color = createContext('none');
    const painted = resource<string>(function* (provide) {
      const seen = color.get();
      color.set('body');
      yield* provide(seen);
      expect(color.get()).toBe('body');
    });
    await runTest(function* () {
      color.set('red');
      expect(yield* acquire(painted)).toBe('red');
      expect(color.get()).toBe('red');
      color.set('blue');
    });
  });

  test('what a body acquires itself is released after it, and what it defers too', async () => {
    const log: string[] = [];
    const outer = resource<string>(function* (provide) {
      defer(() => void log.push('deferred in the body'));
      const inner = yield* acquire(door(log, 'inner'));
      yield* provide(`around ${inner}`);
      log.push('close outer');
    });
    await runTest(function* () {
      expect(yield* acquire(outer)).toBe('around inner');
    });
    expect(log).toEqual(['open inner', 'close outer', 'close inner', 'deferred in the body']);
  });

  test(
    'moves to the scope of the caller from successful branches of gather and from the winner of race',
    coroutineTest(function* () {
      const log: string[] = [];
      yield* group(function* () {
        yield* gather([acquire(door(log, 'a', 1)), acquire(door(log, 'b', 2))]);
        const winner = yield* race([acquire(door(log, 'c', 3)), acquire(door(log, 'd', 9))]);
        log.push(`use ${winner}`);
      });
      expect(log).toEqual(['open a', 'open b', 'open c', 'use c', 'close c', 'close b', 'close a']);
    }),
  );

  test(
    'is released before the combinator returns when its branch fails or loses',
    coroutineTest(function* () {
      const log: string[] = [];
      function* losing(): Operation<void> {
        yield* acquire(door(log, 'a'));
        yield* forever();
      }
      yield* race([losing(), sleep(5)]);
      expect(log).toEqual(['open a', 'close a']);
      yield* attempt(gather([acquire(door(log, 'b')), failing(new Error('other'), 5)]));
      expect(log).toEqual(['open a', 'close a', 'open b', 'close b']);
    }),
  );

  test(
    'a resource that fails after its branch has succeeded fails the scope that it moves to',
    coroutineTest(function* () {
      const error = new Error('lost meanwhile');
      const fragile = resource<string>(function* (provide) {
        yield* race([provide('x'), failing(error, 5)]);
      });
      const tried = yield* attempt(
        group(function* () {
          yield* gather([acquire(fragile), sleep(10)]);
          yield* forever();
        }),
      );
      expect(now()).toBe(10);
      expect(tried).toMatchObject({ ok: false, error: { errors: [error] } });
    }),
  );

  test(
    'a release that never ends is ended by the escalation, with an error that names the body and its wait',
    coroutineTest(function* () {
      const stuck = resource<string>(function* stuck(provide) {
        yield* provide('x');
        for (;;) {
          try {
            yield* forever();
          } catch {
            // ignores every cancel
          }
        }
      });
      const log: string[] = [];
      const task = spawn(function* () {
        yield* acquire(door(log, 'a'));
        yield* acquire(stuck);
        yield* forever();
      });
      yield* sleep(5);
      const tried = yield* attempt(task.cancel());
      expect(tried).toMatchObject({
        ok: false,
        error: { name: 'CleanupTimeoutError', task: 'stuck', wait: 'forever()' },
      });
      expect(log).toEqual(['open a', 'close a']);
    }),
  );

  test(
    'a cancel of the body by itself before it provides reaches the acquirer as a failure',
    coroutineTest(function* () {
      const giving = resource<string>(function* (provide) {
        currentTask().cancel('no use');
        yield* provide('x');
      });
      const tried = yield* attempt(acquire(giving));
      expect(tried).toMatchObject({ ok: false, error: { name: 'CancelledError', reason: 'no use' } });
    }),
  );

  test(
    'a second provide is an error at that line',
    coroutineTest(function* () {
      const twice = resource<number>(function* twice(provide) {
        yield* provide(1);
        yield* provide(2);
      });
      const once = resource<number>(function* twice(provide) {
        yield* gather([provide(1), provide(2)]);
      });
      yield* group(function* () {
        expect(yield* acquire(twice)).toBe(1);
      });
      const tried = yield* attempt(
        group(function* () {
          yield* acquire(once);
          yield* forever();
        }),
      );
      expect(tried).toMatchObject({
        ok: false,
        error: { cause: { message: 'resource twice called provide() a second time. A resource has one value.' } },
      });
    }),
  );

  test('what a run acquires is released before its promise settles', async () => {
    const log: string[] = [];
    await run(() => acquire(door(log, 'a')));
    log.push('settled');
    expect(log).toEqual(['open a', 'close a', 'settled']);
  });

  test('bad input is refused at the call, with the call to write', () => {
    // @ts-expect-error a body is a function
    expect(() => resource(sleep(1))).toThrow(
      'resource takes a function, not an instance of Sleep. Write `resource(function* (provide) { … yield* provide(value) … })`.',
    );
    // @ts-expect-error the body is no resource yet
    expect(() => acquire(function* open() {})).toThrow(
      'acquire takes a resource, made by `resource(function* (provide) { … })`, not the function open.',
    );
  });

  test('an operation of acquire runs once', async () => {
    await runTest(function* () {
      const operation = acquire(door([], 'a'));
      yield* operation;
      expect(() => operation[Symbol.iterator]()).toThrow('The operation acquire() was used a second time.');
    });
  });

  test('the type of the value comes from provide', () => {
    const numbers = resource<number>(function* (provide) {
      // @ts-expect-error a string is no number
      yield* provide('1');
      yield* provide(1);
    });
    expectTypeOf(numbers).toEqualTypeOf<Resource<number>>();
    expectTypeOf(acquire(numbers)).toEqualTypeOf<Operation<number>>();
    expectTypeOf<Resource<1>>().toExtend<Resource<number>>();
  });
});
