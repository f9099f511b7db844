import { expect, test } from 'vitest';
import { gather, LifoQueue, Queue, QueueFullError, spawn, tick } from '../index.ts';
import { coroutineTest } from '../testing/index.ts';

test('what was put last is got first', () => {
  const stack = new LifoQueue<number>();
  for (const item of [1, 2, 3]) stack.putNowait(item);
  expect([stack.getNowait(), stack.getNowait(), stack.getNowait()]).toEqual([3, 2, 1]);
});

test(
  'waiting puts and gets are served in order of arrival',
  coroutineTest(function* () {
    const stack = new LifoQueue<number>(1);
    const gets = [spawn(stack.get()), spawn(stack.get())] as const;
    yield* tick();
    stack.putNowait(1);
    stack.putNowait(2);
    expect(yield* gather(gets)).toEqual([1, 2]);
    yield* stack.put(3);
    spawn(stack.put(4));
    spawn(stack.put(5));
    yield* tick();
    expect([yield* stack.get(), yield* stack.get(), yield* stack.get()]).toEqual([3, 4, 5]);
  }),
);

test('it is a Queue, with its limit and its errors', () => {
  const stack = new LifoQueue<number>(1);
  expect(stack).toBeInstanceOf(Queue);
  stack.putNowait(1);
  expect(() => stack.putNowait(2)).toThrow(QueueFullError);
  expect(() => new LifoQueue(Number.NaN)).toThrow('maxsize takes a whole number of at least 0, not NaN');
});
