import { expect, expectTypeOf, test } from 'vitest';
import {
  attempt,
  channel,
  forEach,
  interval,
  moveOnAfter,
  now,
  type Operation,
  sleep,
  spawn,
  stream,
} from '../index.ts';
import { coroutineTest } from '../testing/index.ts';

test(
  'the function is called with every item, one after the other, and may wait',
  coroutineTest(function* () {
    const log: string[] = [];
    yield* forEach(stream(['a', 'b']), function* (item) {
      yield* sleep(10);
      log.push(`${item} at ${now()}`);
    });
    expect(log).toEqual(['a at 10', 'b at 20']);
  }),
);

test(
  'what a plain function returns is not looked into',
  coroutineTest(function* () {
    const seen = new Set<number>();
    const list: number[] = [];
    yield* forEach(stream([1, 2]), (item) => void seen.add(item));
    yield* forEach(stream([1, 2]), ((item: number) => seen.add(item)) as (item: number) => void);
    yield* forEach(stream([1, 2]), ((item: number) => list.push(item)) as (item: number) => void);
    expect([[...seen], list]).toEqual([
      [1, 2],
      [1, 2],
    ]);
  }),
);

test(
  'tasks, and operations of the library, are waited for',
  coroutineTest(function* () {
    yield* forEach(stream([10]), (ms) => spawn(sleep(ms)));
    expect(now()).toBe(10);
    yield* forEach(stream([10]), (ms) => sleep(ms));
    expect(now()).toBe(20);
  }),
);

test(
  'several tasks may share one receiver, and one that stops leaves it open for the others',
  coroutineTest(function* () {
    const { sender, receiver } = channel<number>();
    const got: number[] = [];
    const stopping = spawn(
      attempt(
        forEach(receiver, () => {
          throw new Error('enough');
        }),
      ),
    );
    yield* sleep(1);
    yield* sender.send(1);
    expect(yield* stopping).toMatchObject({ ok: false, error: { message: 'enough' } });
    const going = spawn(forEach(receiver, (item) => void got.push(item)));
    yield* sender.send(2);
    sender.close();
    yield* going;
    expect(got).toEqual([2]);
  }),
);

test(
  'a cancelled loop has taken nothing that it did not work on',
  coroutineTest(function* () {
    const { sender, receiver } = channel<number>();
    expect(
      (yield* moveOnAfter(
        5,
        forEach(receiver, () => {}),
      )).timedOut,
    ).toBe(true);
    const sent = spawn(sender.send(1));
    expect(yield* receiver.receive()).toBe(1);
    yield* sent;
  }),
);

test(
  'bad calls are refused with what to write',
  coroutineTest(function* () {
    expect(() => forEach([1, 2] as never, () => {})).toThrow(
      'forEach takes a source, with next() and close(), not an array. Make one with `stream(…)`, from an array, an async iterable or a ReadableStream, or with `events(emitter, name)`.',
    );
    expect(() => forEach(interval(1), 5 as never)).toThrow('forEach takes a function, not 5.');
    const tried = yield* attempt(forEach(stream([1]), (() => Promise.resolve()) as unknown as () => void));
    expect(tried).toMatchObject({
      error: {
        message:
          'forEach got a promise from its function. Return an operation in its place: `(item) => until(work(item))`.',
      },
    });
  }),
);

test('types follow the source', () => {
  const loop = forEach(interval(1), (item) => {
    expectTypeOf(item).toEqualTypeOf<number>();
  });
  expectTypeOf(loop).toEqualTypeOf<Operation<void>>();
  // @ts-expect-error: items are numbers
  forEach(interval(1), (item: string) => void item);
});
