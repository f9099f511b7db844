import { describe, expect, test } from 'vitest';
import { attempt, type Operation, PriorityQueue, Queue, spawn, tick } from '../index.ts';
import { coroutineTest } from '../testing/index.ts';

function drain<T>(queue: Queue<T>): T[] {
  const items: T[] = [];
  while (!queue.empty) items.push(queue.getNowait());
  return items;
}

function filled<T>(queue: PriorityQueue<T>, items: readonly T[]): PriorityQueue<T> {
  for (const item of items) queue.putNowait(item);
  return queue;
}

describe('without a compare function', () => {
  test('numbers, bigints, strings and dates come out ascending', () => {
    expect(drain(filled(new PriorityQueue<number | bigint>(), [10, 9n, -1, 2.5, 100n]))).toEqual([
      -1,
      2.5,
      9n,
      10,
      100n,
    ]);
    expect(drain(filled(new PriorityQueue<string>(), ['b', 'a', 'c']))).toEqual(['a', 'b', 'c']);
    const [early, late] = [new Date(1), new Date(2)];
    expect(drain(filled(new PriorityQueue<Date>(), [late, early]))).toEqual([early, late]);
  });

  test('tuples are sorted by their first elements, then the next, not as text', () => {
    const queue = new PriorityQueue<[number, string]>();
    expect(
      drain(
        filled(queue, [
          [10, 'a'],
          [9, 'b'],
          [9, 'a'],
        ]),
      ),
    ).toEqual([
      [9, 'a'],
      [9, 'b'],
      [10, 'a'],
    ]);
  });

  test('tuples of equal priority come out in order of arrival where the rest has no order', () => {
    const [first, second] = [{ name: 'first' }, { name: 'second' }];
    const queue = new PriorityQueue<[number, object]>();
    expect(
      drain(
        filled(queue, [
          [1, first],
          [0, second],
          [1, second],
        ]),
      ).map((item) => item[1]),
    ).toEqual([second, first, second]);
  });

  test('items without an order are refused with what to write, and the queue stays as it was', () => {
    const queue = new PriorityQueue<unknown>();
    const write = 'Put `[priority, item]`, or give a compare function: `new PriorityQueue((a, b) => a.due - b.due)`.';
    expect(() => queue.putNowait({ due: 1 })).toThrow(
      `A PriorityQueue cannot sort these items: an object has no order. ${write}`,
    );
    queue.putNowait(1);
    expect(() => queue.putNowait('a')).toThrow(
      `A PriorityQueue cannot sort these items: "a" and 1 have no order. ${write}`,
    );
    expect(() => queue.putNowait(Number.NaN)).toThrow(
      'A PriorityQueue got NaN as a priority, which has no order. Give a number.',
    );
    expect(() => queue.putNowait([Number.NaN])).toThrow(RangeError);
    expect(drain(queue)).toEqual([1]);
  });
});

describe('with a compare function', () => {
  test('it decides, and equal items come out in order of arrival', () => {
    const queue = new PriorityQueue<string>((a, b) => a.length - b.length);
    expect(drain(filled(queue, ['ccc', 'a', 'bb', 'b', 'aaa']))).toEqual(['a', 'b', 'bb', 'ccc', 'aaa']);
  });

  test('a result that is not a number is refused', () => {
    const queue = new PriorityQueue<number>((() => undefined) as unknown as () => number);
    expect(() => queue.putNowait(1)).toThrow(
      'The compare function of a PriorityQueue has to return a number, negative for "a first", not undefined.',
    );
    expect(() => new PriorityQueue('up' as never)).toThrow('new PriorityQueue: compare takes a function, not "up".');
  });

  test(
    'an error of it belongs to the put that caused it, even while that waits',
    coroutineTest(function* () {
      const poison = { poisoned: false };
      const queue = new PriorityQueue<number>((a, b) => {
        if (poison.poisoned && (a === 2 || b === 2)) throw new Error('cannot compare 2');
        return a - b;
      }, 2);
      filled(queue, [1, 5]);
      const bad = spawn(attempt(queue.put(2)));
      const good = spawn(queue.put(3));
      yield* tick();
      poison.poisoned = true;
      expect(yield* queue.get()).toBe(1);
      expect(yield* bad).toMatchObject({ ok: false, error: { message: 'cannot compare 2' } });
      yield* good;
      expect(drain(queue)).toEqual([3, 5]);
    }),
  );
});

test('a limit can be given first, or after the compare function', () => {
  expect(new PriorityQueue<number>(3).maxsize).toBe(3);
  expect(new PriorityQueue<number>((a, b) => b - a, 3).maxsize).toBe(3);
  expect(new PriorityQueue<number>().maxsize).toBe(0);
  expect(() => new PriorityQueue(-1)).toThrow(RangeError);
  expect(new PriorityQueue()).toBeInstanceOf(Queue);
});

test(
  'an item for which somebody waits goes straight there',
  coroutineTest(function* () {
    const queue = new PriorityQueue<number>();
    const got = spawn(queue.get());
    yield* tick();
    queue.putNowait(5);
    queue.putNowait(1);
    expect([yield* got, queue.getNowait()]).toEqual([5, 1]);
  }),
);

test('types follow the compare function', () => {
  const queue = new PriorityQueue((a: Date, b: Date) => a.getTime() - b.getTime());
  function* program(): Operation<void> {
    // @ts-expect-error: a string is not a Date
    yield* queue.put('now');
    const got: Date = yield* queue.get();
    expect(got).toBeInstanceOf(Date);
  }
  expect(typeof program).toBe('function');
});
