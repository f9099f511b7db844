import { describe, expect, test } from 'vitest';
import { attempt, channel, events, group, moveOnAfter, type Operation, run, sleep, stream, until } from '../index.ts';
import { coroutineTest, runTest } from '../testing/index.ts';

async function all<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of iterable) items.push(item);
  return items;
}

/** An async generator that notes how it ends. */
async function* noting(log: string[], last: number): AsyncGenerator<number> {
  try {
    for (let n = 1; n <= last; n++) {
      log.push(`made ${n}`);
      yield n;
    }
  } finally {
    log.push('returned');
  }
}

function noted(log: string[], last: number): ReadableStream<number> {
  let n = 0;
  return new ReadableStream<number>(
    {
      pull(controller) {
        if (n === last) controller.close();
        else {
          log.push(`made ${++n}`);
          controller.enqueue(n);
        }
      },
      cancel() {
        log.push('returned');
      },
    },
    { highWaterMark: 0 },
  );
}

for (const [kind, make] of [
  ['an async iterable', noting],
  ['a ReadableStream', noted],
] as const) {
  describe(`a stream of ${kind}`, () => {
    test(
      'gives its items, one at a time, when it is asked',
      coroutineTest(function* () {
        const log: string[] = [];
        const source = stream(make(log, 3));
        expect(log).toEqual([]);
        expect(yield* source.next()).toEqual({ done: false, value: 1 });
        expect(log).toEqual(['made 1']);
        expect(yield* source.collect()).toEqual([2, 3]);
        expect(yield* source.next()).toEqual({ done: true, value: undefined });
        yield* source.close();
      }),
    );

    test(
      'is ended by close, once',
      coroutineTest(function* () {
        const log: string[] = [];
        const source = stream(make(log, 3));
        yield* source.next();
        yield* source.close();
        yield* source.close();
        expect(log).toEqual(['made 1', 'returned']);
        expect(yield* source.next()).toEqual({ done: true, value: undefined });
      }),
    );

    test(
      'is ended by the scope in which it was made',
      coroutineTest(function* () {
        const log: string[] = [];
        yield* group(function* () {
          yield* stream(make(log, 3))
            .map((n) => n)
            .next();
        });
        expect(log).toEqual(['made 1', 'returned']);
      }),
    );

    test(
      'is ended by take',
      coroutineTest(function* () {
        const log: string[] = [];
        expect(yield* stream(make(log, 3)).take(1).collect()).toEqual([1]);
        expect(log).toEqual(['made 1', 'returned']);
      }),
    );
  });
}

describe('a stream of the host', () => {
  test(
    'keeps the question that is on its way when its reader is cancelled, and gives its answer to the next',
    coroutineTest(function* () {
      let answer!: (item: string) => void;
      let asked = 0;
      const iterator: AsyncIterableIterator<string, undefined> = {
        next: () =>
          new Promise((resolve) => {
            asked++;
            answer = (value) => resolve({ done: false, value });
          }),
        [Symbol.asyncIterator]: () => iterator,
      };
      const source = stream(iterator);
      expect((yield* moveOnAfter(5, source.next())).timedOut).toBe(true);
      answer('kept');
      yield* sleep(10);
      expect([yield* source.next(), asked]).toEqual([{ done: false, value: 'kept' }, 1]);
      const waiting = source.next();
      expect((yield* moveOnAfter(5, waiting)).timedOut).toBe(true);
      yield* source.close();
      expect(yield* source.next()).toEqual({ done: true, value: undefined });
    }),
  );

  test(
    'throws the failure of the host, and is then at its end',
    coroutineTest(function* () {
      const error = new Error('host');
      const log: string[] = [];
      async function* fails(): AsyncGenerator<number> {
        yield 1;
        throw error;
      }
      const readable = new ReadableStream<number>({ pull: (controller) => controller.error(error) });
      for (const source of [stream(fails()).drop(1), stream(readable)]) {
        const tried = yield* attempt(source.next());
        expect(!tried.ok && tried.error).toBe(error);
        expect(yield* source.next()).toEqual({ done: true, value: undefined });
        yield* source.close();
      }
      expect(log).toEqual([]);
    }),
  );

  test(
    'reads the events of an emitter, and stops listening when it is closed',
    coroutineTest(function* () {
      const target = new EventTarget();
      const clicks = stream(events(target, 'click')).map(([event]) => (event as Event).type);
      target.dispatchEvent(new Event('click'));
      expect(yield* clicks.next()).toEqual({ done: false, value: 'click' });
      yield* clicks.close();
      target.dispatchEvent(new Event('click'));
      expect(yield* clicks.next()).toEqual({ done: true, value: undefined });
    }),
  );

  test(
    'that answers nonsense is refused',
    coroutineTest(function* () {
      const nonsense = { [Symbol.asyncIterator]: () => ({ next: async () => 5 }) };
      const tried = yield* attempt(stream(nonsense as unknown as AsyncIterable<number>).next());
      expect(tried).toMatchObject({
        error: { message: 'stream(asyncIterable): the iterator gave 5 in place of { done, value }.' },
      });
    }),
  );

  test(
    'does not wait for an async generator that is in the middle of a step when it is closed',
    coroutineTest(function* () {
      async function* stuck(): AsyncGenerator<number> {
        await new Promise(() => {});
        yield 1;
      }
      const source = stream(stuck());
      expect((yield* moveOnAfter(5, source.next())).timedOut).toBe(true);
      yield* source.close();
    }),
  );
});

