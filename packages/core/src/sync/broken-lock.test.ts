import { describe, expect, test } from 'vitest';
import {
  attempt,
  BrokenLockError,
  Condition,
  forever,
  type Grant,
  gather,
  group,
  Lock,
  moveOnAfter,
  now,
  type Operation,
  race,
  select,
  sleep,
  spawn,
  supervise,
  tick,
} from '../index.ts';
import { coroutineTest, explore } from '../testing/index.ts';
import { DISPOSE } from './dispose.ts';

/** Ends after `ms` and holds the lock. */
function* careless(lock: Lock, ms = 0, give?: (grant: Grant) => void): Operation<void> {
  const grant = yield* lock.acquire();
  give?.(grant);
  yield* sleep(ms);
}

function* entering(lock: Lock): Operation<string> {
  using _held = yield* lock.acquire();
  return 'in';
}

const BROKEN = { ok: false, error: { name: 'BrokenLockError', holder: 'careless', lock: 'accounts' } };

describe('a lock whose holder has ended', () => {
  test(
    'fails those that come, with the names of the holder and the lock',
    coroutineTest(function* () {
      const lock = new Lock({ name: 'accounts' });
      yield* spawn(() => careless(lock), { name: 'careless' });
      expect(yield* attempt(entering(lock))).toMatchObject(BROKEN);
      expect(yield* attempt(select({ lock }))).toMatchObject(BROKEN);
      expect(() => lock.acquireNowait()).toThrow(BrokenLockError);
      expect(() => lock.acquireNowait()).toThrow(
        'The lock accounts is broken: task careless, which held it, has ended and neither released it nor handed it on. ' +
          'Write `using held = yield* lock.acquire()`, or hand its grant on with `held.handTo(task)`; to dispose of the grant ' +
          'mends the lock.',
      );
      expect(lock.locked).toBe(true);
    }),
  );

  test(
    'fails those that wait, all of them, in the moment of its end',
    coroutineTest(function* () {
      const lock = new Lock({ name: 'accounts' });
      const holder = spawn(() => careless(lock, 10), { name: 'careless' });
      yield* tick();
      const waiting = [
        spawn(attempt(entering(lock))),
        spawn(attempt(select({ lock }))),
        spawn(attempt(entering(lock))),
      ];
      for (const task of waiting) expect(yield* task).toMatchObject(BROKEN);
      expect(now()).toBe(10);
      expect(holder.status).toBe('succeeded');
    }),
  );

  test(
    'also when it is the one that got it from another, was cancelled or has failed',
    coroutineTest(function* () {
      for (const end of ['cancel', 'fail'] as const) {
        const lock = new Lock();
        spawn(entering(lock));
        yield* supervise(function* (g) {
          const holder = g.spawn(
            function* () {
              yield* careless(lock, 5);
              throw new Error('planned');
            },
            { name: 'holder' },
          );
          const waiting = g.spawn(attempt(entering(lock)));
          yield* sleep(1);
          if (end === 'cancel') yield* holder.cancel();
          else yield* attempt(holder);
          expect(yield* waiting).toMatchObject({ error: { name: 'BrokenLockError', holder: 'holder' } });
        });
      }
    }),
  );

  test(
    'is mended when somebody disposes of the grant, also before those that were woken look again',
    coroutineTest(function* () {
      const lock = new Lock();
      let grant: Grant | undefined;
      yield* spawn(
        careless(lock, 0, (it) => {
          grant = it;
        }),
      );
      expect((yield* attempt(entering(lock))).ok).toBe(false);
      grant?.[DISPOSE]();
      expect(lock.locked).toBe(false);
      expect(yield* entering(lock)).toBe('in');

      const other = spawn(
        careless(lock, 5, (it) => {
          grant = it;
        }),
      );
      yield* tick();
      const waiting = [spawn(attempt(entering(lock))), spawn(attempt(entering(lock)))];
      yield* other;
      grant?.[DISPOSE]();
      for (const task of waiting) expect(yield* task).toEqual({ ok: true, value: 'in' });
    }),
  );

  test(
    'in a group that its failure cancels, those that wait are cancelled and add no error of their own',
    coroutineTest(function* () {
      const lock = new Lock();
      const error = new Error('the cause');
      const tried = yield* attempt(
        group(function* (g) {
          g.spawn(function* () {
            yield* careless(lock, 5);
            throw error;
          });
          yield* tick();
          g.spawn(entering(lock));
          yield* forever();
        }),
      );
      expect(tried).toMatchObject({ ok: false, error: { errors: [error] } });
    }),
  );

  test(
    'a notified wait of a condition fails with it, and the lock is not taken again',
    coroutineTest(function* () {
      const lock = new Lock();
      const condition = new Condition(lock);
      const waiting = spawn(
        attempt(
          (function* () {
            yield* condition.acquire();
            yield* condition.wait();
          })(),
        ),
      );
      yield* tick();
      yield* tick();
      yield* spawn(function* notifying() {
        yield* condition.acquire();
        condition.notify();
      });
      expect(yield* waiting).toMatchObject({ error: { name: 'BrokenLockError', holder: 'notifying' } });
    }),
  );

  test(
    'of a host that took it without a task is never broken',
    coroutineTest(function* () {
      const lock = new Lock();
      yield* spawn(function* () {
        expect((yield* moveOnAfter(5, entering(lock))).timedOut).toBe(false);
      });
    }),
  );
});

