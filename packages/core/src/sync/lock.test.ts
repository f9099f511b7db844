import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  attempt,
  currentTask,
  type Grant,
  gather,
  Lock,
  now,
  type Operation,
  select,
  sleep,
  spawn,
  tick,
  timeout,
  WouldBlockError,
} from '../index.ts';
import { below, pause, sabotaged, underManySeeds } from '../tasks/sabotage.fixture.ts';
import { coroutineTest } from '../testing/index.ts';
import { DISPOSE } from './dispose.ts';
import { testMeeting } from './meeting.fixture.ts';

function* holding(lock: Lock, ms: number, log: string[] = [], name = ''): Operation<void> {
  using _held = yield* lock.acquire();
  log.push(name);
  yield* sleep(ms);
}

describe('Lock', () => {
  testMeeting('This lock', () => {
    const lock = new Lock();
    const held = lock.acquireNowait();
    return {
      *pass(inside) {
        using _held = yield* lock.acquire();
        yield* inside();
      },
      *letOn() {
        held[DISPOSE]();
      },
      isIdle: () => !lock.locked,
    };
  });

  test(
    'lets one task in at a time, in the order in which they came',
    coroutineTest(function* () {
      const lock = new Lock();
      const log: string[] = [];
      yield* gather(['a', 'b', 'c'].map((name) => holding(lock, 10, log, name)));
      expect(log).toEqual(['a', 'b', 'c']);
      expect(now()).toBe(30);
      expect(lock.locked).toBe(false);
    }),
  );

  test(
    'is given back at the end of the block by using, whether it ends well or not',
    coroutineTest(function* () {
      const lock = new Lock();
      function* broken(): Operation<void> {
        using _held = yield* lock.acquire();
        expect(lock.locked).toBe(true);
        throw new Error('broken');
      }
      yield* attempt(broken());
      expect(lock.locked).toBe(false);
      yield* attempt(timeout(1, holding(lock, 100)));
      expect(lock.locked).toBe(false);
    }),
  );

  test(
    'is handed to the one that waits longest, so that no task that comes later is faster',
    coroutineTest(function* () {
      const lock = new Lock();
      const log: string[] = [];
      const held = yield* lock.acquire();
      spawn(holding(lock, 0, log, 'waited'));
      yield* tick();
      held[DISPOSE]();
      expect(lock.locked).toBe(true);
      expect(() => lock.acquireNowait()).toThrow(WouldBlockError);
      yield* holding(lock, 0, log, 'came later');
      expect(log).toEqual(['waited', 'came later']);
    }),
  );

  test(
    'release gives it back for the task that holds it',
    coroutineTest(function* () {
      const lock = new Lock();
      yield* lock.acquire();
      lock.release();
      expect(lock.locked).toBe(false);
      lock.acquireNowait();
      lock.release();
      expect(lock.locked).toBe(false);
    }),
  );

  test(
    'what acquire returned may be disposed of by another task, and once more without harm',
    coroutineTest(function* () {
      const lock = new Lock();
      const held = yield* lock.acquire();
      yield* spawn(function* () {
        held[DISPOSE]();
        yield* tick();
      });
      expect(lock.locked).toBe(false);
      const again = yield* lock.acquire();
      held[DISPOSE]();
      expect(lock.locked).toBe(true);
      lock.release();
      again[DISPOSE]();
      expect(lock.locked).toBe(false);
    }),
  );

  test(
    'is a branch of select, which takes it only when it is chosen',
    coroutineTest(function* () {
      const lock = new Lock();
      const other = new Lock();
      const holder = spawn(holding(lock, 10));
      yield* tick();
      const chosen = yield* select({ lock, other });
      expect(chosen.key).toBe('other');
      yield* holder;
      expect(lock.locked).toBe(false);
      spawn(holding(lock, 10));
      yield* tick();
      const later = yield* select({ lock });
      expect(now()).toBe(20);
      expect(lock.locked).toBe(true);
      later.value[DISPOSE]();
      expect(lock.locked).toBe(false);
    }),
  );

  test('a host callback may take and release it without waiting', () => {
    const lock = new Lock();
    const held = lock.acquireNowait();
    expect(() => lock.acquireNowait()).toThrow(
      'acquireNowait found the lock held by the host. Wait for it with `yield* lock.acquire()`.',
    );
    held[DISPOSE]();
    lock.acquireNowait();
    lock.release();
    expect(lock.locked).toBe(false);
  });

  test(
    'a release without the lock is an error that says who has it, and changes nothing',
    coroutineTest(function* () {
      const lock = new Lock();
      expect(() => lock.release()).toThrow('lock.release() without the lock: nobody holds it. Acquire it first.');
      const holder = spawn(holding(lock, 10), { name: 'Ada' });
      yield* tick();
      expect(() => lock.release()).toThrow(
        'lock.release() without the lock: it is held by task Ada. Only the task that acquired it may release or use it.',
      );
      expect(lock.locked).toBe(true);
      yield* holder;
      yield* lock.acquire();
      lock.release();
      expect(() => lock.release()).toThrow('nobody holds it');
      expect(lock.locked).toBe(false);
    }),
  );

  test(
    'to acquire it twice is an error rather than a wait without end',
    coroutineTest(function* () {
      const lock = new Lock();
      yield* lock.acquire();
      const tried = yield* attempt(lock.acquire());
      expect(tried).toMatchObject({
        ok: false,
        error: {
          message: `${currentTask().label} holds this lock already, so it would wait for itself. A lock is not re-entrant: acquire it once.`,
        },
      });
      expect(lock.locked).toBe(true);
      lock.release();
    }),
  );

  test('is never lost and never given twice, whatever is cancelled when', async () => {
    await underManySeeds(function* () {
      const lock = new Lock();
      let inside = 0;
      function* critical(): Operation<void> {
        expect(++inside).toBe(1);
        try {
          yield* pause();
        } finally {
          inside--;
        }
      }
      function* byUsing(): Operation<void> {
        using _held = yield* lock.acquire();
        yield* critical();
      }
      function* byRelease(): Operation<void> {
        yield* lock.acquire();
        try {
          yield* critical();
        } finally {
          lock.release();
        }
      }
      function* bySelect(): Operation<void> {
        const { value } = yield* select({ lock });
        using _held = value;
        yield* critical();
      }
      function* worker(): Operation<void> {
        for (let i = 0; i < 4; i++) {
          yield* pause();
          const way = [byUsing, byRelease, bySelect][below(3)] as () => Operation<void>;
          if (below(3) === 0) yield* attempt(timeout(below(4), way()));
          else yield* way();
        }
      }
      yield* sabotaged(Array.from({ length: 8 }, () => worker));
      expect(inside).toBe(0);
      expect(lock.locked).toBe(false);
    });
  });

  test('acquire gives a grant, which is disposable', () => {
    expectTypeOf(new Lock().acquire()).toEqualTypeOf<Operation<Grant>>();
    expectTypeOf<Grant>().toExtend<Disposable>();
    // @ts-expect-error there is no result before it was waited for
    void (() => new Lock().acquire()[DISPOSE]());
  });
});
