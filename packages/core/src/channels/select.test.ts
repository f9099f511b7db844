import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  after,
  attempt,
  channel,
  EndOfChannelError,
  EventFlag,
  Future,
  gather,
  Lock,
  moveOnAfter,
  now,
  type Operation,
  PriorityQueue,
  Queue,
  QueueShutdownError,
  type Selected,
  Semaphore,
  select,
  sleep,
  spawn,
  type Task,
  tick,
} from '../index.ts';
import { below, pause } from '../tasks/sabotage.fixture.ts';
import { coroutineTest, runTest } from '../testing/index.ts';
import { harassed } from './chaos.fixture.ts';
import { messageOf } from './message-of.fixture.ts';

describe('select', () => {
  test(
    'takes from the first key that is ready, and nothing from the others',
    coroutineTest(function* () {
      const [a, b] = [new Queue<string>(), new Queue<string>()];
      a.putNowait('a');
      b.putNowait('b');
      expect(yield* select({ b, a })).toEqual({ key: 'b', value: 'b' });
      expect([a.size, b.size]).toEqual([1, 0]);
      expect(yield* select({ b, a })).toEqual({ key: 'a', value: 'a' });
    }),
  );

  test(
    'while waiting takes the first event, and leaves the other lists',
    coroutineTest(function* () {
      const [a, b] = [new Queue<string>(), new Queue<string>()];
      const { sender, receiver } = channel<string>();
      const chosen = spawn(select({ a, b, message: receiver, late: after(50) }));
      yield* sleep(10);
      sender.sendNowait('hello');
      a.putNowait('a');
      b.putNowait('b');
      expect(yield* chosen).toEqual({ key: 'message', value: 'hello' });
      expect([a.size, b.size]).toEqual([1, 1]);
      expect(messageOf(() => sender.sendNowait('nobody waits any more'))).toMatch('WouldBlockError');
    }),
  );

  test(
    'gives up after a time, and its timer is gone when it did not',
    coroutineTest(function* () {
      const queue = new Queue<string>();
      expect(yield* select({ queue, late: after(10) })).toEqual({ key: 'late', value: undefined });
      expect(now()).toBe(10);
      const chosen = spawn(select({ queue, late: after(1_000) }));
      yield* tick();
      queue.putNowait('x');
      expect(yield* chosen).toEqual({ key: 'queue', value: 'x' });
      yield* sleep(2_000);
      expect(now()).toBe(2_010);
    }),
  );

  test(
    'can put or send, and then has taken nothing, or take, and then has put nothing',
    coroutineTest(function* () {
      const [from, to] = [new Queue<number>(), new Queue<string>(1)];
      expect(yield* select({ put: to.put('first'), got: from })).toEqual({ key: 'put', value: undefined });
      const chosen = spawn(select({ put: to.put('second'), got: from }));
      yield* tick();
      from.putNowait(1);
      expect(yield* chosen).toEqual({ key: 'got', value: 1 });
      expect([to.getNowait(), to.size]).toEqual(['first', 0]);

      const { sender, receiver } = channel<string>();
      const both = spawn(select({ sent: sender.send('to me?'), received: receiver }));
      yield* tick();
      expect(both.done).toBe(false);
      expect(receiver.receiveNowait()).toBe('to me?');
      expect((yield* both).key).toBe('sent');
    }),
  );

  test(
    'waits for locks, semaphores, flags and futures, and holds only what it chose',
    coroutineTest(function* () {
      const [lock, other, stop, future] = [new Lock(), new Lock(), new EventFlag(), new Future<number>()];
      const semaphore = new Semaphore(1);
      const held = yield* select({ future, stop, semaphore, lock });
      expect([held.key, semaphore.available, lock.locked]).toEqual(['semaphore', 0, false]);
      lock.acquireNowait();
      other.acquireNowait();
      const chosen = spawn(select({ semaphore, lock, other, stop, future }));
      yield* tick();
      other.release();
      expect((yield* chosen).key).toBe('other');
      expect([lock.locked, other.locked]).toEqual([true, true]);
      lock.release();
      expect(lock.locked).toBe(false);
      stop.set();
      future.resolve(7);
      expect(yield* select({ future, stop })).toEqual({ key: 'future', value: 7 });
      expect(yield* select({ stop, future })).toEqual({ key: 'stop', value: undefined });
    }),
  );

  test(
    'waits for tasks, and throws the error of the one that failed',
    coroutineTest(function* () {
      const queue = new Queue<string>();
      const task = spawn(sleep(10, 'result'));
      expect(yield* select({ queue, task })).toEqual({ key: 'task', value: 'result' });
      expect(yield* select({ queue, task })).toEqual({ key: 'task', value: 'result' });
    }),
  );

  test(
    'throws what the chosen branch throws, and then has taken nothing from the others',
    coroutineTest(function* () {
      const queue = new Queue<string>();
      const { sender, receiver } = channel<string>();
      const chosen = spawn(attempt(select({ queue, receiver })));
      yield* tick();
      sender.close();
      queue.putNowait('x');
      expect(yield* chosen).toMatchObject({ error: expect.any(EndOfChannelError) });
      expect(queue.size).toBe(1);
      expect(yield* select({ queue, receiver })).toEqual({ key: 'queue', value: 'x' });
      queue.shutdown();
      expect(yield* attempt(select({ late: after(10), queue }))).toMatchObject({
        error: expect.any(QueueShutdownError),
      });
    }),
  );

  test(
    'has taken nothing when it is cancelled',
    coroutineTest(function* () {
      const [a, b] = [new Queue<string>(), new PriorityQueue<string>()];
      expect((yield* moveOnAfter(5, select({ a, b }))).timedOut).toBe(true);
      a.putNowait('a');
      b.putNowait('b');
      expect([a.size, b.size]).toEqual([1, 1]);
    }),
  );

  test(
    'delivers what it took before it was cancelled',
    coroutineTest(function* () {
      const [a, b] = [new Queue<string>(), new Queue<string>()];
      const seen: unknown[] = [];
      function* selecting(): Operation<void> {
        seen.push(yield* select({ a, b }));
        yield* tick();
        seen.push('not reached');
      }
      const task = spawn(selecting());
      yield* tick();
      b.putNowait('b');
      yield* task.cancel();
      expect(seen).toEqual([{ key: 'b', value: 'b' }]);
    }),
  );

  test(
    'may name the same thing twice',
    coroutineTest(function* () {
      const queue = new Queue<string>();
      const chosen = spawn(select({ one: queue, two: queue }));
      yield* tick();
      queue.putNowait('a');
      queue.putNowait('b');
      expect(yield* chosen).toEqual({ key: 'one', value: 'a' });
      expect(queue.getNowait()).toBe('b');
    }),
  );

  test(
    'reads its own keys only, and names the branches while it waits',
    coroutineTest(function* () {
      const [own, inherited] = [new Queue<string>(), new Queue<string>()];
      inherited.putNowait('never');
      const branches: { own: Queue<string> } = Object.assign(Object.create({ inherited }), { own });
      const task = spawn(select(branches));
      yield* tick();
      expect(waitOf(task)).toBe('select(own: queue.get())');
      own.putNowait('x');
      expect(yield* task).toEqual({ key: 'own', value: 'x' });
    }),
  );
});

