import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  attempt,
  defer,
  EventFlag,
  forever,
  group,
  moveOnAfter,
  now,
  type Operation,
  race,
  sleep,
  spawn,
  tick,
  timeout,
} from '../index.ts';
import { cleaning, failing } from '../kernel/fixtures/bodies.fixture.ts';
import { reports } from '../kernel/fixtures/reports.fixture.ts';
import { coroutineTest } from '../testing/index.ts';
import { below, pause, sabotaged, underManySeeds } from './sabotage.fixture.ts';

describe('race', () => {
  test(
    'returns the value of the first that ends, after the cleanups of the others',
    coroutineTest(function* () {
      const log: string[] = [];
      expect(yield* race([sleep(1_000, 'tortoise'), sleep(10, 'hare'), cleaning(log, 'snail', 5)])).toBe('hare');
      expect(log).toEqual(['snail']);
      expect(now()).toBe(15);
    }),
  );

  test(
    'throws the error, as it is, when the first to end has failed',
    coroutineTest(function* () {
      const error = new Error('first');
      const tried = yield* attempt(race([sleep(10, 'late'), failing(error, 5)]));
      expect(tried.ok ? undefined : tried.error).toBe(error);
    }),
  );

  test(
    'branches that have not started never start once it is decided',
    coroutineTest(function* () {
      const log: string[] = [];
      function* noting(name: string): Operation<string> {
        log.push(name);
        return name;
      }
      expect(yield* race([noting('first'), noting('second')])).toBe('first');
      expect(log).toEqual(['first']);
    }),
  );

  test(
    'of branches that are ready at the same time the first in the input wins',
    coroutineTest(function* () {
      expect(yield* race([sleep(10, 'a'), sleep(10, 'b')])).toBe('a');
      expect(yield* race({ b: sleep(10, 'b'), a: sleep(10, 'a') })).toBe('b');
    }),
  );

  test(
    'of branches whose waits have ended before any of them ran the first in the input wins, whichever was woken first',
    coroutineTest(function* () {
      const flags = [new EventFlag(), new EventFlag(), new EventFlag()];
      const [a, b, c] = flags as [EventFlag, EventFlag, EventFlag];
      function* after(flag: EventFlag, value: string): Operation<string> {
        yield* flag.wait();
        return value;
      }
      for (const order of [
        [c, b, a],
        [b, c, a],
        [a, c, b],
        [c, a, b],
        [a, b, c],
      ]) {
        for (const flag of flags) flag.clear();
        const racing = spawn(race([after(a, 'a'), after(b, 'b'), after(c, 'c')]));
        yield* sleep(1);
        for (const flag of order) flag.set();
        expect(yield* racing).toBe('a');
      }
      c.clear();
      const plain = spawn(race([a.wait(), sleep(5, 'b'), after(c, 'c')]));
      a.clear();
      yield* sleep(5);
      c.set();
      expect(yield* plain).toBe('b');
    }),
  );

  test(
    'a branch that wakes another one with its last step was first',
    coroutineTest(function* () {
      const flag = new EventFlag();
      function* waking(): Operation<string> {
        yield* sleep(1);
        flag.set();
        return 'waking';
      }
      function* woken(): Operation<string> {
        yield* flag.wait();
        return 'woken';
      }
      expect(yield* race([woken(), waking()])).toBe('waking');
      flag.clear();
      expect(yield* race([forever(), woken(), waking(), sleep(5)])).toBe('waking');
    }),
  );

  test(
    'one that has ended its wait in a tie but waits again has not settled, and has lost',
    coroutineTest(function* () {
      const log: string[] = [];
      const [a, b] = [new EventFlag(), new EventFlag()];
      function* again(): Operation<string> {
        yield* a.wait();
        log.push('went on');
        try {
          yield* sleep(1);
        } finally {
          log.push('ended');
        }
        return 'never';
      }
      function* done(): Operation<string> {
        yield* b.wait();
        return 'b';
      }
      const racing = spawn(race([again(), done()]));
      yield* sleep(1);
      b.set();
      a.set();
      expect(yield* racing).toBe('b');
      expect(log).toEqual(['went on', 'ended']);
      expect(now()).toBe(1);
    }),
  );

  test(
    'a deadline inside of a branch takes part in a tie as any other end of a wait',
    coroutineTest(function* () {
      const flag = new EventFlag();
      const racing = spawn(race([moveOnAfter(5, forever()), flag.wait()]));
      yield* sleep(4);
      const setter = spawn(sleep(1));
      yield* sleep(1);
      flag.set();
      yield* setter;
      expect(yield* racing).toEqual({ timedOut: true, value: undefined });
    }),
  );

  test(
    'in a tie the error of another branch’s body is reported and never thrown; an error that comes first is',
    coroutineTest(function* () {
      const suppressed = reports('suppressed');
      const error = new Error('late');
      const [a, b] = [new EventFlag(), new EventFlag()];
      function* good(): Operation<string> {
        yield* a.wait();
        return 'good';
      }
      function* bad(): Operation<never> {
        yield* b.wait();
        throw error;
      }
      for (const order of [
        [a, b],
        [b, a],
      ]) {
        for (const flag of order) flag.clear();
        const racing = spawn(race([good(), bad()]), { name: 'racing' });
        yield* sleep(1);
        for (const flag of order) flag.set();
        expect(yield* racing).toBe('good');
      }
      const report = { task: 'racing', error, reason: 'another branch of race was first' };
      expect(suppressed).toEqual([report, report]);
      a.clear();
      b.clear();
      const racing = spawn(attempt(race([bad(), good()])));
      yield* sleep(1);
      a.set();
      b.set();
      expect(yield* racing).toEqual({ ok: false, error });
    }),
  );

  test(
    'errors of several cleanups are all kept',
    coroutineTest(function* () {
      const errors = [new Error('first'), new Error('second')];
      function* sticky(error: unknown): Operation<void> {
        try {
          yield* forever();
        } finally {
          yield* failing(error);
        }
      }
      const tried = yield* attempt(race([...errors.map(sticky), sleep(5)]));
      expect(tried).toMatchObject({ ok: false, error: { error: errors[1], suppressed: errors[0] } });
    }),
  );

  test(
    'an error of a cleanup that an outside cancel or deadline has led to is kept beside it',
    coroutineTest(function* () {
      const error = new Error('cleanup');
      function* sticky(): Operation<void> {
        try {
          yield* forever();
        } finally {
          yield* failing(error);
        }
      }
      expect(yield* attempt(timeout(5, race([sticky(), forever()])))).toMatchObject({
        error: { name: 'SuppressedError', error, suppressed: { name: 'TimeoutError' } },
      });
      const task = spawn(() => race([sticky(), forever()]));
      yield* sleep(1);
      expect(yield* attempt(task.cancel())).toEqual({ ok: false, error });
    }),
  );

  test(
    'a running task in the list that loses is left alone',
    coroutineTest(function* () {
      const task = spawn(sleep(20, 'task'));
      expect(yield* race([task, sleep(5, 'quick')])).toBe('quick');
      expect(task.cancelRequested).toBe(false);
      expect(yield* race([task, forever()])).toBe('task');
    }),
  );

  test(
    'what the winner registered moves to the scope of the caller; what a loser did is released before it returns',
    coroutineTest(function* () {
      const log: string[] = [];
      function* branch(name: string, ms: number): Operation<string> {
        defer(() => void log.push(`release ${name}`));
        return yield* sleep(ms, name);
      }
      yield* group(function* () {
        log.push(yield* race([branch('slow', 20), branch('fast', 10)]));
      });
      expect(log).toEqual(['release slow', 'fast', 'release fast']);
    }),
  );

  test(
    'the error of a loser’s cleanup is thrown when the winner did not fail, and reported when it did',
    coroutineTest(function* () {
      const suppressed = reports('suppressed');
      const cleanup = new Error('cleanup');
      const first = new Error('first');
      function* sticky(): Operation<void> {
        try {
          yield* forever();
        } finally {
          yield* failing(cleanup);
        }
      }
      expect(yield* attempt(race([sticky(), sleep(5)]))).toEqual({ ok: false, error: cleanup });
      expect(suppressed).not.toContainEqual(expect.objectContaining({ reason: first }));
      expect(yield* attempt(race([sticky(), failing(first, 5)]))).toEqual({ ok: false, error: first });
      expect(suppressed).toContainEqual(expect.objectContaining({ error: cleanup, reason: first }));
    }),
  );

  test(
    'an outside cancel or deadline cancels all and stays what it is',
    coroutineTest(function* () {
      const log: string[] = [];
      const tried = yield* attempt(timeout(5, race([cleaning(log, 'a'), cleaning(log, 'b')])));
      expect(tried).toMatchObject({ ok: false, error: { name: 'TimeoutError' } });
      expect(log).toEqual(['a', 'b']);
      const task = spawn(() => race([cleaning(log, 'c')]));
      yield* sleep(1);
      yield* task.cancel();
      expect(task.status).toBe('cancelled');
    }),
  );

  test('a race of none is refused, and so is a value that is not an array of operations', () => {
    expect(() => race([])).toThrow(
      'race needs at least one operation: a race of none would never end. Use forever() for that.',
    );
    expect(() => race({})).toThrow(RangeError);
    // @ts-expect-error two operations are not an array
    expect(() => race(sleep(1), sleep(2))).toThrow(
      'race takes its operations as one array or record: pass an array, `race([a(), b()])`.',
    );
    // @ts-expect-error a number is not an operation
    expect(() => race([1])).toThrow(
      'race takes an operation, such as a call of a generator function, or a function that returns one, not 1.',
    );
  });

  test('leaves nothing running and nothing held, whatever is cancelled when', async () => {
    await underManySeeds(function* () {
      let running = 0;
      let held = 0;
      function* branch(mine: { held: number }): Operation<number> {
        running++;
        try {
          held++;
          mine.held++;
          defer(() => {
            held--;
            mine.held--;
          });
          yield* pause();
          yield* tick();
          return 1;
        } finally {
          running--;
          yield* pause();
        }
      }
      function* worker(): Operation<void> {
        const mine = { held: 0 };
        yield* group(function* () {
          const branches = [branch(mine), branch(mine), branch(mine)];
          const tried = yield* attempt(timeout(below(5), race(branches)));
          expect(mine.held).toBe(tried.ok ? 1 : 0);
        });
        expect(mine.held).toBe(0);
      }
      yield* sabotaged(Array.from({ length: 4 }, () => worker));
      expect([running, held]).toEqual([0, 0]);
    });
  });

  test('its value is one of those of the branches', () => {
    expectTypeOf(race([sleep(1, 'a'), sleep(1, 1)])).toEqualTypeOf<Operation<string | number>>();
    expectTypeOf(race({ a: sleep(1, 'a'), b: sleep(1, 1) })).toEqualTypeOf<Operation<string | number>>();
  });
});
