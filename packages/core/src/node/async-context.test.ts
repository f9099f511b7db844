import { AsyncLocalStorage } from 'node:async_hooks';
import { expect, test } from 'vitest';
import { createScope } from '../bridge/create-scope.ts';
import { once } from '../bridge/once.ts';
import { until } from '../bridge/until.ts';
import { Queue } from '../channels/queue.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import { run } from '../kernel/scheduler/run.ts';
import { Scheduler } from '../kernel/scheduler/scheduler.ts';
import { spawn } from '../kernel/scheduler/spawn.ts';
import { gather } from '../tasks/gather.ts';
import { forever } from '../time/forever.ts';
import { moveOnAfter } from '../time/move-on-after.ts';
import { sleep } from '../time/sleep.ts';
import { tick } from '../time/tick.ts';
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

// Real time: what the host ends wakes tasks in the store of whoever asked it.
test('without it a task sees no store, and never that of another request', async () => {
  const queue = new Queue<string>();
  const seen = new Set<string | undefined>();
  const look = () => void seen.add(store.getStore());
  function* handle(name: string): Operation<void> {
    look();
    yield* sleep(1);
    look();
    yield* until(Promise.resolve());
    look();
    yield* until(new Promise((resolve) => setTimeout(resolve, 2)));
    look();
    queue.putNowait(name);
    yield* queue.get();
    look();
    yield* once(bell, 'ring');
    look();
    for (let i = 0; i < 5_000; i++) yield* tick();
    look();
    yield* gather([sleep(1), spawn(sleep(2))]);
    look();
    yield* moveOnAfter(1, forever());
    look();
  }
  const bell = new EventTarget();
  const ring = setInterval(() => store.run('the bell', () => bell.dispatchEvent(new Event('ring'))), 1);
  const requests = Array.from({ length: 10 }, (_, i) => `request ${i}`);
  await Promise.all(requests.map((name) => store.run(name, () => run(() => handle(name)))));
  expect([...seen]).toEqual([undefined]);
  const scheduler = store.run('its maker', () => new Scheduler());
  await Promise.all(requests.map((name) => store.run(name, () => scheduler.run(() => lookTwice()))));
  function* lookTwice(): Operation<void> {
    look();
    yield* sleep(1);
    look();
  }
  clearInterval(ring);
  expect([...seen]).toEqual([undefined]);
});

// Real time: the next turn begins with a timer of the host.
test('a store that one task enters is gone with its turn', async () => {
  const seen: (string | undefined)[] = [];
  await run(function* () {
    store.enterWith('entered');
    yield* sleep(1);
    seen.push(store.getStore());
  });
  await store.run('another', () =>
    run(function* () {
      yield* sleep(1);
      seen.push(store.getStore());
    }),
  );
  expect(seen).toEqual([undefined, undefined]);
});
