import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  acquire,
  asCompleted,
  attempt,
  defer,
  forever,
  gather,
  group,
  now,
  type Operation,
  type Resource,
  resource,
  sleep,
  spawn,
  supervise,
  tick,
  timeout,
} from '../index.ts';
import { failing } from '../kernel/fixtures/bodies.fixture.ts';
import { reports } from '../kernel/fixtures/reports.fixture.ts';
import type { Source } from '../kernel/operation/source.ts';
import { coroutineTest, runTest } from '../testing/index.ts';

function* collect<T>(source: Source<T>): Operation<T[]> {
  const values: T[] = [];
  for (let r = yield* source.next(); !r.done; r = yield* source.next()) values.push(r.value);
  return values;
}

function door(log: string[], name: string, ms: number): Resource<string> {
  return resource<string>(function* (provide) {
    yield* sleep(ms);
    log.push(`open ${name}`);
    yield* provide(name);
    log.push(`close ${name}`);
  });
}

describe('asCompleted', () => {
  test(
    'gives the values in the order in which the operations end, each as soon as it is there',
    coroutineTest(function* () {
      const seen: [string, number][] = [];
      const source = asCompleted([sleep(30, 'c'), sleep(10, 'a'), sleep(20, 'b')]);
      for (let r = yield* source.next(); !r.done; r = yield* source.next()) seen.push([r.value, now()]);
      expect(seen).toEqual([
        ['a', 10],
        ['b', 20],
        ['c', 30],
      ]);
      expect(yield* source.next()).toEqual({ done: true, value: undefined });
    }),
  );

  test(
    'keeps values that came while nobody asked, oldest first; equal times go by the order of the input',
    coroutineTest(function* () {
      const source = asCompleted([sleep(20, 'c'), sleep(10, 'a'), sleep(10, 'b')]);
      expect(yield* source.next()).toEqual({ done: false, value: 'a' });
      yield* sleep(100);
      expect(yield* collect(source)).toEqual(['b', 'c']);
    }),
  );

  test(
    'starts nothing before the first next()',
    coroutineTest(function* () {
      const log: string[] = [];
      const source = asCompleted([
        (function* () {
          log.push('started');
          yield* tick();
        })(),
      ]);
      yield* sleep(10);
      expect(log).toEqual([]);
      yield* source.next();
      expect(log).toEqual(['started']);
    }),
  );

  test(
    'an empty list is at its end at once',
    coroutineTest(function* () {
      expect(yield* collect(asCompleted([]))).toEqual([]);
    }),
  );

  test(
    'takes a record, and running tasks, which it leaves alone',
    coroutineTest(function* () {
      const task = spawn(sleep(20, 'task'));
      const source = asCompleted({ task, fast: sleep(10, 'fast') });
      expect(yield* source.next()).toEqual({ done: false, value: 'fast' });
      yield* source.close();
      expect(task.cancelRequested).toBe(false);
      expect(yield* task).toBe('task');
    }),
  );

  test(
    'throws the error of a branch from the next() whose turn it is, and goes on with the others',
    coroutineTest(function* () {
      const error = new Error('broken');
      const source = asCompleted([sleep(20, 'late'), failing(error, 10), sleep(5, 'early')]);
      expect(yield* source.next()).toEqual({ done: false, value: 'early' });
      expect(yield* attempt(source.next())).toEqual({ ok: false, error });
      expect(yield* source.next()).toEqual({ done: false, value: 'late' });
      expect(yield* source.next()).toEqual({ done: true, value: undefined });
    }),
  );

  test('an error that nobody catches ends the scope, with the other branches', async () => {
    const log: string[] = [];
    const error = new Error('broken');
    const outcome = runTest(function* () {
      function* slow(): Operation<void> {
        try {
          yield* forever();
        } finally {
          yield* sleep(5);
          log.push('cleaned up');
        }
      }
      yield* collect(asCompleted([slow(), failing(error, 1)]));
    });
    await expect(outcome).rejects.toBe(error);
    expect(log).toEqual(['cleaned up']);
  });

  test(
    'close cancels what is left and waits for the cleanups',
    coroutineTest(function* () {
      const log: string[] = [];
      function* slow(): Operation<string> {
        try {
          return yield* forever();
        } finally {
          yield* sleep(5);
          log.push('cleaned up');
        }
      }
      const source = asCompleted([sleep(1, 'first'), slow()]);
      yield* source.next();
      yield* source.close();
      expect(log).toEqual(['cleaned up']);
      expect(now()).toBe(6);
      expect(yield* source.next()).toEqual({ done: true, value: undefined });
      yield* source.close();
    }),
  );

  test(
    'close before the first next() never starts anything',
    coroutineTest(function* () {
      const log: string[] = [];
      const source = asCompleted([
        (function* () {
          log.push('started');
          yield* tick();
        })(),
      ]);
      yield* source.close();
      expect(yield* source.next()).toEqual({ done: true, value: undefined });
      expect(log).toEqual([]);
    }),
  );

  test(
    'close throws the failure of a cleanup, and of a branch that nobody asked for',
    coroutineTest(function* () {
      const error = new Error('cleanup');
      function* sticky(): Operation<void> {
        try {
          yield* forever();
        } finally {
          yield* failing(error, 1);
        }
      }
      const source = asCompleted([sleep(1), sticky()]);
      yield* source.next();
      expect(yield* attempt(source.close())).toEqual({ ok: false, error });
      const missed = asCompleted([sleep(1), failing(error, 2)]);
      yield* missed.next();
      yield* sleep(10);
      expect(yield* attempt(missed.close())).toEqual({ ok: false, error });
    }),
  );

  test(
    'ends a next() that waits when another task closes it',
    coroutineTest(function* () {
      const source = asCompleted([forever()]);
      const reader = spawn(collect(source));
      yield* sleep(1);
      yield* source.close();
      expect(yield* reader).toEqual([]);
    }),
  );

  test(
    'a cancelled next() loses nothing',
    coroutineTest(function* () {
      const source = asCompleted([sleep(10, 'value')]);
      expect(yield* attempt(timeout(5, source.next()))).toMatchObject({ ok: false, error: { name: 'TimeoutError' } });
      expect(yield* collect(source)).toEqual(['value']);
      expect(now()).toBe(10);
    }),
  );

  test(
    'branches belong to the scope that called it: its end cancels them and waits for their cleanups',
    coroutineTest(function* () {
      const log: string[] = [];
      function* slow(): Operation<string> {
        try {
          return yield* forever();
        } finally {
          yield* sleep(5);
          log.push('cleaned up');
        }
      }
      const source = yield* group(function* () {
        const inner = asCompleted([sleep(1, 'first'), slow()]);
        yield* inner.next();
        return inner;
      });
      expect(log).toEqual(['cleaned up']);
      expect(yield* source.next()).toEqual({ done: true, value: undefined });
    }),
  );

  test(
    'branches do not end with a branch of race or gather that only asks for the next one',
    coroutineTest(function* () {
      const source = asCompleted([sleep(10, 'a'), sleep(20, 'b')]);
      const [first] = yield* gather([source.next()]);
      expect(first).toEqual({ done: false, value: 'a' });
      expect(yield* collect(source)).toEqual(['b']);
    }),
  );

  test(
    'what a successful branch acquired moves to the scope of the caller with its value',
    coroutineTest(function* () {
      const log: string[] = [];
      yield* group(function* () {
        const source = asCompleted([acquire(door(log, 'slow', 20)), acquire(door(log, 'fast', 10))]);
        for (let r = yield* source.next(); !r.done; r = yield* source.next()) log.push(`use ${r.value}`);
      });
      expect(log).toEqual(['open fast', 'use fast', 'open slow', 'use slow', 'close slow', 'close fast']);
    }),
  );

  test(
    'what a branch acquired whose value was not taken is released by close, and what failed at once',
    coroutineTest(function* () {
      const log: string[] = [];
      function* broken(): Operation<never> {
        yield* acquire(door(log, 'broken', 1));
        throw new Error('broken');
      }
      const source = asCompleted([acquire(door(log, 'taken', 5)), acquire(door(log, 'left', 6)), broken()]);
      expect((yield* attempt(source.next())).ok).toBe(false);
      expect(log).toEqual(['open broken', 'close broken']);
      yield* source.next();
      yield* sleep(10);
      yield* source.close();
      expect(log.slice(2)).toEqual(['open taken', 'open left', 'close left']);
    }),
  );

  test(
    'what was not taken is released at the end of the scope too',
    coroutineTest(function* () {
      const log: string[] = [];
      yield* group(function* () {
        defer(() => void log.push('deferred before'));
        const source = asCompleted([acquire(door(log, 'a', 1)), acquire(door(log, 'b', 2))]);
        yield* source.next();
        yield* sleep(5);
      });
      expect(log).toEqual(['open a', 'open b', 'close a', 'close b', 'deferred before']);
    }),
  );

  test(
    'a failure that nobody asked for fails the scope at its end; one of a teardown is reported',
    coroutineTest(function* () {
      const unhandled = reports('unhandled');
      const error = new Error('missed');
      const late = new Error('teardown');
      function* sticky(): Operation<void> {
        try {
          yield* forever();
        } finally {
          yield* failing(late, 1);
        }
      }
      const tried = yield* attempt(
        supervise((g) =>
          g.spawn(function* () {
            const source = asCompleted([sleep(1), failing(error, 2), sticky()]);
            yield* source.next();
            yield* sleep(5);
          }),
        ),
      );
      expect(tried).toEqual({ ok: false, error });
      expect(unhandled.map((event) => event.error)).toEqual([late]);
    }),
  );

  test(
    'leaves nothing behind in its scope once it is at its end',
    coroutineTest(function* () {
      yield* group(function* (g) {
        for (let i = 0; i < 3; i++) yield* collect(asCompleted([sleep(1), sleep(2)]));
        const closed = asCompleted([sleep(1), sleep(2)]);
        yield* closed.next();
        yield* closed.close();
        expect((g as unknown as { nursery: { releases: { entries: unknown[] } } }).nursery.releases.entries).toEqual(
          [],
        );
      });
    }),
  );

  test(
    'a second next() while one waits is an error',
    coroutineTest(function* () {
      const source = asCompleted([sleep(10, 'value')]);
      const first = spawn(source.next());
      yield* tick();
      expect(yield* attempt(source.next())).toMatchObject({
        ok: false,
        error: {
          message:
            'next() of asCompleted() was called while another next() of it waits. Let one task read it, or share by a queue.',
        },
      });
      expect(yield* first).toEqual({ done: false, value: 'value' });
    }),
  );

  test('bad input is refused at the call', () => {
    // @ts-expect-error one operation is not an array
    expect(() => asCompleted(sleep(1))).toThrow(
      'asCompleted takes its operations as one array or record: pass an array, `asCompleted([a(), b()])`.',
    );
    // @ts-expect-error a promise is not an operation
    expect(() => asCompleted([Promise.resolve()])).toThrow('asCompleted takes an operation, not a promise.');
  });

  test('the type of the source comes from the operations', () => {
    expectTypeOf(asCompleted([sleep(1, 'a'), sleep(1, 1)])).toEqualTypeOf<Source<string | number>>();
    expectTypeOf(asCompleted({ a: sleep(1, 'a') })).toEqualTypeOf<Source<string>>();
  });
});
