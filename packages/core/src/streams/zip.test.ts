import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  attempt,
  channel,
  moveOnAfter,
  now,
  type Operation,
  run,
  type Source,
  type Stream,
  sleep,
  spawn,
  stream,
} from '../index.ts';
import { coroutineTest } from '../testing/index.ts';

/** A source that says when it is closed. */
function watched<T>(source: Source<T>, name: string, closed: string[]): Source<T> {
  return {
    next: () => source.next(),
    *close(): Operation<void> {
      if (!closed.includes(name)) closed.push(name);
      yield* source.close();
    },
  };
}

describe('zip', () => {
  test('is what zipping arrays gives, however long they are', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.integer()), fc.array(fc.string()), fc.array(fc.boolean()), async (a, b, c) => {
        const rows = await run(() => stream(a).zip(b, c).collect());
        const shortest = Math.min(a.length, b.length, c.length);
        expect(rows).toEqual(Array.from({ length: shortest }, (_, i) => [a[i], b[i], c[i]]));
      }),
      { numRuns: 50 },
    ));

  test(
    'reads its sources at once: the slowest one sets the pace',
    coroutineTest(function* () {
      const slow = stream([1, 2]).map((n) => sleep(10, n));
      const slower = stream(['a', 'b']).map((s) => sleep(25, s));
      expect(yield* slow.zip(slower).collect()).toEqual([
        [1, 'a'],
        [2, 'b'],
      ]);
      expect(now()).toBe(50);
    }),
  );

  test(
    'closes all when one has ended, also while another one has nothing to give',
    coroutineTest(function* () {
      const closed: string[] = [];
      const { sender, receiver } = channel<number>();
      const zipped = stream(watched(receiver, 'waiting', closed)).zip(watched(stream([]), 'empty', closed));
      expect(yield* zipped.next()).toEqual({ done: true, value: undefined });
      expect(closed).toEqual(['waiting', 'empty']);
      expect(yield* attempt(sender.send(1))).toMatchObject({ ok: false });
    }),
  );

  test(
    'a reader that is cancelled has lost nothing, whichever source was behind',
    coroutineTest(function* () {
      const zipped = stream([0, 1])
        .map((n) => sleep(10, n))
        .zip(stream([5, 6, 7]).map((n) => sleep(3, n)));
      for (let i = 0; i < 4; i++) expect((yield* moveOnAfter(2, zipped.next())).timedOut).toBe(true);
      expect(yield* zipped.collect()).toEqual([
        [0, 5],
        [1, 6],
      ]);
    }),
  );

  test(
    'fails with the error itself, and closes the others',
    coroutineTest(function* () {
      const closed: string[] = [];
      const error = new Error('broken');
      const broken = stream([1]).map((): number => {
        throw error;
      });
      const zipped = broken.zip(watched(channel<number>().receiver, 'waiting', closed));
      const tried = yield* attempt(zipped.next());
      expect(!tried.ok && tried.error).toBe(error);
      expect(closed).toEqual(['waiting']);
      expect((yield* zipped.next()).done).toBe(true);
    }),
  );

  test(
    'closed while a reader waits gives it the end, and closes every source',
    coroutineTest(function* () {
      const closed: string[] = [];
      const zipped = stream(watched(channel().receiver, 'a', closed)).zip(watched(channel().receiver, 'b', closed));
      const reader = spawn(zipped.next());
      yield* sleep(1);
      yield* zipped.close();
      expect(yield* reader).toEqual({ done: true, value: undefined });
      expect(closed).toEqual(['a', 'b']);
    }),
  );

  test('types are inferred, and what has not many values is refused', () => {
    const zipped = stream([1]).zip(['a'], stream([true]));
    expectTypeOf(zipped).toEqualTypeOf<Stream<[number, string, boolean]>>();
    // @ts-expect-error: a number has not many values
    expect(() => stream([1]).zip(5)).toThrow('stream.zip takes a source, with next() and close(), not 5.');
  });
});
