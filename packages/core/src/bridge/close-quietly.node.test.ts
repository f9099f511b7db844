import { afterEach, beforeEach, expect, test } from 'vitest';
import { Scheduler } from '../kernel/scheduler/scheduler.ts';
import { defer } from '../resources/defer.ts';
import { forever } from '../time/forever.ts';
import { sleep } from '../time/sleep.ts';
import { asAsync } from './as-async.ts';
import { createScope } from './create-scope.ts';

const unhandled: unknown[] = [];
const note = (error: unknown): void => void unhandled.push(error);
let others: NodeJS.UnhandledRejectionListener[];

beforeEach(() => {
  unhandled.length = 0;
  others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', note);
});

afterEach(() => {
  process.removeAllListeners('unhandledRejection');
  for (const listener of others) process.on('unhandledRejection', listener);
});

/** Real time: Node looks for unhandled rejections when the microtasks of a turn are done. */
const turn = (): Promise<void> => new Promise((done) => setTimeout(done, 1));

test('calls that nobody waits for end quietly with their scope, and those that wait hear of it', async () => {
  const page = createScope();
  const onClick = asAsync(() => forever(), page);
  void onClick();
  void page.run(forever());
  void page.hold(forever());
  const awaited = onClick();
  const heard = awaited.catch((error: Error) => error.name);
  await turn();
  const closed = page.close();
  void onClick();
  await closed;
  await turn();
  expect(unhandled).toEqual([]);
  expect(await heard).toBe('CancelledError');
  void onClick();
  await turn();
  expect(unhandled).toMatchObject([{ name: 'GroupClosedError' }]);
});

test('so do runs of a scheduler that is closed, and calls of a scope that one of its tasks has failed', async () => {
  const scheduler = new Scheduler();
  void scheduler.run(forever());
  void scheduler.close();
  await turn();
  expect(unhandled).toEqual([]);
  const page = createScope();
  void page.run(forever());
  page.spawn(function* () {
    yield* sleep(0);
    throw new Error('broken');
  });
  await turn();
  await turn();
  expect(unhandled).toMatchObject([{ name: 'TaskGroupError' }]);
});

test('a call that fails by itself, runs out of time or is aborted by its own signal is not quiet', async () => {
  const page = createScope();
  void page.run(function* () {
    yield* sleep(0);
    throw new Error('its own');
  });
  void page.run(forever(), { timeout: 0 });
  void page.run(forever(), { signal: AbortSignal.abort() });
  await turn();
  await turn();
  expect(unhandled.map((error) => (error as Error).name).sort()).toEqual(['CancelledError', 'Error', 'TimeoutError']);
  void page.run(function* () {
    defer(() => {
      throw new Error('in the cleanup');
    });
    yield* forever();
  });
  await turn();
  await page.close();
  await turn();
  expect(unhandled.at(-1)).toMatchObject({ message: 'in the cleanup' });
});
