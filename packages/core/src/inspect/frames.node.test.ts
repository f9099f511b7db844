import { expect, test } from 'vitest';
import { coroutine, type Operation, sleep, spawn, tick, timeout } from '../index.ts';
import { runTest } from '../testing/run-test.ts';
import { taskTree } from './index.ts';

const here = new Error().stack?.split('\n')[1] ?? '';
const BASE = Number(/:(\d+):\d+\)?$/.exec(here)?.[1]);

function* leaf(): Operation<void> {
  yield* sleep(10); // BASE + 4
}

const middle = coroutine(function* middle() {
  yield* timeout(1_000, leaf()); // BASE + 8
});

function* outer(): Operation<void> {
  yield* tick();
  yield* middle(); // BASE + 13
}

test('each frame has the file, the line and the column of the source', () =>
  runTest(function* () {
    spawn(outer(), { name: 'outer' });
    yield* tick();
    yield* tick();
    const [task] = taskTree()[0]?.children ?? [];
    expect(task?.frames).toEqual([
      { function: 'leaf', file: import.meta.filename, line: BASE + 4, column: expect.any(Number) },
      { function: 'middle', file: import.meta.filename, line: BASE + 8, column: expect.any(Number) },
      { function: 'outer', file: import.meta.filename, line: BASE + 13, column: expect.any(Number) },
    ]);
  }));
