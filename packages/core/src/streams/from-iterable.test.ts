import { expect, test } from 'vitest';
import { moveOnAfter, run, spawn, stream, tick } from '../index.ts';
import { runTest } from '../testing/index.ts';

function* naturals(): Generator<number> {
  for (let n = 0; ; n++) yield n;
}

test('an endless generator that a filter finds nothing in gives other tasks their turns', () =>
  runTest(function* () {
    const search = spawn(
      stream(naturals())
        .filter(() => false)
        .collect(),
    );
    for (let i = 0; i < 10; i++) yield* tick();
    yield* search.cancel();
    expect(search.status).toBe('cancelled');
  }));

test('a deadline ends the reading of an endless generator, on real time too', async () => {
  const moved = await run(() => moveOnAfter(20, stream(naturals()).drop(Number.POSITIVE_INFINITY).collect()));
  expect(moved.timedOut).toBe(true);
});

test('a cancelled reader has taken no item of an array', () =>
  runTest(function* () {
    const numbers = stream([1, 2, 3]);
    yield* moveOnAfter(0, numbers.next());
    expect(yield* numbers.collect()).toEqual([1, 2, 3]);
  }));