describe('a lock that was handed on', () => {
  test(
    'as a result of its holder, plain or in an array or object, waits for whoever has that',
    coroutineTest(function* () {
      const lock = new Lock();
      const ways: (() => Operation<unknown>)[] = [
        () => lock.acquire(),
        () => gather([lock.acquire(), sleep(1)]),
        () => attempt(lock.acquire()),
      ];
      for (const way of ways) {
        const task = spawn(way);
        yield* task;
        const waiting = spawn(entering(lock));
        yield* sleep(5);
        expect(waiting.status).toBe('waiting');
        const result = (yield* task) as Grant | Grant[] | { value: Grant };
        const grant = Array.isArray(result) ? result[0] : 'value' in result ? result.value : result;
        grant?.[DISPOSE]();
        expect(yield* waiting).toBe('in');
      }
    }),
  );

  test(
    'with handTo belongs to that task, which may release it; the one before may not',
    coroutineTest(function* () {
      const lock = new Lock();
      const heir = spawn(function* () {
        yield* sleep(10);
        lock.release();
      });
      yield* spawn(careless(lock, 0, (grant) => grant.handTo(heir)));
      expect(yield* entering(lock)).toBe('in');
      expect(now()).toBe(10);

      const grant = yield* lock.acquire();
      const other = spawn(sleep(5), { name: 'other' });
      grant.handTo(other);
      expect(() => lock.release()).toThrow('it is held by task other');
      const waiting = spawn(attempt(entering(lock)));
      yield* other;
      expect(yield* waiting).toMatchObject({ error: { name: 'BrokenLockError', holder: 'other' } });
    }),
  );

  test(
    'to a task that waits for it is an error there: it would wait for itself',
    coroutineTest(function* () {
      const lock = new Lock();
      const grant = yield* lock.acquire();
      const waiting = spawn(attempt(entering(lock)));
      yield* tick();
      grant.handTo(waiting);
      expect(yield* waiting).toMatchObject({
        ok: false,
        error: { message: expect.stringContaining('not re-entrant') },
      });
      grant[DISPOSE]();
      expect(lock.locked).toBe(false);
    }),
  );

  test(
    'cannot be handed to a task that has ended, to nobody, or after it was given back',
    coroutineTest(function* () {
      const lock = new Lock();
      const grant = yield* lock.acquire();
      const ended = spawn(sleep(1), { name: 'ended' });
      yield* ended;
      expect(() => grant.handTo(ended)).toThrow('handTo() got task ended, which has ended.');
      // @ts-expect-error an operation is not a task
      expect(() => grant.handTo(sleep(1))).toThrow(TypeError);
      lock.release();
      expect(() => grant.handTo(spawn(sleep(1)))).toThrow('given back already');
    }),
  );

  test(
    'to the caller by a branch that has won may be released there, through any number of combinators',
    coroutineTest(function* () {
      const lock = new Lock();
      yield* gather([lock.acquire(), sleep(1)]);
      lock.release();
      yield* race([lock.acquire(), sleep(1)]);
      lock.release();
      yield* race([gather([race([lock.acquire(), forever()])]), forever()]);
      const waiting = spawn(entering(lock));
      yield* sleep(1);
      expect(waiting.status).toBe('waiting');
      lock.release();
      expect(yield* waiting).toBe('in');
      expect(lock.locked).toBe(false);
    }),
  );

  test(
    'to a caller that ends with it is broken by that end',
    coroutineTest(function* () {
      const lock = new Lock();
      const careless = spawn(
        function* () {
          yield* gather([lock.acquire(), sleep(5)]);
          yield* sleep(5);
        },
        { name: 'caller' },
      );
      yield* sleep(1);
      const waiting = spawn(attempt(entering(lock)));
      yield* careless;
      expect(yield* waiting).toMatchObject({ error: { name: 'BrokenLockError', holder: 'caller' } });
      expect(now()).toBe(10);
    }),
  );
});

test('in every order, with a cancel at every wait, nobody waits for a task that has ended', async () => {
  const report = await explore(
    function* () {
      const lock = new Lock();
      function* worker(careful: boolean): Operation<void> {
        const grant = yield* lock.acquire();
        yield* tick();
        if (careful) grant[DISPOSE]();
      }
      yield* supervise(function* (g) {
        const tasks = [true, false, true, false].map((careful) => g.spawn(attempt(worker(careful))));
        for (let i = 0; i < 30; i++) yield* tick();
        expect(tasks.filter((task) => !task.done)).toEqual([]);
      });
    },
    { seeds: 20, cancel: true },
  );
  expect(report.cancels.tried).toBeGreaterThan(10);
});
