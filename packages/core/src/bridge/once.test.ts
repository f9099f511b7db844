import { expect, expectTypeOf, test } from 'vitest';
import { createEmitter } from '../kernel/report/events.ts';
import { run } from '../kernel/scheduler/run.ts';
import { Scheduler } from '../kernel/scheduler/scheduler.ts';
import { spawn } from '../kernel/scheduler/spawn.ts';
import { attempt } from '../kernel/task/attempt.ts';
import { runTest } from '../testing/run-test.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { tick } from '../time/tick.ts';
import { timeout } from '../time/timeout.ts';
import { once } from './once.ts';

type Events = {
  moved: (x: number, y: number) => void;
  stopped: () => void;
  error: (error: Error) => void;
};

test('an event of an emitter gives the arguments of its listener', () =>
  runTest(function* () {
    const emitter = createEmitter<Events>();
    const task = spawn(once(emitter, 'moved'));
    yield* tick();
    emitter.emit('moved', 1, 2);
    emitter.emit('moved', 3, 4);
    const position = yield* task;
    expectTypeOf(position).toEqualTypeOf<[x: number, y: number]>();
    expect(position).toEqual([1, 2]);
    expect(emitter.eventNames()).toEqual([]);
  }));

test('an event of an EventTarget gives the event', () =>
  runTest(function* () {
    const target = new EventTarget();
    const task = spawn(once(target, 'bell'));
    yield* tick();
    const event = new Event('bell');
    target.dispatchEvent(event);
    expect(yield* task).toEqual([event]);
  }));

test('an error that the emitter emits fails the wait for another event', () =>
  runTest(function* () {
    const emitter = createEmitter<Events>();
    const task = spawn(() => attempt(once(emitter, 'stopped')));
    yield* tick();
    const error = new Error('broken');
    emitter.emit('error', error);
    expect(yield* task).toEqual({ ok: false, error });
    expect(emitter.eventNames()).toEqual([]);
  }));

test('the event error itself can be waited for', () =>
  runTest(function* () {
    const emitter = createEmitter<Events>();
    const task = spawn(once(emitter, 'error'));
    yield* tick();
    const error = new Error('expected');
    emitter.emit('error', error);
    expect(yield* task).toEqual([error]);
  }));

test('a cancel or a deadline takes the listeners away at once', () =>
  runTest(function* () {
    const emitter = createEmitter<Events>();
    const task = spawn(once(emitter, 'moved'));
    yield* tick();
    expect(emitter.eventNames()).toEqual(['moved', 'error']);
    task.cancel();
    expect(emitter.eventNames()).toEqual([]);
    yield* attempt(timeout(5, once(emitter, 'moved')));
    expect(emitter.eventNames()).toEqual([]);
  }));

test('an event that came before the cancel is still received', () =>
  runTest(function* () {
    const emitter = createEmitter<Events>();
    let seen: unknown;
    const task = spawn(function* () {
      seen = yield* once(emitter, 'moved');
    });
    yield* tick();
    emitter.emit('moved', 5, 6);
    yield* task.cancel();
    expect(seen).toEqual([5, 6]);
  }));

test('it listens only from the moment it is waited for', () =>
  runTest(function* () {
    const emitter = createEmitter<Events>();
    const operation = once(emitter, 'moved');
    expect(emitter.eventNames()).toEqual([]);
    const task = spawn(operation);
    yield* tick();
    emitter.emit('moved', 0, 0);
    yield* task;
  }));

test('a scheduler tells of its tasks, typed', async () => {
  const scheduler = new Scheduler({ clock: new VirtualClock() });
  await scheduler.run(function* () {
    const watch = spawn(once(scheduler.events, 'settled'));
    yield* tick();
    spawn(tick(), { name: 'short' });
    const [{ task, status }] = yield* watch;
    expectTypeOf(status).toEqualTypeOf<string>();
    expect([task.name, status]).toEqual(['short', 'succeeded']);
    expect(scheduler.hostWaits).toBe(0);
  });
});

test('what cannot be listened to is refused at the call', () => {
  expect(() => once(5 as unknown as EventTarget, 'x')).toThrow(
    'once takes an emitter with on() and off(), or an EventTarget with addEventListener(), not 5.',
  );
  expect(() => once(new EventTarget(), undefined as unknown as string)).toThrow(
    "once takes the name of an event, not undefined. Write `once(emitter, 'name')`.",
  );
});

test('names that a typed emitter does not have are type errors', () => {
  const emitter = createEmitter<Events>();
  // @ts-expect-error: there is no such event
  once(emitter, 'mooved');
  expectTypeOf(once(new AbortController().signal, 'abort')).toExtend<Iterable<unknown, [event: Event]>>();
  expectTypeOf(once(new EventTarget(), 'anything')).toExtend<Iterable<unknown, [event: Event]>>();
});

type Listener = (event: unknown) => void;

test('a target that calls back while it is listened to keeps no listener', async () => {
  const listeners = new Set<Listener>();
  const target = {
    addEventListener(_name: string, listener: Listener) {
      listeners.add(listener);
      listener('loaded before');
    },
    removeEventListener(_name: string, listener: Listener) {
      listeners.delete(listener);
    },
  };
  expect(await run(once(target as unknown as EventTarget, 'load'))).toEqual(['loaded before']);
  expect(listeners.size).toBe(0);
});

test('an emitter that adds its listener only after it has called back keeps none either', async () => {
  const listeners: Listener[] = [];
  const emitter = {
    on(_name: string, listener: Listener) {
      listener('now');
      listeners.push(listener);
    },
    removeListener(_name: string, listener: Listener) {
      if (listeners.includes(listener)) listeners.splice(listeners.indexOf(listener), 1);
    },
  };
  expect(await run(once(emitter, 'ready'))).toEqual(['now']);
  expect(listeners).toEqual([]);
});

test('an emitter from which no listener can be taken away is refused at the call', () => {
  expect(() => once({ on() {} } as never, 'x' as never)).toThrow('It has on(), but neither off() nor removeListener()');
});
