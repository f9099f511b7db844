import { describe, expect, test } from 'vitest';
import {
  acquire,
  attempt,
  createScope,
  currentTask,
  forever,
  GroupClosedError,
  resource,
  sleep,
  type Task,
  tick,
} from '../index.ts';
import { cleaning, failing } from '../kernel/fixtures/bodies.fixture.ts';
import { outcome, virtual } from '../kernel/fixtures/run.fixture.ts';
import { door } from '../resources/door.fixture.ts';

describe('createScope', () => {
  test('runs operations for a host program until it is closed', async () => {
    const { scheduler } = virtual();
    const app = createScope({ scheduler, name: 'app' });
    expect(await app.run(() => sleep(10, 'served'))).toBe('served');
    const log: string[] = [];
    app.spawn(cleaning(log, 'task', 5));
    expect(await app.run(sleep(1, 'again'))).toBe('again');
    await app.close();
    expect(log).toEqual(['task']);
  });

  test('the failure of a run belongs to its promise and does not touch the scope', async () => {
    const { scheduler, unhandled } = virtual();
    const app = createScope({ scheduler });
    const error = new Error('mine');
    const other = app.run(sleep(10, 'other'));
    expect(await outcome(app.run(failing(error)))).toBe(error);
    expect(await other).toBe('other');
    await app.close();
    expect(unhandled).toEqual([]);
  });

  test('a spawned task that fails, fails the scope: the others are cancelled and the error is unhandled, once', async () => {
    const { scheduler, unhandled } = virtual();
    const log: string[] = [];
    const app = createScope({ scheduler });
    const error = new Error('mine');
    app.spawn(cleaning(log, 'sibling', 5));
    const task: Task<never> = app.spawn(failing(error));
    expect(await outcome(scheduler.run(attempt(task)))).toEqual({ value: { ok: false, error } });
    await scheduler.run(sleep(10));
    expect(log).toEqual(['sibling']);
    expect(unhandled).toMatchObject([{ name: 'TaskGroupError', errors: [error] }]);
    await app.close();
    expect(unhandled).toHaveLength(1);
  });

  test('close cancels what runs, waits for the cleanups, and rejects with their errors', async () => {
    const { scheduler, unhandled } = virtual();
    const error = new Error('cleanup');
    const app = createScope({ scheduler });
    app.spawn(function* () {
      try {
        yield* forever();
      } finally {
        yield* failing(error);
      }
    });
    const running = outcome(app.run(forever()));
    await scheduler.run(sleep(1));
    expect(await outcome(app.close('shutdown'))).toMatchObject({ name: 'TaskGroupError', errors: [error] });
    expect(await running).toMatchObject({ name: 'CancelledError', reason: 'shutdown' });
    expect(unhandled).toEqual([]);
    await app.close();
  });

  test('holds what an operation acquired until it is closed, last first', async () => {
    const { scheduler, unhandled } = virtual();
    const app = createScope({ scheduler });
    const log: string[] = [];
    const held = await app.hold(acquire(door(log, 'one')));
    expect([held, await app.hold(() => acquire(door(log, 'two')))]).toEqual(['one', 'two']);
    expect(await app.run(sleep(100, 'served'))).toBe('served');
    expect(log).toEqual(['open one', 'open two']);
    await app.close();
    expect(log.slice(2).sort()).toEqual(['close one', 'close two']);
    expect(unhandled).toEqual([]);
  });

  test('what could not be acquired is an error of its promise; one of its release is that of close', async () => {
    const { scheduler, unhandled } = virtual();
    const app = createScope({ scheduler });
    const error = new Error('no door');
    expect(await outcome(app.hold(failing(error)))).toBe(error);
    const mistake = await outcome(app.hold((async () => 1) as never));
    expect(mistake).toMatchObject({ message: expect.stringContaining('takes an operation, not an async function') });
    const ending = app.hold(forever());
    const stuck = resource<string>(function* (provide) {
      yield* provide('stuck');
      throw error;
    });
    expect(await app.hold(acquire(stuck))).toBe('stuck');
    const closed = outcome(app.close());
    expect(await outcome(ending)).toMatchObject({ name: 'CancelledError' });
    expect(await closed).toMatchObject({ errors: [error] });
    expect(await outcome(app.hold(sleep(1)))).toBeInstanceOf(GroupClosedError);
    expect(unhandled).toEqual([]);
  });

  test('refuses work after it was closed', async () => {
    const { scheduler } = virtual();
    const app = createScope({ scheduler, name: 'app' });
    await app.close();
    await expect(app.run(sleep(1))).rejects.toThrow(GroupClosedError);
    expect(() => app.spawn(sleep(1))).toThrow(
      'task app was closed: nothing can be spawned into it. Make another with createScope().',
    );
  });

  test('is closed by await using', async () => {
    const { scheduler } = virtual();
    const log: string[] = [];
    {
      await using app = createScope({ scheduler });
      app.spawn(cleaning(log, 'closed'));
      await app.run(tick());
    }
    expect(log).toEqual(['closed']);
  });

  test('a run takes a signal, a name and a timeout', async () => {
    const { scheduler } = virtual();
    const app = createScope({ scheduler });
    const controller = new AbortController();
    const log: string[] = [];
    const stopped = outcome(app.run(cleaning(log, 'cleaned', 5), { signal: controller.signal, name: 'request 7' }));
    const named = app.run(() => sleep(1, currentTask().name), { name: 'request 8', timeout: 1_000 });
    const unnamed = app.run(
      function whoAmI() {
        return sleep(1, currentTask().name);
      },
      { timeout: 1_000 },
    );
    const late = outcome(app.run(() => sleep(60_000), { timeout: 10 }));
    expect(await named).toBe('request 8');
    expect(await unnamed).toBe('whoAmI');
    expect(await late).toMatchObject({ name: 'TimeoutError', message: expect.stringContaining('10 ms') });
    controller.abort('the client has left');
    expect(await stopped).toMatchObject({ name: 'CancelledError', reason: 'the client has left' });
    expect(log).toEqual(['cleaned']);
    expect(await app.run(() => sleep(1, 'goes on'))).toBe('goes on');
    await app.close();
  });

  test('a signal that is aborted already keeps a run from starting', async () => {
    const { scheduler } = virtual();
    const app = createScope({ scheduler });
    let started = false;
    const signal = AbortSignal.abort('too late');
    const run = app.run(
      () => {
        started = true;
        return sleep(1);
      },
      { signal, timeout: 10 },
    );
    expect(await outcome(run)).toMatchObject({ name: 'CancelledError', reason: 'too late' });
    expect(started).toBe(false);
    await app.close();
  });

  test('what a run does not know, or cannot use, rejects it', async () => {
    const app = createScope({ scheduler: virtual().scheduler });
    expect(await outcome(app.run(sleep(1), { timout: 5 } as object))).toMatchObject({
      message: "scope.run has no option 'timout'. Did you mean 'timeout'? It takes: signal, name, timeout.",
    });
    expect(await outcome(app.run(sleep(1), { signal: 'stop' as never }))).toMatchObject({
      message: 'scope.run: the option \'signal\' takes an AbortSignal, such as `controller.signal`, not "stop".',
    });
    expect(await outcome(app.run(5 as never))).toMatchObject({ message: expect.stringMatching(/^scope\.run takes/) });
    await app.close();
  });
});
