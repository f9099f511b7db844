import { AsyncLocalStorage } from 'node:async_hooks';
import { expect, test } from 'vitest';
import { createScope } from '../bridge/create-scope.ts';
import { until } from '../bridge/until.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import { run } from '../kernel/scheduler/run.ts';
import { spawn } from '../kernel/scheduler/spawn.ts';
import { gather } from '../tasks/gather.ts';
import { sleep } from '../time/sleep.ts';
import { asyncContext } from './async-context.ts';

const store = new AsyncLocalStorage<string>();

function* seenAfterWaits(): Operation<(string | undefined)[]> {
  const seen = [store.getStore()];
  // Real time: the context has to outlive a timer of the host.
  yield* sleep(1);
  seen.push(store.getStore());
  yield* until(Promise.resolve());
  seen.push(store.getStore());
  return seen;
}

test('every step of a run sees the store that it was started in', async () => {
  const seen = await store.run('a', () => run(seenAfterWaits, { context: asyncContext() }));
  expect(seen).toEqual(['a', 'a', 'a']);
});

test('a task keeps the store of its spawn, and its children get theirs from it', async () => {
  await store.run('outer', () =>
    run(
      function* () {
        const inner = store.run('inner', () => spawn(() => gather([seenAfterWaits(), seenAfterWaits()])));
        expect(yield* inner).toEqual([
          ['inner', 'inner', 'inner'],
          ['inner', 'inner', 'inner'],
        ]);
        expect(store.getStore()).toBe('outer');
      },
      { context: asyncContext() },
    ),
  );
});

test('runs that wait for each other do not mix their stores', async () => {
  const runs = ['a', 'b', 'c'].map((name) => store.run(name, () => run(seenAfterWaits, { context: asyncContext() })));
  expect(await Promise.all(runs)).toEqual([
    ['a', 'a', 'a'],
    ['b', 'b', 'b'],
    ['c', 'c', 'c'],
  ]);
});

test('in a scope for a host, each run has the store of the call', async () => {
  const app = createScope({ context: asyncContext() });
  const [first, second] = await Promise.all([
    store.run('request 1', () => app.run(seenAfterWaits)),
    store.run('request 2', () => app.run(seenAfterWaits)),
  ]);
  expect(first).toEqual(['request 1', 'request 1', 'request 1']);
  expect(second).toEqual(['request 2', 'request 2', 'request 2']);
  await app.close();
});
