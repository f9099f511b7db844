/** What every source and every stage has in common, whatever it is made of. */
import { describe, expect, test } from 'vitest';
import {
  acquire,
  attempt,
  defer,
  gather,
  group,
  moveOnAfter,
  type Operation,
  race,
  resource,
  run,
  type Source,
  shield,
  sleep,
  spawn,
  stream,
  until,
} from '../index.ts';
import { runTest } from '../testing/index.ts';
import { type Opened, SOURCES } from './sources.fixture.ts';

const END = { done: true, value: undefined };

/** Gives so much that every stage has something to give. */
function* given({ give, source }: Opened): Operation<IteratorResult<unknown, void>> {
  for (let i = 0; i < 10; i++) {
    give();
    const moved = yield* moveOnAfter(20, source.next());
    if (!moved.timedOut) return moved.value;
  }
  throw new Error('Nothing comes.');
}

function* items(opened: Opened, count: number): Operation<unknown[]> {
  const values: unknown[] = [];
  while (values.length < count) values.push((yield* given(opened)).value);
  return values;
}

/** What a reader gets that nobody disturbs. */
const undisturbed = (open: () => Opened, count: number): Promise<unknown[]> => runTest(() => items(open(), count));

/** What stages that drop items, by time, give to a reader that comes later is another item than what they give to one in time. */
const MADE_OF_TIME = ['an interval', 'throttle', 'switchMap'];

/** Looks whether a reader has got what one has that nobody disturbs. */
function expectAll(name: string, got: readonly unknown[], expected: readonly unknown[]): void {
  if (!MADE_OF_TIME.includes(name)) expect(got).toEqual(expected);
  expect(got).toHaveLength(expected.length);
  expect(got.flat()).toEqual([...new Set(got.flat() as number[])].toSorted((a, b) => a - b));
}

describe.each(SOURCES)('%s', (name, open) => {
  test.each([0, 2])('closed while a reader waits gives it the end, after %i items', (before) =>
    runTest(function* () {
      const opened = open();
      yield* items(opened, before);
      const reader = spawn(opened.source.next());
      // An interval is the only one that gives something by itself, 15 ms later.
      yield* sleep(5);
      expect(reader.done).toBe(false);
      yield* opened.source.close();
      expect(yield* reader).toEqual(END);
      yield* opened.source.close();
      expect(yield* opened.source.next()).toEqual(END);
    }),
  );

  test('closed by two tasks at once, and before it was read, is at its end', () =>
    runTest(function* () {
      const { source } = open();
      yield* gather([source.close(), source.close()]);
      expect(yield* source.next()).toEqual(END);
    }));

  test('closed while it works on an item gives its reader the end', () =>
    runTest(function* () {
      const opened = open();
      yield* items(opened, 1);
      const reader = spawn(opened.source.next());
      yield* sleep(1);
      opened.give();
      yield* sleep(1);
      const isThere = reader.done;
      yield* opened.source.close();
      const result = yield* reader;
      if (!isThere) expect(result).toEqual(END);
    }));

  test('loses nothing to a reader that is cancelled, whenever that happens', async () => {
    const expected = await undisturbed(open, 3);
    for (const after of [0, 1, 2, 3, 4, 5, 6]) {
      const got = await runTest(function* () {
        const opened = open();
        const values: unknown[] = [];
        const first = yield* moveOnAfter(after, opened.source.next());
        if (!first.timedOut) values.push(first.value.value);
        for (let tries = 0; values.length < 3 && tries < 40; tries++) {
          opened.give();
          for (let i = 0; i < 3; i++) {
            const moved = yield* moveOnAfter(after, opened.source.next());
            if (!moved.timedOut) values.push(moved.value.value);
            yield* sleep(8);
          }
        }
        return values.slice(0, 3);
      });
      expectAll(name, got.flat(), expected.flat().slice(0, got.flat().length));
    }
  });

  test('is read in the cleanup of a task that was cancelled', async () => {
    const expected = await undisturbed(open, 2);
    const got: unknown[] = [];
    await runTest(function* () {
      const task = spawn(function* (): Operation<void> {
        let opened = open();
        try {
          got.push(...(yield* items(opened, 1)));
          yield* sleep(1_000);
        } finally {
          // Branches are work of the task, which its cancel has ended.
          if (name === 'asCompleted') {
            opened = open();
            yield* items(opened, 1);
          }
          got.push(...(yield* items(opened, 1)));
        }
      });
      yield* sleep(300);
      yield* task.cancel();
    });
    expectAll(name, got, expected);
  });

  test('that was begun before a cleanup was registered is read there', async () => {
    if (name === 'asCompleted') return;
    const expected = await undisturbed(open, 2);
    const got: unknown[] = [];
    await runTest(function* () {
      const opened = open();
      got.push(...(yield* items(opened, 1)));
      defer(function* () {
        got.push(...(yield* items(opened, 1)));
        yield* opened.source.close();
      });
    });
    expectAll(name, got, expected);
  });

  test('is made and read in cleanups of every kind', async () => {
    const expected = await undisturbed(open, 1);
    function* cleanup(): Operation<void> {
      expect(yield* items(open(), 1)).toEqual(expected);
      seen++;
    }
    let seen = 0;
    await runTest(function* () {
      defer(cleanup);
      yield* spawn(function* (): Operation<void> {
        defer(cleanup);
      });
      yield* group(function* (): Operation<void> {
        defer(cleanup);
      });
      yield* acquire(
        resource<void>(function* (provide) {
          yield* provide();
          yield* cleanup();
        }),
      );
      const failing = spawn(
        attempt(
          group(function* (): Operation<void> {
            defer(cleanup);
            yield* shield(cleanup());
            throw new Error('on purpose');
          }),
        ),
      );
      yield* failing;
    });
    expect(seen).toBe(6);
  });

  test('made outside of tasks and first read in a branch is read on by others', async () => {
    const expected = await undisturbed(open, 4);
    const opened = open();
    await runTest(function* () {
      // What listens begins with the first read.
      yield* race([opened.source.next(), sleep(1)]);
      const got = [...(yield* gather([items(opened, 1)])).flat()];
      const [won] = yield* race([gather([items(opened, 1)]), sleep(10_000, [])]);
      got.push(...(won as unknown[]));
      got.push(...(yield* spawn(items(opened, 1))));
      got.push(...(yield* items(opened, 1)));
      expectAll(name, got, expected);
    });
  });

  test('that a branch made, read and returned is read on by the caller', async () => {
    if (name === 'asCompleted') return;
    const expected = await undisturbed(open, 2);
    function* branch(): Operation<{ opened: Opened; first: unknown[] }> {
      const opened = open();
      return { opened, first: yield* items(opened, 1) };
    }
    await runTest(function* () {
      for (const made of [yield* gather([branch()]), [yield* race([branch(), sleep(10_000)])]]) {
        const { opened, first } = made[0] as { opened: Opened; first: unknown[] };
        expectAll(name, [...first, ...(yield* items(opened, 1))], expected);
      }
    });
  });
});

