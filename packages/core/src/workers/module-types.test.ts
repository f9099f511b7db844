import { expectTypeOf, test } from 'vitest';
import type { Operation, Source } from '../index.ts';
import { sleep } from '../time/sleep.ts';
import type { AnyModule, CallName, StreamName } from './module-types.ts';
import type { WorkerPool } from './types.ts';

class Shape {
  readonly sides = 3;
}

const images = {
  add: (a: number, b: number): number => a + b,
  fetchText: async (url: string): Promise<string> => url,
  *nap(ms: number): Operation<number> {
    yield* sleep(ms);
    return ms;
  },
  *napWithoutType(ms: number) {
    yield* sleep(ms);
    return 'rested';
  },
  *nothing() {
    return 7;
  },
  list: (): number[] => [1],
  *numbers(): Generator<number> {
    yield 1;
  },
  async *letters(): AsyncGenerator<string> {
    yield 'a';
  },
  rows: (_file: string): Source<{ row: number }> => ({
    *next() {
      return { done: true, value: undefined };
    },
    *close() {},
  }),
  *opened(): Operation<Source<boolean>> {
    return images.flags();
  },
  flags: (): Source<boolean> => ({
    *next() {
      return { done: true, value: undefined };
    },
    *close() {},
  }),
  limit: 7,
  Shape,
  default: (name: string): string => name,
};

type Images = typeof images;

test('functions, async functions, coroutines and default are calls; sources, data generators and async iterables are streams', () => {
  expectTypeOf<CallName<Images>>().toEqualTypeOf<
    'add' | 'fetchText' | 'nap' | 'napWithoutType' | 'nothing' | 'list' | 'default'
  >();
  expectTypeOf<StreamName<Images>>().toEqualTypeOf<'numbers' | 'letters' | 'rows' | 'opened' | 'flags'>();
});

test("a call has the arguments and the result of the module's own function, a stream its items", () => {
  const check = (pool: WorkerPool<Images>): void => {
    expectTypeOf(pool.call('add', 1, 2)).toEqualTypeOf<Operation<number>>();
    expectTypeOf(pool.call('fetchText', 'x')).toEqualTypeOf<Operation<string>>();
    expectTypeOf(pool.call('nap', 1)).toEqualTypeOf<Operation<number>>();
    expectTypeOf(pool.call('napWithoutType', 1)).toEqualTypeOf<Operation<string>>();
    expectTypeOf(pool.call('nothing')).toEqualTypeOf<Operation<number>>();
    expectTypeOf(pool.call('list')).toEqualTypeOf<Operation<number[]>>();
    expectTypeOf(pool.call('default', 'x')).toEqualTypeOf<Operation<string>>();
    expectTypeOf(pool.stream('numbers')).toEqualTypeOf<Source<number>>();
    expectTypeOf(pool.stream('letters')).toEqualTypeOf<Source<string>>();
    expectTypeOf(pool.stream('rows', 'x')).toEqualTypeOf<Source<{ row: number }>>();
    expectTypeOf(pool.stream('opened')).toEqualTypeOf<Source<boolean>>();
  };
  expectTypeOf(check).toBeFunction();
});

test('what cannot be called does not compile', () => {
  const check = (pool: WorkerPool<Images>): void => {
    // @ts-expect-error no such name
    pool.call('ad', 1, 2);
    // @ts-expect-error a value
    pool.call('limit');
    // @ts-expect-error a class
    pool.call('Shape');
    // @ts-expect-error a stream
    pool.call('numbers');
    // @ts-expect-error a call
    pool.stream('add', 1, 2);
    // @ts-expect-error a wrong argument
    pool.call('add', 1, 'two');
    // @ts-expect-error an argument is missing
    pool.call('add', 1);
  };
  expectTypeOf(check).toBeFunction();
});

test('without a type argument any name may be called', () => {
  const check = (pool: WorkerPool<AnyModule>): void => {
    expectTypeOf(pool.call('anything', 1, 'two')).toEqualTypeOf<Operation<unknown>>();
    expectTypeOf(pool.stream('anything', {})).toEqualTypeOf<Source<unknown>>();
  };
  expectTypeOf(check).toBeFunction();
});
