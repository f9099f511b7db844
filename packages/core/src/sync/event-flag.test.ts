import { describe, expect, test } from 'vitest';
import { attempt, EventFlag, now, type Operation, select, sleep, spawn, tick, timeout } from '../index.ts';
import { below, pause, sabotaged, underManySeeds } from '../tasks/sabotage.fixture.ts';
import { coroutineTest, runTest } from '../testing/index.ts';
import { testMeeting } from './meeting.fixture.ts';

function* passing(flag: EventFlag, log: string[], name: string): Operation<void> {
  yield* flag.wait();
  log.push(name);
}

describe('EventFlag', () => {
  testMeeting('This flag', () => {
    const flag = new EventFlag();
    return {
      *pass(inside) {
        yield* flag.wait();
        yield* inside();
      },
      *letOn() {
        flag.set();
      },
      isIdle: () => flag.isSet,
    };
  });

  test(
    'lets all go on that wait, in the order in which they came, and all that come while it is set',
    coroutineTest(function* () {
      const flag = new EventFlag();
      const log: string[] = [];
      spawn(passing(flag, log, 'a'));
      spawn(passing(flag, log, 'b'));
      yield* sleep(10);
      expect(log).toEqual([]);
      flag.set();
      yield* tick();
      yield* passing(flag, log, 'c');
      expect(log).toEqual(['a', 'b', 'c']);
      expect(now()).toBe(10);
    }),
  );

  test(
    'makes tasks wait again once it is cleared',
    coroutineTest(function* () {
      const flag = new EventFlag();
      flag.set();
      expect(flag.isSet).toBe(true);
      flag.clear();
      expect(flag.isSet).toBe(false);
      expect(yield* attempt(timeout(5, flag.wait()))).toMatchObject({ ok: false, error: { name: 'TimeoutError' } });
    }),
  );

  test(
    'a task that was woken goes on, even if the flag is cleared before its turn',
    coroutineTest(function* () {
      const flag = new EventFlag();
      const log: string[] = [];
      const task = spawn(passing(flag, log, 'passed'));
      yield* tick();
      flag.set();
      flag.clear();
      yield* task;
      expect(log).toEqual(['passed']);
    }),
  );

  test('to set or clear it twice changes nothing', () => {
    const flag = new EventFlag();
    flag.clear();
    flag.set();
    flag.set();
    expect(flag.isSet).toBe(true);
  });

  test(
    'is a branch of select',
    coroutineTest(function* () {
      const flag = new EventFlag();
      const other = new EventFlag();
      const chosen = spawn(select({ other, flag }));
      yield* tick();
      flag.set();
      expect(yield* chosen).toEqual({ key: 'flag', value: undefined });
      expect((yield* select({ other, flag })).key).toBe('flag');
    }),
  );

  test('an operation of wait runs once', async () => {
    const flag = new EventFlag();
    flag.set();
    await runTest(function* () {
      const wait = flag.wait();
      yield* wait;
      expect(yield* attempt(wait)).toMatchObject({ ok: false, error: { name: 'TypeError' } });
    });
  });

  test('no wake is lost, whatever is cancelled when', async () => {
    await underManySeeds(function* () {
      const flag = new EventFlag();
      function* worker(): Operation<void> {
        yield* pause();
        if (below(3) === 0) yield* attempt(timeout(below(4), flag.wait()));
        else if (below(2) === 0) yield* select({ flag });
        else yield* flag.wait();
      }
      spawn(function* () {
        for (let i = 0; i < 10; i++) {
          yield* sleep(1);
          flag.set();
          if (i < 9 && below(2) === 0) flag.clear();
        }
        flag.set();
      });
      yield* sabotaged(Array.from({ length: 8 }, () => worker));
    });
  });
});