/** Reads some items as the host does. */
type HostReader = (source: Source<unknown>, count: number) => Promise<unknown[]>;

const HOST_READERS: readonly (readonly [how: string, read: HostReader])[] = [
  [
    'for await',
    async (source, count) => {
      const values: unknown[] = [];
      for await (const value of stream(source).toAsyncIterable()) if (values.push(value) === count) break;
      return values;
    },
  ],
  [
    'a ReadableStream',
    async (source, count) => {
      const reader = stream(source).toReadableStream().getReader();
      const values: unknown[] = [];
      while (values.length < count) values.push((await reader.read()).value);
      await reader.cancel();
      return values;
    },
  ],
];

describe.each(HOST_READERS)('read by the host with %s', (_, read) => {
  /** Gives all the time, as long as the host reads. */
  async function reading(opened: Opened, count: number): Promise<unknown[]> {
    // Real time: the host reads, and stages that are made of time need some between their items.
    const timer = setInterval(opened.give, 12);
    try {
      return await read(opened.source, count);
    } finally {
      clearInterval(timer);
    }
  }

  test.each(SOURCES)('%s gives every item, and is closed when the host has enough', async (_name, open) => {
    const opened = open();
    const got = await reading(opened, 3);
    expect(got.flat()).toEqual([...new Set(got.flat())]);
    expect(got).toHaveLength(3);
    expect(got).not.toContain(undefined);
    expect(await run(opened.source.next())).toEqual(END);
  });

  test.each(SOURCES)('%s is read inside of a task, and in a cleanup', async (_name, open) => {
    const counts: number[] = [];
    function* readInTask(): Operation<void> {
      counts.push((yield* until(reading(open(), 2))).length);
    }
    await run(function* () {
      defer(readInTask);
      yield* readInTask();
      yield* group(function* (): Operation<void> {
        defer(readInTask);
      });
    });
    expect(counts).toEqual([2, 2, 2]);
  });
});
