import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type TypedEmitter from 'typed-emitter';
import { expect, expectTypeOf, test } from 'vitest';
import type { Operation } from '../kernel/operation/suspension.ts';
import { run } from '../kernel/scheduler/run.ts';
import { spawn } from '../kernel/scheduler/spawn.ts';
import { attempt } from '../kernel/task/attempt.ts';
import { runTest } from '../testing/run-test.ts';
import { tick } from '../time/tick.ts';
import { events } from './events.ts';
import { once } from './once.ts';
import { until } from './until.ts';

type Given<O> = O extends Operation<infer T> ? T : never;

test("Node's own emitters work, and their overloads give names and arguments their types", async () => {
  await run(function* () {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    const listening = yield* once(server, 'listening');
    expectTypeOf(listening).toEqualTypeOf<[]>();
    server.close();
    yield* once(server, 'close');
  });
  expectTypeOf<Given<ReturnType<typeof onceOf<Socket, 'data'>>>>().toExtend<[data: Uint8Array]>();
  expectTypeOf<Given<ReturnType<typeof onceOf<Socket, 'close'>>>>().toEqualTypeOf<[hadError: boolean]>();
  expectTypeOf<Given<ReturnType<typeof onceOf<ChildProcess, 'exit'>>>>().toEqualTypeOf<
    [code: number | null, signal: NodeJS.Signals | null]
  >();
  expectTypeOf<Given<ReturnType<typeof onceOf<EventEmitter, 'x'>>>>().toEqualTypeOf<unknown[]>();
});

// A generic function only to be asked for its type.
const onceOf = once;

test('an error while another event is waited for is thrown, and the emitter is left as it was', () =>
  runTest(function* () {
    const emitter = new EventEmitter();
    const task = spawn(() => attempt(once(emitter, 'ready')));
    yield* tick();
    const error = new Error('broken');
    emitter.emit('error', error);
    expect(yield* task).toEqual({ ok: false, error });
    expect(emitter.eventNames()).toEqual([]);
  }));

test('an emitter of Node that is typed by typed-emitter gives typed events', () =>
  runTest(function* () {
    type Events = { line: (text: string, number: number) => void; end: () => void };
    const emitter = new EventEmitter() as TypedEmitter<Events>;
    const lines = events(emitter, 'line', { end: 'end' });
    emitter.emit('line', 'a', 1);
    emitter.emit('end');
    const first = yield* lines.next();
    if (!first.done) expectTypeOf(first.value).toEqualTypeOf<[text: string, number: number]>();
    expect(first).toEqual({ done: false, value: ['a', 1] });
    expect(yield* lines.next()).toEqual({ done: true, value: undefined });
    expect(emitter.eventNames()).toEqual([]);
  }));

class Clock extends (EventEmitter as unknown as new () => TypedEmitter<{ strike: (hour: number) => void }>) {}

test('a class that extends a typed emitter is typed too', () =>
  runTest(function* () {
    const clock = new Clock();
    const task = spawn(once(clock, 'strike'));
    yield* tick();
    clock.emit('strike', 12);
    const [hour] = yield* task;
    expectTypeOf(hour).toEqualTypeOf<number>();
    expect(hour).toBe(12);
  }));

/** Emits at once to whoever listens to 'ready', as emitters that replay what they know do. */
class Ready extends EventEmitter {
  override on(name: string | symbol, listener: (...args: unknown[]) => void): this {
    super.on(name, listener);
    if (name === 'ready') listener('now');
    return this;
  }
}

test('an emitter that calls back while it is listened to keeps no listener, and its next error is heard', () =>
  runTest(function* () {
    const emitter = new Ready();
    expect(yield* once(emitter, 'ready')).toEqual(['now']);
    expect(emitter.eventNames()).toEqual([]);
    expect(() => emitter.emit('error', new Error('disk is full'))).toThrow('disk is full');
    emitter.emit('ready', 'again');
    expect(yield* until(Promise.resolve('later'))).toBe('later');
  }));

test('neither does one that fails while it is listened to, or that ends a source so', () =>
  runTest(function* () {
    class Broken extends EventEmitter {
      override on(name: string | symbol, listener: (...args: unknown[]) => void): this {
        super.on(name, listener);
        if (name === 'error') listener(new Error('broken from the start'));
        return this;
      }
    }
    const broken = new Broken();
    const tried = yield* attempt(once(broken, 'data'));
    expect(tried).toMatchObject({ ok: false, error: { message: 'broken from the start' } });
    expect(broken.eventNames()).toEqual([]);
    const source = events(broken, 'data');
    expect(yield* attempt(source.next())).toMatchObject({ ok: false });
    expect(broken.eventNames()).toEqual([]);
    const replay = new Ready();
    const ended = events(replay as EventEmitter, 'data', { end: 'ready' });
    expect(yield* ended.next()).toEqual({ done: true, value: undefined });
    expect(replay.eventNames()).toEqual([]);
  }));

test('an emitter that refuses to be listened to throws where it is waited for, and keeps nothing', () =>
  runTest(function* () {
    class Refusing extends EventEmitter {
      override on(name: string | symbol, listener: (...args: unknown[]) => void): this {
        if (name === 'error') throw new Error('no second listener');
        return super.on(name, listener);
      }
    }
    const refusing = new Refusing();
    expect(yield* attempt(once(refusing, 'data'))).toMatchObject({
      ok: false,
      error: { message: 'no second listener' },
    });
    expect(() => events(refusing as EventEmitter, 'data')).toThrow('no second listener');
    expect(refusing.eventNames()).toEqual([]);
  }));
