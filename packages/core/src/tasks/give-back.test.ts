import { describe, expect, test } from 'vitest';
import {
  acquire,
  asCompleted,
  attempt,
  broadcast,
  Condition,
  EventFlag,
  forever,
  gather,
  group,
  Lock,
  moveOnAfter,
  type Operation,
  race,
  resource,
  Semaphore,
  sleep,
  spawn,
  supervise,
  tick,
  timeout,
} from '../index.ts';
import { cleaning, failing } from '../kernel/fixtures/bodies.fixture.ts';
import { runningTask } from '../kernel/task/current.ts';
import { DISPOSE } from '../sync/dispose.ts';
import { coroutineTest, explore } from '../testing/index.ts';
import { below, pause, sabotaged, underManySeeds } from './sabotage.fixture.ts';

/** A word that acquires: how, and whether all of it is back. */
interface Word {
  acquire(): Operation<unknown>;
  isBack(): boolean;
}

const WORDS: Record<string, () => Word> = {
  'a permit': () => {
    const permits = new Semaphore(1, { max: 1 });
    return { acquire: () => permits.acquire(), isBack: () => permits.available === 1 };
  },
  'a lock': () => {
    const lock = new Lock();
    return { acquire: () => lock.acquire(), isBack: () => !lock.locked };
  },
  'the lock of a condition': () => {
    const condition = new Condition();
    return { acquire: () => condition.acquire(), isBack: () => !condition.locked };
  },
  'a resource': () => {
    let open = 0;
    const counted = resource<string>(function* (provide) {
      open++;
      try {
        yield* provide('open');
      } finally {
        open--;
      }
    });
    return { acquire: () => acquire(counted), isBack: () => open === 0 };
  },
  'a subscription': () => {
    const news = broadcast<number>({ capacity: 0 });
    return {
      *acquire() {
        return news.subscribe();
      },
      // Without a subscription there is nobody to wait for.
      isBack() {
        try {
          news.sendNowait(1);
          return true;
        } catch {
          return false;
        }
      },
    };
  },
};

function* after(ms: number, operation: Operation<unknown>): Operation<unknown> {
  yield* sleep(ms);
  return yield* operation;
}

function* andFails(operation: Operation<unknown>): Operation<never> {
  yield* operation;
  return yield* failing(new Error('planned'));
}

function* andWaits(operation: Operation<unknown>): Operation<never> {
  yield* operation;
  return yield* forever();
}

/** Ways in which a branch loses what it has acquired; each ends before 100. */
const LOSES: Record<string, (word: Word) => Operation<unknown>> = {
  'as the result of a branch of race that loses': (word) => race([sleep(5), sleep(5), after(5, word.acquire())]),
  'in the body of a branch of race that loses': (word) => race([sleep(5), andWaits(word.acquire())]),
  'in a branch of race that ends by itself after it has lost': (word) =>
    race([
      sleep(5),
      (function* () {
        try {
          yield* forever();
        } catch {}
        return yield* word.acquire();
      })(),
    ]),
  'as the result of a branch of gather that another one fails': (word) =>
    attempt(gather([word.acquire(), failing(new Error('no'))])),
  'in the body of a branch that fails': (word) => attempt(gather([andFails(word.acquire()), forever()])),
  'in a branch of a gather that settles': (word) => gather([andFails(word.acquire())], { settle: true }),
  'in a gather inside of a branch that loses': (word) => race([gather([word.acquire(), forever()]), sleep(5)]),
  'in a race inside of a branch that loses': (word) => race([andWaits(race([word.acquire(), forever()])), sleep(5)]),
  'in a gather that a deadline ends': (word) => moveOnAfter(5, gather([word.acquire(), forever()])),
  'in a race that a deadline ends while the loser cleans up': (word) =>
    moveOnAfter(10, race([after(5, word.acquire()), cleaning([], 'slow', 50)])),
  'in a race whose loser fails in its cleanup': (word) =>
    attempt(
      race([
        after(5, word.acquire()),
        (function* () {
          try {
            yield* forever();
          } finally {
            yield* failing(new Error('cleanup'));
          }
        })(),
      ]),
    ),
  'in a gather whose task is cancelled': function* (word) {
    const task = spawn(gather([word.acquire(), forever()]));
    yield* sleep(5);
    yield* task.cancel();
  },
  'by a branch of asCompleted whose value is not taken': function* (word) {
    const values = asCompleted([sleep(1), after(2, word.acquire()), forever()]);
    yield* values.next();
    yield* sleep(5);
    yield* values.close();
  },
};

