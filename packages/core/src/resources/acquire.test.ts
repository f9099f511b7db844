import { describe, expect, test } from 'vitest';
import {
  acquire,
  asCompleted,
  attempt,
  defer,
  forever,
  gather,
  group,
  now,
  type Operation,
  race,
  resource,
  run,
  shield,
  sleep,
  spawn,
  supervise,
  tick,
  timeout,
} from '../index.ts';
import { taskTree } from '../inspect/index.ts';
import { failing } from '../kernel/fixtures/bodies.fixture.ts';
import { reports } from '../kernel/fixtures/reports.fixture.ts';
import { below, pause, sabotaged, underManySeeds } from '../tasks/sabotage.fixture.ts';
import { coroutineTest, runTest } from '../testing/index.ts';
import { door } from './door.fixture.ts';

describe('acquire', () => {
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

  test('what a run acquires is released before its promise settles', async () => {
    const log: string[] = [];
    await run(() => acquire(door(log, 'a')));
    log.push('settled');
    expect(log).toEqual(['open a', 'close a', 'settled']);
  });

  test('an operation of acquire runs once', async () => {
    await runTest(function* () {
      const operation = acquire(door([], 'a'));
      yield* operation;
      expect(() => operation[Symbol.iterator]()).toThrow('The operation acquire() was used a second time.');
    });
  });

  test(
    'shows the body among the tasks of the scope that owns the resource, with what it waits for',
    coroutineTest(function* () {
      const shown = resource<number>(function* shown(provide) {
        yield* provide(1);
      });
      yield* acquire(shown);
      expect(taskTree()[0]?.children).toMatchObject([{ name: 'shown', waitsFor: 'provide() of resource shown' }]);
    }),
  );

  test('anything but a resource is refused at the call', () => {
    // @ts-expect-error the body is not a resource yet
    expect(() => acquire(function* open() {})).toThrow(
      'acquire takes a resource, not the function open. Make one: `acquire(resource(',
    );
    // @ts-expect-error an operation is not a resource
    expect(() => acquire(sleep(1))).toThrow('acquire takes a resource, not an instance of Sleep.');
  });

  test('no resource is lost or released twice, whatever is cancelled when', async () => {
    await underManySeeds(function* () {
      let open = 0;
      let acquired = 0;
      const counted = resource<number>(function* (provide) {
        yield* pause();
        const id = ++acquired;
        open++;
        try {
          yield* pause();
          yield* provide(id);
          yield* pause();
        } finally {
          open--;
          yield* pause();
        }
      });
      function* several(): Operation<void> {
        yield* acquire(counted);
        yield* gather([acquire(counted), acquire(counted)]);
        yield* race([acquire(counted), acquire(counted), pause()]);
        const source = asCompleted([acquire(counted), acquire(counted), pause()]);
        yield* source.next();
        yield* pause();
        expect(open).toBeGreaterThan(0);
      }
      function* worker(): Operation<void> {
        for (let i = 0; i < 2; i++) {
          yield* pause();
          if (below(2) === 0) yield* attempt(timeout(below(8), several()));
          else yield* group(several);
        }
      }
      yield* sabotaged(Array.from({ length: 5 }, () => worker));
      expect(open).toBe(0);
    });
  });
});
