import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  attempt,
  Condition,
  forever,
  gather,
  Lock,
  now,
  type Operation,
  sleep,
  spawn,
  tick,
  timeout,
  WouldBlockError,
} from '../index.ts';
import { pause, sabotaged, underManySeeds } from '../tasks/sabotage.fixture.ts';
import { coroutineTest } from '../testing/index.ts';
import { testMeeting } from './meeting.fixture.ts';

function* waiting(condition: Condition, log: string[], name: string): Operation<void> {
  using _held = yield* condition.acquire();
  yield* condition.wait();
  log.push(name);
}

function* notifying(condition: Condition, n: number): Operation<void> {
  using _held = yield* condition.acquire();
  condition.notify(n);
}

describe('Condition', () => {
  testMeeting('This lock', () => {
    const condition = new Condition();
    return {
      *pass(inside) {
        using _held = yield* condition.acquire();
        yield* condition.wait();
        yield* inside();
      },
      *letOn() {
        using _held = yield* condition.acquire();
        condition.notifyAll();
      },
      isIdle: () => !condition.locked,
    };
  });

  test(
    'wait gives the lock up, and has it again when it was notified',
    coroutineTest(function* () {
      const condition = new Condition();
      const log: string[] = [];
      spawn(waiting(condition, log, 'notified'));
      yield* tick();
      expect(condition.locked).toBe(false);
      using _held = yield* condition.acquire();
      condition.notify();
      yield* sleep(10);
      expect(log).toEqual([]);
      condition.release();
      yield* tick();
      expect(log).toEqual(['notified']);
    }),
  );

  test(
    'notify lets as many go on as it says, those that wait longest first; notifyAll lets all',
    coroutineTest(function* () {
      const condition = new Condition();
      const log: string[] = [];
      for (const name of ['a', 'b', 'c', 'd', 'e']) spawn(waiting(condition, log, name));
      yield* tick();
      yield* notifying(condition, 1);
      yield* sleep(1);
      expect(log).toEqual(['a']);
      yield* notifying(condition, 2);
      yield* sleep(1);
      expect(log).toEqual(['a', 'b', 'c']);
      yield* condition.acquire();
      condition.notifyAll();
      condition.release();
      yield* sleep(1);
      expect(log).toEqual(['a', 'b', 'c', 'd', 'e']);
    }),
  );

  test(
    'a notification that nobody waits for is gone',
    coroutineTest(function* () {
      const condition = new Condition();
      yield* notifying(condition, 3);
      const tried = yield* attempt(timeout(5, waiting(condition, [], 'late')));
      expect(tried).toMatchObject({ ok: false, error: { name: 'TimeoutError' } });
      expect(condition.locked).toBe(false);
    }),
  );

  test(
    'waitFor looks at once, and after every notification, and returns what the predicate gave',
    coroutineTest(function* () {
      const condition = new Condition();
      let stock = 2;
      function* buyer(): Operation<string> {
        using _held = yield* condition.acquire();
        return yield* condition.waitFor(() => stock >= 3 && `${stock} in stock`);
      }
      const task = spawn(buyer());
      yield* tick();
      yield* notifying(condition, 1);
      yield* tick();
      expect(task.done).toBe(false);
      stock = 5;
      yield* notifying(condition, 1);
      expect(yield* task).toBe('5 in stock');
      expect(yield* buyer()).toBe('5 in stock');
    }),
  );

  test(
    'a cancelled task has the lock again while it cleans up',
    coroutineTest(function* () {
      const condition = new Condition();
      const log: string[] = [];
      const task = spawn(function* () {
        yield* condition.acquire();
        try {
          yield* condition.wait();
        } finally {
          log.push(`locked: ${condition.locked}`);
          condition.release();
        }
      });
      yield* tick();
      yield* condition.acquire();
      task.cancel();
      yield* sleep(10);
      expect(log).toEqual([]);
      condition.release();
      yield* attempt(task);
      expect(log).toEqual(['locked: true']);
      expect(task.status).toBe('cancelled');
      expect(condition.locked).toBe(false);
    }),
  );

  test(
    'a notified task that is cancelled before it has the lock passes the notification on',
    coroutineTest(function* () {
      const condition = new Condition();
      const log: string[] = [];
      const first = spawn(waiting(condition, log, 'first'));
      spawn(waiting(condition, log, 'second'));
      yield* tick();
      yield* condition.acquire();
      condition.notify();
      first.cancel();
      condition.release();
      yield* attempt(first);
      expect(first.status).toBe('cancelled');
      yield* sleep(1);
      expect(log).toEqual(['second']);
    }),
  );

  test(
    'a cancelled task waits for the lock within its grace, and then goes without it',
    coroutineTest(function* () {
      const condition = new Condition();
      const log: string[] = [];
      const task = spawn(waiting(condition, log, 'never'), { name: 'waiter' });
      yield* tick();
      const hog = spawn(function* () {
        using _held = yield* condition.acquire();
        yield* forever();
      });
      yield* tick();
      yield* task.cancel();
      expect(task.status).toBe('cancelled');
      expect(now()).toBe(5_000);
      expect(condition.locked).toBe(true);
      yield* hog.cancel();
      expect(condition.locked).toBe(false);
    }),
  );

  test(
    'several conditions may share one lock',
    coroutineTest(function* () {
      const lock = new Lock();
      const empty = new Condition(lock);
      const full = new Condition(lock);
      const slots: number[] = [];
      function* put(value: number): Operation<void> {
        using _held = yield* lock.acquire();
        yield* empty.waitFor(() => slots.length < 2);
        slots.push(value);
        full.notify();
      }
      function* get(): Operation<number | undefined> {
        using _held = yield* lock.acquire();
        yield* full.waitFor(() => slots.length > 0);
        empty.notify();
        return slots.shift();
      }
      const values = yield* gather([get(), get(), get(), put(1), put(2), put(3)]);
      expect(values.slice(0, 3)).toEqual([1, 2, 3]);
    }),
  );

  test(
    'what acquire returned stays good over a wait',
    coroutineTest(function* () {
      const condition = new Condition();
      function* twice(): Operation<void> {
        using _held = yield* condition.acquire();
        yield* condition.wait();
        yield* condition.wait();
      }
      const task = spawn(twice());
      yield* tick();
      yield* notifying(condition, 1);
      yield* tick();
      yield* notifying(condition, 1);
      yield* task;
      expect(condition.locked).toBe(false);
    }),
  );

  test(
    'wait and notify without the lock are errors that change nothing',
    coroutineTest(function* () {
      const condition = new Condition();
      const log: string[] = [];
      spawn(waiting(condition, log, 'notified'));
      yield* tick();
      expect(() => condition.notify()).toThrow(
        'condition.notify() without the lock: nobody holds it. Acquire it first.',
      );
      expect(() => condition.notifyAll()).toThrow('condition.notifyAll() without the lock: nobody holds it.');
      expect(() => condition.release()).toThrow('lock.release() without the lock: nobody holds it.');
      expect(yield* attempt(condition.wait())).toMatchObject({
        ok: false,
        error: { message: 'condition.wait() without the lock: nobody holds it. Acquire it first.' },
      });
      expect(yield* attempt(condition.waitFor(() => true))).toMatchObject({
        ok: false,
        error: { message: 'condition.waitFor() without the lock: nobody holds it. Acquire it first.' },
      });
      const holder = spawn(
        function* () {
          using _held = yield* condition.acquire();
          yield* sleep(5);
        },
        { name: 'Ada' },
      );
      yield* tick();
      expect(() => condition.notify()).toThrow(
        'condition.notify() without the lock: it is held by task Ada. Only the task that acquired it may release or use it.',
      );
      yield* holder;
      expect(log).toEqual([]);
      yield* notifying(condition, 1);
      yield* tick();
      expect(log).toEqual(['notified']);
    }),
  );

  test('bad input is refused at the call', async () => {
    // @ts-expect-error a semaphore is not a lock
    expect(() => new Condition({})).toThrow('new Condition takes a Lock, not an object.');
    const condition = new Condition();
    expect(() => condition.notify(-1)).toThrow('condition.notify takes a whole number of at least 0, not -1.');
    expect(() => condition.notify(Number.NaN)).toThrow(RangeError);
    // @ts-expect-error a value is not a predicate
    expect(() => condition.waitFor(true)).toThrow('condition.waitFor takes a function, not true.');
  });

  test('acquireNowait takes the lock if it is free', () => {
    const condition = new Condition();
    condition.acquireNowait();
    expect(condition.locked).toBe(true);
    expect(() => condition.acquireNowait()).toThrow(WouldBlockError);
    condition.release();
    expect(condition.locked).toBe(false);
  });

  test('no notification is lost and the lock is always held where it should be, whatever is cancelled when', async () => {
    await underManySeeds(function* () {
      const condition = new Condition();
      const consumers = 4;
      let stock = 0;
      let inside = 0;
      function* waitInside(): Operation<void> {
        inside--;
        try {
          yield* condition.wait();
        } finally {
          expect(++inside).toBe(1);
        }
      }
      function* locked(body: () => Operation<void>): Operation<void> {
        yield* pause();
        yield* condition.acquire();
        expect(++inside).toBe(1);
        try {
          yield* body();
          yield* pause();
        } finally {
          inside--;
          condition.release();
        }
      }
      function* consumer(): Operation<void> {
        while (stock === 0) yield* waitInside();
        stock--;
      }
      // Takes nothing: what it is told, it tells the next one, unless a cancel comes first, and then the runtime has to.
      function* bystander(): Operation<void> {
        yield* waitInside();
        condition.notify();
      }
      function* producer(): Operation<void> {
        stock++;
        condition.notify();
        yield* pause();
      }
      const lasting = Array.from({ length: consumers }, () => spawn(locked(consumer)));
      const making = Array.from({ length: consumers }, () => spawn(locked(producer)));
      const passing = spawn(
        sabotaged(
          Array.from({ length: 6 }, () => () => locked(bystander)),
          12,
        ),
      );
      yield* gather([...lasting, ...making]);
      yield* passing.cancel();
      expect([stock, inside, condition.locked]).toEqual([0, 0, false]);
    });
  });

  test('waitFor is typed by its predicate', () => {
    const condition = new Condition();
    expectTypeOf(condition.waitFor(() => 'text' as string | undefined)).toEqualTypeOf<Operation<string>>();
    expectTypeOf(condition.waitFor(() => 1 < 2)).toEqualTypeOf<Operation<true>>();
  });
});