describe.each(Object.entries(WORDS))('%s that a branch has acquired is given back', (_what, make) => {
  test.each(Object.entries(LOSES))('%s', async (_how, lose) => {
    await coroutineTest(function* () {
      const word = make();
      yield* group(() => lose(word));
      expect(word.isBack()).toBe(true);
      yield* tick();
      expect(word.isBack()).toBe(true);
    })();
  });
});

describe('what is lost is given back once, and nothing else', () => {
  test(
    'a value that a group or a task has lost to a cancel while it ended',
    coroutineTest(function* () {
      const permits = new Semaphore(2, { max: 2 });
      const lock = new Lock();
      const losing = (): Operation<unknown> =>
        group(function* (g) {
          g.spawn(cleaning([], 'slow', 50), { daemon: true });
          return yield* gather([lock.acquire(), permits.acquire()]);
        });
      expect(yield* moveOnAfter(5, losing())).toEqual({ timedOut: true, value: undefined });
      expect([lock.locked, permits.available]).toEqual([false, 2]);
      const task = spawn(function* () {
        spawn(cleaning([], 'slow', 50), { daemon: true });
        yield* sleep(1);
        return yield* permits.acquire();
      });
      yield* sleep(5);
      yield* task.cancel();
      expect(permits.available).toBe(2);
      const failed = yield* attempt(
        group(function* (g) {
          g.spawn(failing(new Error('child'), 5));
          return yield* permits.acquire();
        }),
      );
      expect([failed.ok, permits.available]).toEqual([false, 2]);
    }),
  );

  test(
    'a permit of a race that was decided in the same moment, and in a hundred of them',
    coroutineTest(function* () {
      const flag = new EventFlag();
      const permits = new Semaphore(1, { max: 1 });
      for (let i = 0; i < 100; i++) {
        yield* permits.acquire();
        flag.clear();
        const racing = spawn(race([flag.wait(), permits.acquire()]));
        yield* sleep(1);
        flag.set();
        permits.release();
        yield* racing;
        expect(permits.available).toBe(1);
      }
    }),
  );

  test(
    'permits that a branch or its children release themselves are not released again',
    coroutineTest(function* () {
      const permits = new Semaphore(3, { max: 3 });
      function* own(): Operation<void> {
        yield* permits.acquire();
        try {
          yield* forever();
        } finally {
          permits.release();
        }
      }
      function* byChildren(): Operation<void> {
        for (let i = 0; i < 2; i++) {
          yield* permits.acquire();
          spawn(function* () {
            try {
              yield* forever();
            } finally {
              permits.release();
            }
          });
          yield* sleep(1);
        }
        yield* forever();
      }
      yield* race([own(), byChildren(), sleep(10)]);
      expect(permits.available).toBe(3);
      yield* race([
        (function* () {
          yield* permits.acquire();
          yield* forever();
        })(),
        sleep(10),
      ]);
      expect(permits.available).toBe(3);
    }),
  );

  test(
    'a permit of a branch that a task outside releases',
    coroutineTest(function* () {
      const permits = new Semaphore(1, { max: 1 });
      const racing = spawn(race([andWaits(permits.acquire()), sleep(10)]));
      yield* sleep(1);
      permits.release();
      yield* racing;
      expect(permits.available).toBe(1);
    }),
  );

  test(
    'what came from elsewhere stays whose it is, and a disposable of the program’s own is never touched',
    coroutineTest(function* () {
      const lock = new Lock();
      const permits = new Semaphore(1);
      const held = yield* lock.acquire();
      const permit = yield* permits.acquire();
      let disposals = 0;
      const shared = {
        [DISPOSE]() {
          disposals++;
        },
      };
      function* giving<T>(value: T): Operation<T> {
        yield* sleep(5);
        return value;
      }
      yield* race([sleep(5), giving(held), giving(permit), giving(shared)]);
      yield* attempt(gather([giving([held, permit, shared]), failing(new Error('no'), 6)]));
      expect([lock.locked, permits.available, disposals]).toEqual([true, 0, 0]);
      lock.release();
      permit[DISPOSE]();
      expect([lock.locked, permits.available]).toEqual([false, 1]);
    }),
  );

  test(
    'what a task inside of a branch has acquired and returned',
    coroutineTest(function* () {
      const permits = new Semaphore(1, { max: 1 });
      const lock = new Lock();
      function* throughTasks(): Operation<unknown> {
        return [yield* spawn(permits.acquire()), yield* spawn(() => lock.acquire())];
      }
      yield* attempt(gather([throughTasks(), failing(new Error('no'), 5)]));
      expect([permits.available, lock.locked]).toEqual([1, false]);
    }),
  );

  test(
    'what a winner has acquired stays: the caller gives it back, or a branch that it is itself does',
    coroutineTest(function* () {
      const permits = new Semaphore(2, { max: 2 });
      const [permit] = yield* gather([permits.acquire(), sleep(5)]);
      yield* race([permits.acquire(), forever()]);
      expect(permits.available).toBe(0);
      permit[DISPOSE]();
      permits.release();
      expect(permits.available).toBe(2);
      yield* race([andWaits(gather([permits.acquire(), permits.acquire()])), sleep(5)]);
      expect(permits.available).toBe(2);
    }),
  );

  test(
    'a lock that a branch takes again and again, in the order of the last time',
    coroutineTest(function* () {
      const [a, b] = [new Lock(), new Lock()];
      const log: boolean[] = [];
      const inside = resource<void>(function* (provide) {
        yield* provide();
        log.push(a.locked, b.locked);
      });
      let entries = 0;
      function* branch(): Operation<void> {
        for (let i = 0; i < 50; i++) {
          const first = yield* a.acquire();
          using _second = yield* b.acquire();
          if (i % 3 === 0) yield* group(() => acquire(inside));
          if (i % 2 === 0) first[DISPOSE]();
          else a.release();
          entries = Math.max(entries, runningTask('a test').nursery?.releases?.entries.length ?? 0);
        }
        log.length = 0;
        yield* b.acquire();
        yield* acquire(inside);
        yield* a.acquire();
        yield* forever();
      }
      yield* race([branch(), sleep(5)]);
      expect([...log, a.locked, b.locked]).toEqual([false, true, false, false]);
      expect(entries).toBeLessThanOrEqual(3);
    }),
  );

  test(
    'last first, with the resources and cleanups of the branch',
    coroutineTest(function* () {
      const lock = new Lock();
      const log: boolean[] = [];
      const inside = resource<void>(function* (provide) {
        yield* provide();
        log.push(lock.locked);
      });
      function* branch(): Operation<void> {
        yield* lock.acquire();
        yield* acquire(inside);
        yield* forever();
      }
      yield* race([branch(), sleep(5)]);
      expect([...log, lock.locked]).toEqual([true, false]);
    }),
  );

  test('nothing is lost and nothing stays held, whatever is cancelled when', async () => {
    await underManySeeds(function* () {
      const permits = new Semaphore(3, { max: 3 });
      const lock = new Lock();
      function* branch(): Operation<unknown> {
        yield* pause();
        const it = below(2) === 0 ? yield* permits.acquire() : yield* lock.acquire();
        if (below(3) === 0) it[DISPOSE]();
        yield* pause();
        if (below(4) === 0) throw new Error('by chance');
        return it;
      }
      function* worker(): Operation<void> {
        yield* attempt(
          race([
            timeout(below(6), andWaits(race([gather([branch(), branch()]), branch(), andWaits(branch())]))),
            gather([andWaits(branch()), sleep(below(8))]),
          ]),
        );
      }
      yield* sabotaged(Array.from({ length: 4 }, () => worker));
      expect([permits.available, lock.locked]).toEqual([3, false]);
    });
  });

  test('in every order, with a cancel at every wait', async () => {
    const report = await explore(
      function* () {
        const permits = new Semaphore(1, { max: 1 });
        const lock = new Lock();
        function* worker(): Operation<void> {
          const flag = new EventFlag();
          spawn(function* () {
            yield* tick();
            flag.set();
          });
          yield* race([
            andWaits(race([permits.acquire(), flag.wait()])),
            gather([lock.acquire(), andWaits(tick())]),
            sleep(3),
          ]);
        }
        yield* supervise(function* (g) {
          const tasks = [g.spawn(worker), g.spawn(worker)];
          for (const task of tasks) yield* attempt(task);
        });
        expect([permits.available, lock.locked]).toEqual([1, false]);
      },
      { seeds: 15, cancel: true },
    );
    expect(report.cancels.tried).toBeGreaterThan(10);
  });
});
