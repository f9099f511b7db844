// Every order of events that these seeds find, with a cancel at every wait of every task in turn.
import { describe, expect, test } from 'vitest';
import { Barrier, Condition, Lock, type Operation, Semaphore, select, supervise, tick, wait } from '../index.ts';
import { explore } from '../testing/index.ts';

/** Runs workers to their end, whatever becomes of each; those that hang after `turns` are cancelled. */
function* together(workers: readonly (() => Operation<unknown>)[], turns = 20): Operation<void> {
  yield* supervise(function* (g) {
    const tasks = workers.map((worker) => g.spawn(worker));
    for (let i = 0; i < turns; i++) yield* tick();
    for (const task of tasks) task.cancel();
    const { done } = yield* wait(tasks);
    for (const task of done) if (task.status === 'failed') task.result();
  });
}

const programs: Record<string, () => Operation<void>> = {
  *'a lock is held by one task at a time and free at the end'() {
    const lock = new Lock();
    let inside = 0;
    function* worker(): Operation<void> {
      using _held = yield* lock.acquire();
      expect(++inside).toBe(1);
      try {
        yield* tick();
      } finally {
        inside--;
      }
    }
    yield* together([worker, worker, worker]);
    expect(lock.locked).toBe(false);
  },
  *'a lock that a select did not choose is not held'() {
    const lock = new Lock();
    const other = new Lock();
    function* worker(): Operation<void> {
      const { value } = yield* select({ lock, other });
      using _held = value;
      yield* tick();
    }
    yield* together([worker, worker, worker]);
    expect([lock.locked, other.locked]).toEqual([false, false]);
  },
  *'all permits of a semaphore come back'() {
    const semaphore = new Semaphore(2, { max: 2 });
    let inside = 0;
    function* worker(): Operation<void> {
      using _permit = yield* semaphore.acquire();
      expect(++inside).toBeLessThanOrEqual(2);
      try {
        yield* tick();
      } finally {
        inside--;
      }
    }
    yield* together([worker, worker, worker, worker]);
    expect(semaphore.available).toBe(2);
  },
  *'a condition gives its lock back and its notification on'() {
    const condition = new Condition();
    let stock = 0;
    let eager = 0;
    function* consumer(): Operation<void> {
      using _held = yield* condition.acquire();
      eager++;
      try {
        yield* condition.waitFor(() => stock > 0);
        stock--;
      } finally {
        eager--;
      }
    }
    function* producer(): Operation<void> {
      using _held = yield* condition.acquire();
      stock++;
      condition.notify();
      yield* tick();
    }
    yield* supervise(function* (g) {
      const consumers = [consumer, consumer].map((worker) => g.spawn(worker));
      yield* wait([producer, producer].map((worker) => g.spawn(worker)));
      for (let i = 0; i < 20; i++) yield* tick();
      if (eager > 0) expect(stock).toBe(0);
      for (const task of consumers) task.cancel();
      yield* wait(consumers);
    });
    expect(condition.locked).toBe(false);
  },
  *'a round of a barrier is complete or has not been'() {
    const barrier = new Barrier(2);
    const given: number[] = [];
    function* worker(): Operation<void> {
      given.push(yield* barrier.wait());
    }
    yield* together([worker, worker, worker]);
    expect(barrier.waiting).toBe(0);
    expect([[], [0, 1]]).toContainEqual(given.sort());
  },
};

describe('in every order, with a cancel at every wait', () => {
  for (const [title, program] of Object.entries(programs)) {
    test(title, async () => {
      const report = await explore(program, { seeds: 20, cancel: true });
      expect(report.cancels.tried).toBeGreaterThan(10);
    });
  }
});