function waitOf(task: Task): string | undefined {
  return task.wait?.label;
}

describe('bad calls of select', () => {
  test('what cannot be waited for is refused at the call, with what to write', () => {
    const queue = new Queue<string>();
    expect(messageOf(() => select({ got: queue.get() } as never))).toBe(
      "TypeError: select cannot wait for its branch 'got': an instance of GetWait is not selectable. Give the thing itself, `queue` in place of `queue.get()`, or a task: `select({ got: spawn(op) })`.",
    );
    expect(messageOf(() => select({ pause: 10 } as never))).toBe(
      "TypeError: select cannot wait for its branch 'pause': 10 is not selectable. It takes queues, receivers, locks, flags, futures, tasks and after(ms).",
    );
    expect(messageOf(() => select([queue] as never))).toBe(
      'TypeError: select takes a record of what to wait for, as in `select({ job: queue, late: after(100) })`, not an array.',
    );
    expect(messageOf(() => select({}))).toBe(
      'RangeError: select needs at least one branch: a select of none would never end. Use forever() for that.',
    );
  });

  test('a put that was used is refused', () => {
    const queue = new Queue<string>();
    const put = queue.put('x');
    select({ put });
    expect(() => select({ put })).toThrow(/queue.put\(\) was used a second time/);
  });
});

test('the result of select is told apart by its key', () => {
  const numbers = new Queue<number>();
  const { receiver, sender } = channel<string>();
  const job = {} as Task<boolean>;
  function* program(): Operation<void> {
    const chosen = yield* select({ numbers, receiver, job, sent: sender.send('x'), late: after(1) });
    if (chosen.key === 'numbers') expectTypeOf(chosen.value).toEqualTypeOf<number>();
    else if (chosen.key === 'receiver') expectTypeOf(chosen.value).toEqualTypeOf<string>();
    else if (chosen.key === 'job') expectTypeOf(chosen.value).toEqualTypeOf<boolean>();
    else if (chosen.key === 'sent') expectTypeOf(chosen.value).toEqualTypeOf<void>();
    else {
      expectTypeOf(chosen.key).toEqualTypeOf<'late'>();
      expectTypeOf(chosen.value).toEqualTypeOf<void>();
    }
    // @ts-expect-error: there is no such key
    expect(chosen.key === 'other').toBe(false);
    // @ts-expect-error: an operation of several waits is not a branch
    yield* select({ job: program() });
  }
  expectTypeOf<Selected<{ a: Queue<number> }>>().toEqualTypeOf<{ key: 'a'; value: number }>();
  expect(typeof program).toBe('function');
});

/** Tasks that move items between queues with select on both sides, cut off at random. */
function* chaos(): Operation<void> {
  const queues = [new Queue<number>(1), new Queue<number>(), new PriorityQueue<number>(2)] as const;
  const { sender, receiver } = channel<number>();
  const given: number[] = [];
  const taken: number[] = [];
  let next = 0;
  function* worker(): Operation<void> {
    for (;;) {
      const item = next++;
      const [a, b, c] = queues;
      const branches = [
        { put: a.put(item), a, b, c },
        { a, put: sender.send(item), receiver },
        { receiver, c, put: c.put(item) },
        { late: after(below(3)), put: b.put(item) },
        { late: after(below(3)), b, receiver, put: sender.send(item) },
      ] as const;
      const chosen = yield* select(branches[below(branches.length)] as (typeof branches)[0]);
      if (chosen.key === 'put') given.push(item);
      else if (chosen.value !== undefined) taken.push(chosen.value);
      yield* pause();
    }
  }
  yield* gather([1, 2, 3, 4, 5].map(() => harassed(worker, 40)));
  for (const queue of queues) while (!queue.empty) taken.push(queue.getNowait());
  expect(new Set(taken).size).toBe(taken.length);
  expect(taken.toSorted()).toEqual(given.toSorted());
}

test('under random cancels exactly one branch is committed', () =>
  fc.assert(
    fc.asyncProperty(fc.integer(), (seed) => runTest(chaos, { seed })),
    { numRuns: 25 },
  ));
