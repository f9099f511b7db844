import { describe, expect, test } from 'vitest';
import {
  DeadlockError,
  gather,
  Lock,
  type Operation,
  Queue,
  Semaphore,
  sleep,
  spawn,
  type Task,
  tick,
} from '../index.ts';
import { runTest } from '../testing/run-test.ts';
import { formatTree, taskTree, waitGraph } from './index.ts';

/** Who waits for whom, by name. */
function edges(): string[] {
  const { nodes, edges } = waitGraph();
  const nameOf = (id: number) => nodes.find((node) => node.id === id)?.name;
  return edges.map(({ from, to, waitsFor }) => `${nameOf(from)} -> ${nameOf(to)}: ${waitsFor}`);
}

const circles = (): string[] => waitGraph().cycles.map((cycle) => cycle.map(({ name }) => name).join(' -> '));

function* holdBoth(first: Lock, second: Lock): Operation<void> {
  yield* first.acquire();
  yield* tick();
  yield* second.acquire();
}

async function deadlockOf(program: () => Operation<void>): Promise<DeadlockError> {
  const error = await runTest(program).catch((error: unknown) => error);
  if (error instanceof DeadlockError) return error;
  throw error;
}

describe('the graph of who waits for whom', () => {
  test('has the holder of a lock, what is joined, and children', () =>
    runTest(function* () {
      const lock = new Lock();
      function* user(): Operation<void> {
        yield* lock.acquire();
        yield* sleep(10);
        lock.release();
      }
      const first: Task<void> = spawn(user(), { name: 'first' });
      spawn(user(), { name: 'second' });
      spawn(
        function* () {
          yield* first;
        },
        { name: 'joiner' },
      );
      spawn(
        function* () {
          spawn(sleep(10), { name: 'child' });
        },
        { name: 'owner' },
      );
      yield* tick();
      yield* tick();
      expect(edges()).toEqual([
        'second -> first: lock.acquire()',
        'joiner -> first: task first',
        expect.stringMatching(/^owner -> child: /),
      ]);
      expect(circles()).toEqual([]);
      expect(formatTree(taskTree())).toMatch(
        /task second .* for lock\.acquire\(\), .*; held by task first, which is at .*:\d+:\d+\n/,
      );
    }));

  test('has every holder of a permit, and no circle where one of them can go on', () =>
    runTest(function* () {
      const seats = new Semaphore(2);
      const lock = new Lock();
      function* guest(): Operation<void> {
        using _seat = yield* seats.acquire();
        yield* sleep(10);
      }
      function* host(): Operation<void> {
        using _lock = yield* lock.acquire();
        yield* tick();
        using _seat = yield* seats.acquire();
      }
      function* waiter(): Operation<void> {
        using _seat = yield* seats.acquire();
        using _lock = yield* lock.acquire();
      }
      for (const [name, body] of Object.entries({ host, guest, waiter })) spawn(body(), { name });
      yield* tick();
      yield* tick();
      yield* tick();
      expect(edges()).toContain('host -> guest: semaphore.acquire()');
      expect(edges()).toContain('host -> waiter: semaphore.acquire()');
      expect(circles()).toEqual([]);
    }));

  test('knows the permits that are given back by release(), and none after one that is not the running task’s', () =>
    runTest(function* () {
      const seats = new Semaphore(1);
      function* guest(): Operation<void> {
        yield* seats.acquire();
        yield* sleep(10);
        seats.release();
      }
      for (const name of ['a', 'b', 'c']) spawn(guest(), { name });
      yield* sleep(15);
      expect(edges()).toEqual(['c -> b: semaphore.acquire()']);
      seats.release();
      yield* sleep(1);
      spawn(guest(), { name: 'd' });
      yield* tick();
      yield* tick();
      expect(edges()).toEqual([]);
    }));

  test('has no edge to the other end of a queue, which may be anybody', () =>
    runTest(function* () {
      const queue = new Queue<number>();
      spawn(queue.get(), { name: 'reader' });
      yield* tick();
      expect(edges()).toEqual([]);
      queue.putNowait(1);
    }));

  test('names a deadlock of two locks with the line of each', async () => {
    const error = await deadlockOf(function* () {
      const [left, right] = [new Lock({ name: 'left' }), new Lock({ name: 'right' })];
      spawn(holdBoth(left, right), { name: 'a' });
      spawn(holdBoth(right, left), { name: 'b' });
    });
    expect(error.cycle).toEqual(['a', 'b', 'a']);
    expect(error.message).toMatch(
      /They wait in a circle: .* -> task a\n {2}task a at .*wait-graph\.test\.ts:\d+:\d+ waits for lock\.acquire\(right\), which task b has\n {2}task b at .*wait-graph\.test\.ts:\d+:\d+ waits for lock\.acquire\(left\), which task a has/,
    );
  });

  test('names every circle, also through all the holders of a semaphore', async () => {
    const error = await deadlockOf(function* () {
      const locks = Array.from({ length: 4 }, (_, i) => new Lock({ name: `${i}` })) as [Lock, Lock, Lock, Lock];
      spawn(holdBoth(locks[0], locks[1]), { name: 'a' });
      spawn(holdBoth(locks[1], locks[0]), { name: 'b' });
      spawn(holdBoth(locks[2], locks[3]), { name: 'c' });
      spawn(holdBoth(locks[3], locks[2]), { name: 'd' });
    });
    expect(error.message.match(/They wait in a circle/g)).toHaveLength(2);
    const seats = await deadlockOf(function* () {
      const two = new Semaphore(2);
      function* greedy(): Operation<void> {
        using _first = yield* two.acquire();
        yield* tick();
        using _second = yield* two.acquire();
      }
      yield* gather([greedy(), greedy()]);
    });
    expect(seats.cycle).toHaveLength(3);
  });
});
