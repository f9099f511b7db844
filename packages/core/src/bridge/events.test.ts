import { expect, expectTypeOf, test } from 'vitest';
import type { Operation } from '../kernel/operation/suspension.ts';
import { createEmitter } from '../kernel/report/events.ts';
import { spawn } from '../kernel/scheduler/spawn.ts';
import { attempt } from '../kernel/task/attempt.ts';
import { gather } from '../tasks/gather.ts';
import { group } from '../tasks/group.ts';
import { runTest } from '../testing/run-test.ts';
import { tick } from '../time/tick.ts';
import { events } from './events.ts';

type Events = { item: (n: number) => void; close: () => void; error: (error: Error) => void };

test('every event from the call on is received, in order', () =>
  runTest(function* () {
    const emitter = createEmitter<Events>();
    const items = events(emitter, 'item');
    emitter.emit('item', 1);
    emitter.emit('item', 2);
    const first = yield* items.next();
    if (!first.done) expectTypeOf(first.value).toEqualTypeOf<[n: number]>();
    expect(first).toEqual({ done: false, value: [1] });
    expect(yield* items.next()).toEqual({ done: false, value: [2] });
    const next = spawn(items.next());
    yield* tick();
    emitter.emit('item', 3);
    expect(yield* next).toEqual({ done: false, value: [3] });
    yield* items.close();
  }));

test('a cancelled wait takes nothing', () =>
  runTest(function* () {
    const emitter = createEmitter<Events>();
    const items = events(emitter, 'item');
    const task = spawn(items.next());
    yield* tick();
    yield* task.cancel();
    emitter.emit('item', 1);
    expect(yield* items.next()).toEqual({ done: false, value: [1] });
  }));

test('its listeners go with the scope that it was made in', () =>
  runTest(function* () {
    const emitter = createEmitter<Events>();
    const items = yield* group(function* () {
      const inner = events(emitter, 'item');
      expect(emitter.eventNames()).toEqual(['item', 'error']);
      return inner;
    });
    expect(emitter.eventNames()).toEqual([]);
    expect(yield* items.next()).toEqual({ done: true, value: undefined });
  }));

test('close ends it at once, drops what is kept, and tells a waiting reader', () =>
  runTest(function* () {
    const emitter = createEmitter<Events>();
    const items = events(emitter, 'item');
    const reader = spawn(items.next());
    yield* tick();
    yield* items.close();
    yield* items.close();
    expect(yield* reader).toEqual({ done: true, value: undefined });
    emitter.emit('item', 1);
    expect(yield* items.next()).toEqual({ done: true, value: undefined });
    expect(emitter.eventNames()).toEqual([]);
  }));

test('the event given as end ends it, after what came before', () =>
  runTest(function* () {
    const emitter = createEmitter<Events>();
    const items = events(emitter, 'item', { end: 'close' });
    emitter.emit('item', 1);
    emitter.emit('close');
    emitter.emit('item', 2);
    expect(yield* items.next()).toEqual({ done: false, value: [1] });
    expect(yield* items.next()).toEqual({ done: true, value: undefined });
    expect(emitter.eventNames()).toEqual([]);
  }));

test('an error of the emitter is thrown after the events before it, once, and ends it', () =>
  runTest(function* () {
    const emitter = createEmitter<Events>();
    const items = events(emitter, 'item');
    const error = new Error('broken');
    emitter.emit('item', 1);
    emitter.emit('error', error);
    expect(emitter.eventNames()).toEqual([]);
    expect(yield* items.next()).toEqual({ done: false, value: [1] });
    expect(yield* attempt(items.next())).toEqual({ ok: false, error });
    expect(yield* items.next()).toEqual({ done: true, value: undefined });
  }));

test('an error of the emitter fails a reader that waits', () =>
  runTest(function* () {
    const emitter = createEmitter<Events>();
    const items = events(emitter, 'item');
    const reader = spawn(() => attempt(items.next()));
    yield* tick();
    const error = new Error('broken');
    emitter.emit('error', error);
    expect(yield* reader).toEqual({ ok: false, error });
  }));

test('with a buffer only the newest events are kept', () =>
  runTest(function* () {
    const emitter = createEmitter<Events>();
    const items = events(emitter, 'item', { buffer: 2 });
    for (let n = 1; n <= 5; n++) emitter.emit('item', n);
    expect(yield* items.next()).toEqual({ done: false, value: [4] });
    expect(yield* items.next()).toEqual({ done: false, value: [5] });
  }));

test('a second reader at the same time is told what to do', () =>
  runTest(function* () {
    const items = events(createEmitter<Events>(), 'item');
    function* second(): Operation<unknown> {
      return yield* attempt(items.next());
    }
    const reader = spawn(items.next());
    yield* tick();
    const [tried] = yield* gather([second()]);
    expect(tried).toMatchObject({
      error: {
        message:
          'events(item): next() was called while another next() of it is waiting. A source has one reader at a time: wait ' +
          'for the first with `yield* source.next()`, or give each reader a source of its own with `events(…)`.',
      },
    });
    yield* items.close();
    yield* reader;
  }));

test('made outside of a task it begins with the first next', () => {
  const target = new EventTarget();
  const bells = events(target, 'bell');
  return runTest(function* () {
    target.dispatchEvent(new Event('bell'));
    const reader = spawn(bells.next());
    yield* tick();
    const event = new Event('bell');
    target.dispatchEvent(event);
    expect(yield* reader).toEqual({ done: false, value: [event] });
  });
});

test('bad input is refused at the call', () => {
  const emitter = createEmitter<Events>();
  // @ts-expect-error: there is no such event
  events(emitter, 'itme');
  expect(() => events(emitter, 'item', { buffer: 0 })).toThrow(
    "events: the option 'buffer' takes a whole number of at least 1, not 0.",
  );
  expect(() => events(null as unknown as EventTarget, 'x')).toThrow('events takes an emitter with on() and off()');
  expect(emitter.eventNames()).toEqual([]);
});
