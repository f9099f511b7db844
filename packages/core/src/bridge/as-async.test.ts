import { expect, expectTypeOf, test } from 'vitest';
import { GroupClosedError } from '../errors.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import { Scheduler } from '../kernel/scheduler/scheduler.ts';
import { currentTask } from '../kernel/scheduler/spawn.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { forever } from '../time/forever.ts';
import { sleep } from '../time/sleep.ts';
import { asAsync } from './as-async.ts';
import { createScope } from './create-scope.ts';

class Counter {
  step = 2;

  *add(a: number, b: number): Operation<number> {
    yield* sleep(1);
    return (a + b) * this.step;
  }
}

test('a call returns a promise of the value; this and the arguments are passed on', async () => {
  const counter = Object.assign(new Counter(), { addAsync: asAsync(Counter.prototype.add) });
  const result = counter.addAsync(1, 2);
  expectTypeOf(result).toEqualTypeOf<Promise<number>>();
  expect(await result).toBe(6);
  expect(counter.addAsync.name).toBe('add');
});

test('a failure rejects with the same error, also when the function throws before its first wait', async () => {
  const error = new Error('no');
  const fails = asAsync((): Operation<void> => {
    throw error;
  });
  await expect(fails()).rejects.toBe(error);
});

test('the body runs inside of a task that has the name of the function', async () => {
  const name = asAsync(function whoAmI(): Operation<string> {
    return sleep(0, currentTask().name);
  });
  expect(await name()).toBe('whoAmI');
});

test('in a scope, calls end when it is closed, and later ones are refused', async () => {
  const app = createScope();
  const wait = asAsync(() => forever(), app);
  const first = wait();
  const closed = app.close();
  await expect(first).rejects.toMatchObject({ name: 'CancelledError' });
  await closed;
  await expect(wait()).rejects.toBeInstanceOf(GroupClosedError);
});

test('a Scheduler can be the scope', async () => {
  const scheduler = new Scheduler({ clock: new VirtualClock() });
  const late = asAsync(() => sleep(3_600_000, 'an hour later'), scheduler);
  expect(await late()).toBe('an hour later');
});

test('a value that is not a function, or not a scope, is refused at the call', () => {
  expect(() => asAsync(5 as unknown as () => Operation<void>)).toThrow('asAsync takes a function, not 5.');
  expect(() => asAsync(() => forever(), {} as Scheduler)).toThrow(
    'asAsync takes a scope as made by createScope(), or a Scheduler, not an object. Options come third: `asAsync(fn, scope, { timeout: 1000 })`',
  );
});

test('a name, a timeout and the signal of a request go to every call', async () => {
  const scheduler = new Scheduler({ clock: new VirtualClock() });
  const app = createScope({ scheduler });
  type Request = { signal?: AbortSignal; ms: number };
  const handle = asAsync(({ ms }: Request) => sleep(ms, currentTask().name), app, {
    name: 'handler',
    timeout: 1_000,
    signal: (request) => request.signal,
  });
  expect(await handle({ ms: 10 })).toBe('handler');
  await expect(handle({ ms: 5_000 })).rejects.toMatchObject({ name: 'TimeoutError' });
  const controller = new AbortController();
  const left = handle({ ms: 500, signal: controller.signal });
  controller.abort('gone');
  await expect(left).rejects.toMatchObject({ name: 'CancelledError', reason: 'gone' });
  await app.close();
});

test('without a scope they go to a run of its own', async () => {
  const late = asAsync(() => forever(), undefined, { timeout: 0 });
  await expect(late()).rejects.toMatchObject({ name: 'TimeoutError' });
  const named = asAsync(() => sleep(0, currentTask().name), undefined, { name: 'alone' });
  expect(await named()).toBe('alone');
});

test('a function for the signal that throws rejects the call', async () => {
  const broken = asAsync(() => forever(), undefined, {
    signal: () => {
      throw new Error('no signal here');
    },
  });
  await expect(broken()).rejects.toThrow('no signal here');
});

test('an option or an argument that asAsync does not know is refused at the call', () => {
  expect(() => asAsync(() => forever(), undefined, { time: 5 } as object)).toThrow("asAsync has no option 'time'.");
  const loose: (...args: unknown[]) => unknown = asAsync as never;
  expect(() => loose(() => forever(), undefined, {}, { signal: 1 })).toThrow(
    'asAsync(fn, scope, options) takes no further argument, but got an object.',
  );
});
