import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  attempt,
  currentTask,
  defer,
  forever,
  type Gathered,
  gather,
  now,
  type Operation,
  type Settled,
  sleep,
  spawn,
  tick,
  timeout,
} from '../index.ts';
import { cleaning, failing } from '../kernel/fixtures/bodies.fixture.ts';
import { reports } from '../kernel/fixtures/reports.fixture.ts';
import { coroutineTest } from '../testing/index.ts';
import { below, pause, sabotaged, underManySeeds } from './sabotage.fixture.ts';

describe('gather', () => {
  test(
    'runs operations at the same time and returns their values in the order of the input',
    coroutineTest(function* () {
      expect(yield* gather([sleep(20, 'a'), sleep(10, 'b'), sleep(30, 'c')])).toEqual(['a', 'b', 'c']);
      expect(now()).toBe(30);
    }),
  );

  test(
    'takes a record and answers with one; nothing gives nothing',
    coroutineTest(function* () {
      expect(yield* gather({ x: sleep(2, 1), y: sleep(1, 'z') })).toEqual({ x: 1, y: 'z' });
      expect(yield* gather([])).toEqual([]);
      expect(yield* gather({})).toEqual({});
    }),
  );

  test(
    'starts nothing before it is waited for',
    coroutineTest(function* () {
      const log: string[] = [];
      const both = gather([
        (function* () {
          log.push('started');
          yield* tick();
        })(),
      ]);
      yield* sleep(5);
      expect(log).toEqual([]);
      yield* both;
      expect(log).toEqual(['started']);
    }),
  );

  test(
    'the first error cancels the rest, waits for their cleanups, and is thrown as it is',
    coroutineTest(function* () {
      const log: string[] = [];
      const error = new Error('first');
      const tried = yield* attempt(gather([cleaning(log, 'a', 20), failing(error, 5), cleaning(log, 'b', 10)]));
      expect(tried.ok ? undefined : tried.error).toBe(error);
      expect(log).toEqual(['b', 'a']);
      expect(now()).toBe(25);
    }),
  );

  test(
    'an error that comes after the first is reported, never thrown in its place',
    coroutineTest(function* () {
      const suppressed = reports('suppressed');
      const first = new Error('first');
      const later = new Error('later');
      function* sticky(): Operation<void> {
        try {
          yield* forever();
        } finally {
          yield* failing(later);
        }
      }
      const tried = yield* attempt(gather([sticky(), failing(first)]));
      expect(tried.ok ? undefined : tried.error).toBe(first);
      expect(suppressed).toContainEqual({ task: currentTask().name, error: later, reason: first });
    }),
  );

  test(
    'errors of cleanups that an outside cancel or deadline has led to are all kept beside it',
    coroutineTest(function* () {
      const errors = [new Error('first'), new Error('second')];
      function* sticky(error: unknown): Operation<void> {
        try {
          yield* forever();
        } finally {
          yield* failing(error);
        }
      }
      for (const settle of [false, true]) {
        expect(yield* attempt(timeout(5, gather(errors.map(sticky), { settle } as { settle: true })))).toMatchObject({
          error: { error: errors[1], suppressed: { error: errors[0], suppressed: { name: 'TimeoutError' } } },
        });
      }
      const task = spawn(() => gather([sticky(errors[0]), forever()]));
      yield* sleep(1);
      expect(yield* attempt(task.cancel())).toEqual({ ok: false, error: errors[0] });
    }),
  );

  test(
    'with settle it waits for all and tells how each ended',
    coroutineTest(function* () {
      const error = new Error('mine');
      const task = spawn(forever());
      const outcomes = yield* gather([sleep(2, 'a'), failing(error, 1)], { settle: true });
      expect(outcomes).toEqual([
        { status: 'fulfilled', value: 'a' },
        { status: 'rejected', reason: error },
      ]);
      yield* task.cancel('why');
      const joined = yield* gather({ task }, { settle: true });
      expect(joined.task).toMatchObject({ status: 'rejected', reason: { name: 'CancelledError', reason: 'why' } });
    }),
  );

  test(
    'with concurrency it runs that many at a time, in the order of the input',
    coroutineTest(function* () {
      const log: string[] = [];
      let running = 0;
      let most = 0;
      function* job(i: number): Operation<number> {
        log.push(`start ${i}`);
        most = Math.max(most, ++running);
        yield* sleep(10 - i);
        running--;
        return i;
      }
      const values = yield* gather([0, 1, 2, 3, 4].map(job), { concurrency: 2 });
      expect(values).toEqual([0, 1, 2, 3, 4]);
      expect(most).toBe(2);
      expect(log).toEqual(['start 0', 'start 1', 'start 2', 'start 3', 'start 4']);
    }),
  );

  test(
    'operations whose turn has not come never start after a failure',
    coroutineTest(function* () {
      const log: string[] = [];
      function* noting(): Operation<void> {
        log.push('started');
        yield* tick();
      }
      const error = new Error('stop');
      const tried = yield* attempt(gather([failing(error), noting(), noting()], { concurrency: 1 }));
      expect(tried).toEqual({ ok: false, error });
      expect(log).toEqual([]);
    }),
  );

  test(
    'a running task in the list is waited for, and left alone when another one fails',
    coroutineTest(function* () {
      const task = spawn(sleep(20, 'task'));
      const error = new Error('other');
      expect(yield* attempt(gather([task, failing(error, 5)]))).toEqual({ ok: false, error });
      expect(task.cancelRequested).toBe(false);
      expect(yield* gather([task, task])).toEqual(['task', 'task']);
    }),
  );

  test(
    'an outside cancel or deadline cancels all, waits for their cleanups, and stays what it is',
    coroutineTest(function* () {
      const log: string[] = [];
      const tried = yield* attempt(timeout(5, gather([cleaning(log, 'a', 10), cleaning(log, 'b', 5)])));
      expect(tried).toMatchObject({ ok: false, error: { name: 'TimeoutError' } });
      expect(log).toEqual(['b', 'a']);
      const task = spawn(() => gather([cleaning(log, 'c')]));
      yield* sleep(1);
      yield* task.cancel();
      expect(task.status).toBe('cancelled');
      expect(log).toEqual(['b', 'a', 'c']);
    }),
  );

  test(
    'a branch that cancels itself fails it with that cancel, as an ordinary failure',
    coroutineTest(function* () {
      function* quitting(): Operation<void> {
        currentTask().cancel('no use');
        yield* tick();
      }
      const tried = yield* attempt(gather([quitting(), forever()]));
      expect(tried).toMatchObject({ ok: false, error: { name: 'CancelledError', reason: 'no use' } });
    }),
  );

  test(
    'what a branch spawns belongs to the branch, which ends after it',
    coroutineTest(function* () {
      const log: string[] = [];
      function* branch(): Operation<string> {
        spawn(function* () {
          yield* sleep(10);
          log.push('spawned');
        });
        return 'value';
      }
      expect(yield* gather([branch()])).toEqual(['value']);
      expect(log).toEqual(['spawned']);
    }),
  );

  test(
    'nests, and branches of one gather do not see the error of another',
    coroutineTest(function* () {
      const error = new Error('inner');
      const value = yield* gather([
        attempt(gather([failing(error), forever()])),
        gather([sleep(10, 'a'), gather([sleep(5, 'b')])]),
      ]);
      expect(value).toEqual([{ ok: false, error }, ['a', ['b']]]);
    }),
  );

  test('bad input is refused at the call, with the call to write', () => {
    // @ts-expect-error two operations are not an array
    expect(() => gather(sleep(1), sleep(2))).toThrow(
      'gather takes its operations as one array or record: pass an array, `gather([a(), b()])`.',
    );
    // @ts-expect-error an operation is not an option
    expect(() => gather([sleep(1)], sleep(2))).toThrow('pass an array, `gather([a(), b()])`.');
    // @ts-expect-error a promise is not an operation
    expect(() => gather([Promise.resolve(1)])).toThrow(
      'gather takes an operation, not a promise. Write `gather([until(promise)])`.',
    );
    // @ts-expect-error a promise of operations is not a record of them
    expect(() => gather(Promise.resolve([sleep(1)]))).toThrow(
      'gather takes an array or a record of operations, not an instance of Promise.',
    );
    // @ts-expect-error null is nothing
    expect(() => gather(null)).toThrow('gather takes an array or a record of operations, not null.');
    expect(() => gather([], { concurrency: 0 })).toThrow(RangeError);
    expect(() => gather([], { concurrency: Number.NaN })).toThrow(RangeError);
    // @ts-expect-error a typing mistake
    expect(() => gather([], { concurency: 2 })).toThrow(
      "gather has no option 'concurency'. Did you mean 'concurrency'?",
    );
  });

  test(
    'options are read from the object itself only',
    coroutineTest(function* () {
      const inherited = Object.create({ settle: true }) as { concurrency?: number };
      const error = new Error('thrown');
      expect(yield* attempt(gather([failing(error)], inherited))).toEqual({ ok: false, error });
    }),
  );

  test('nothing that branches hold is lost, and none is left running, whatever is cancelled when', async () => {
    await underManySeeds(function* () {
      let running = 0;
      let held = 0;
      function* branch(): Operation<number> {
        running++;
        try {
          yield* pause();
          held++;
          defer(() => void held--);
          if (below(8) === 0) throw new Error('by chance');
          yield* pause();
          return 1;
        } finally {
          running--;
          yield* pause();
        }
      }
      function* worker(): Operation<void> {
        const branches = Array.from({ length: 4 }, branch);
        const concurrency = 1 + below(4);
        const tried = yield* attempt(timeout(below(9), gather(branches, { concurrency })));
        if (tried.ok) expect(tried.value).toEqual([1, 1, 1, 1]);
      }
      yield* sabotaged(Array.from({ length: 4 }, () => worker));
      expect([running, held]).toEqual([0, 0]);
    });
  });

  test('results are typed like the input', () => {
    function* typed(): Operation<void> {
      const [a, b] = yield* gather([sleep(1, 'a'), sleep(1, 1)]);
      expectTypeOf(a).toEqualTypeOf<string>();
      expectTypeOf(b).toEqualTypeOf<number>();
      const { x } = yield* gather({ x: sleep(1, true) });
      expectTypeOf(x).toEqualTypeOf<boolean>();
      const many = yield* gather([1, 2].map((n) => sleep(1, n)));
      expectTypeOf(many).toEqualTypeOf<number[]>();
      const [settled] = yield* gather([sleep(1, 'a')], { settle: true });
      expectTypeOf(settled).toEqualTypeOf<Settled<string>>();
    }
    expectTypeOf<Gathered<readonly [Operation<1>, Operation<2>]>>().toEqualTypeOf<[1, 2]>();
    void typed;
  });
});
