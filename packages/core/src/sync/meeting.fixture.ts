/** What all primitives promise at which tasks meet: the same four cases are run for each of them. */
import { expect, test } from 'vitest';
import { attempt, now, type Operation, run, Scheduler, sleep, spawn, tick, timeout } from '../index.ts';
import { coroutineTest, runTest } from '../testing/index.ts';

/** One object at which tasks have to wait until `letOn` was called. */
export interface Meeting {
  /** Waits, runs `inside`, and gives back what it got. */
  pass(inside: () => Operation<void>): Operation<void>;
  /** Lets all that wait go on, each in its turn. */
  letOn(): Operation<void>;
  /** Whether no task waits and nothing is taken. */
  isIdle(): boolean;
}

/**
 * @param what how its errors call it
 * @param make makes one at which `waiting` tasks will wait when they are let on
 */
export function testMeeting(what: string, make: (waiting: number) => Meeting): void {
  test(
    'tasks that wait go on in the order in which they came',
    coroutineTest(function* () {
      const meeting = make(3);
      const log: string[] = [];
      const tasks = ['a', 'b', 'c'].map((name) => spawn(meeting.pass(noting(log, name))));
      yield* sleep(10);
      expect(log).toEqual([]);
      yield* meeting.letOn();
      for (const task of tasks) yield* task;
      expect(log).toEqual(['a', 'b', 'c']);
      expect(now()).toBe(10);
      expect(meeting.isIdle()).toBe(true);
    }),
  );

  test(
    'a task that is cancelled while it waits leaves, and the others go on',
    coroutineTest(function* () {
      const meeting = make(3);
      const log: string[] = [];
      const first = spawn(meeting.pass(noting(log, 'first')));
      const cancelled = spawn(meeting.pass(noting(log, 'cancelled')));
      const second = spawn(meeting.pass(noting(log, 'second')));
      yield* tick();
      yield* cancelled.cancel();
      const last = spawn(meeting.pass(noting(log, 'last')));
      yield* tick();
      yield* meeting.letOn();
      for (const task of [first, second, last]) yield* task;
      expect(log).toEqual(['first', 'second', 'last']);
      expect(meeting.isIdle()).toBe(true);
    }),
  );

  test(
    'a task that is cancelled after it was let on has what it waited for, and gives it back',
    coroutineTest(function* () {
      const meeting = make(1);
      const log: string[] = [];
      const task = spawn(
        meeting.pass(function* () {
          log.push('has it');
          yield* sleep(50);
        }),
      );
      yield* tick();
      yield* meeting.letOn();
      task.cancel();
      yield* attempt(task);
      expect([log, task.status, now()]).toEqual([['has it'], 'cancelled', 0]);
      expect(meeting.isIdle()).toBe(true);
    }),
  );

  test('stays on the scheduler of its first use', async () => {
    const meeting = make(1);
    const log: string[] = [];
    await runTest(() => attempt(timeout(1, meeting.pass(noting(log, 'too late')))));
    await expect(run(meeting.pass(noting(log, 'elsewhere')), { scheduler: new Scheduler() })).rejects.toThrow(
      `${what} belongs to another scheduler, the one that used it first.`,
    );
    expect(log).toEqual([]);
  });
}

function noting(log: string[], name: string): () => Operation<void> {
  return function* () {
    log.push(name);
  };
}