describe('a stream for the host', () => {
  test('is read with for await inside the scope of the task that made it', () =>
    runTest(function* () {
      const numbers = stream([1, 2, 3]).buffer(2);
      expect(yield* until(all(numbers.toAsyncIterable()))).toEqual([1, 2, 3]);
    }));

  test('is read with for await outside of tasks', async () => {
    expect(await all(stream([1, 2, 3]).buffer(2).toAsyncIterable())).toEqual([1, 2, 3]);
  });

  test('is closed when the loop is left', async () => {
    const log: string[] = [];
    for await (const item of stream(noting(log, 3)).toAsyncIterable()) {
      expect(item).toBe(1);
      break;
    }
    expect(log).toEqual(['made 1', 'returned']);
  });

  test('gives a failure to the loop, and is then done', async () => {
    const error = new Error('bad item');
    const iterable = stream([1])
      .map(() => {
        throw error;
      })
      .toAsyncIterable();
    await expect(iterable.next()).rejects.toBe(error);
    expect(await iterable.next()).toEqual({ done: true, value: undefined });
    expect(await iterable.return?.()).toEqual({ done: true, value: undefined });
  });

  test('answers questions that come at once in their order', async () => {
    const iterable = stream([1, 2]).toAsyncIterable();
    const answers = await Promise.all([iterable.next(), iterable.next(), iterable.next(), iterable.next()]);
    expect(answers.map((r) => r.value)).toEqual([1, 2, undefined, undefined]);
  });

  test('ends with the scope of its task: who reads on gets an error, and the source is closed', async () => {
    const log: string[] = [];
    let iterable!: AsyncIterableIterator<number>;
    await runTest(function* (): Operation<void> {
      iterable = stream(noting(log, 3)).toAsyncIterable();
      yield* until(iterable.next());
    });
    expect(log).toEqual(['made 1', 'returned']);
    await expect(iterable.next()).rejects.toThrow(
      'The scope of this stream has ended: nothing can be read from it. Make the stream in a scope that lives longer.',
    );
  });

  test('as a ReadableStream is read only when its consumer asks, and its cancel closes the source', async () => {
    const log: string[] = [];
    const readable = stream(noting(log, 5)).toReadableStream();
    // Real time: the platform's stream has had its turn only after a task of the host.
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(log).toEqual([]);
    const reader = readable.getReader();
    expect(await reader.read()).toEqual({ done: false, value: 1 });
    expect(log).toEqual(['made 1']);
    await reader.cancel();
    expect(log).toEqual(['made 1', 'returned']);
  });

  test('is closed at once although a question is waiting, which is then answered with the end', async () => {
    const { receiver } = channel<number>();
    const reader = stream(receiver).toReadableStream().getReader();
    const waiting = reader.read();
    // Real time: the platform's stream has had its turn only after a task of the host.
    await new Promise((resolve) => setTimeout(resolve, 1));
    await reader.cancel();
    expect(await waiting).toEqual({ done: true, value: undefined });

    const iterable = stream(channel<number>().receiver).buffer(1).toAsyncIterable();
    const next = iterable.next();
    await iterable.return?.();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  test('goes there and back', async () => {
    expect(await run(() => stream(stream([1, 2, 3]).toReadableStream()).collect())).toEqual([1, 2, 3]);
    const { sender, receiver } = channel<number>(3);
    sender.sendNowait(1);
    sender.close();
    expect(await run(() => stream(stream(receiver).toAsyncIterable()).collect())).toEqual([1]);
  });
});
