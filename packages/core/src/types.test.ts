// What the types promise. The compiler checks this file; running it only shows that nothing of it is wrong at run time.
import { expect, expectTypeOf, test } from 'vitest';
import { createScope } from './bridge/create-scope.ts';
import { events } from './bridge/events.ts';
import { once } from './bridge/once.ts';
import { until } from './bridge/until.ts';
import { asyncGenerator, type Emit } from './generators/async-generator.ts';
import { generator } from './generators/generator.ts';
import type { Source } from './kernel/operation/source.ts';
import type { Operation } from './kernel/operation/suspension.ts';
import { createEmitter } from './kernel/report/events.ts';
import { run } from './kernel/scheduler/run.ts';
import { Scheduler } from './kernel/scheduler/scheduler.ts';
import { spawn } from './kernel/scheduler/spawn.ts';
import { type Attempt, attempt } from './kernel/task/attempt.ts';
import { coroutine } from './kernel/task/coroutine.ts';
import type { Task } from './kernel/task/task.ts';
import { exponential } from './policy/exponential.ts';
import { retry } from './policy/retry.ts';
import { createContext } from './resources/create-context.ts';
import { gather } from './tasks/gather.ts';
import { type Group, group } from './tasks/group.ts';
import { race } from './tasks/race.ts';
import { shield } from './tasks/shield.ts';
import { interval } from './time/interval.ts';
import { moveOnAfter } from './time/move-on-after.ts';
import { sleep } from './time/sleep.ts';
import { timeout } from './time/timeout.ts';

type Given<O> = O extends Operation<infer T> ? T : never;

/** Makes the operations and never runs them. */
function unused(..._operations: unknown[]): void {}

declare const number: Operation<number>;
declare const text: Operation<string>;

/** A body that is only compiled. */
function compiled(_body: () => Operation<unknown>): void {}

test('yield* gives the type of the operation', () => {
  compiled(function* (): Operation<void> {
    expectTypeOf(yield* sleep(1)).toEqualTypeOf<void>();
    expectTypeOf(yield* sleep(1, 'x')).toEqualTypeOf<string>();
    expectTypeOf(yield* number).toEqualTypeOf<number>();
    expectTypeOf(yield* attempt(text)).toEqualTypeOf<Attempt<string>>();
    expectTypeOf(yield* spawn(number)).toEqualTypeOf<number>();
    expectTypeOf(yield* until(Promise.resolve(1))).toEqualTypeOf<number>();
    expectTypeOf(yield* until(async (signal) => signal.aborted)).toEqualTypeOf<boolean>();
    expectTypeOf(yield* timeout(1, text)).toEqualTypeOf<string>();
    expectTypeOf(yield* timeout(1, (deadline) => sleep(1, deadline.at))).toEqualTypeOf<number>();
    expectTypeOf(yield* shield(text)).toEqualTypeOf<string>();
    const moved = yield* moveOnAfter(1, text);
    if (moved.timedOut) expectTypeOf(moved.value).toEqualTypeOf<undefined>();
    else expectTypeOf(moved.value).toEqualTypeOf<string>();
  });
});

test('gather and race keep tuples, arrays and records', () => {
  compiled(function* (): Operation<void> {
    expectTypeOf(yield* gather([number, text])).toEqualTypeOf<[number, string]>();
    const list: Operation<number>[] = [];
    expectTypeOf(yield* gather(list)).toEqualTypeOf<number[]>();
    expectTypeOf(yield* gather({ a: number, b: text })).toEqualTypeOf<{ a: number; b: string }>();
    const [first] = yield* gather([number, text], { settle: true });
    if (first.status === 'fulfilled') expectTypeOf(first.value).toEqualTypeOf<number>();
    else expectTypeOf(first.reason).toEqualTypeOf<unknown>();
    expectTypeOf(yield* race([number, text])).toEqualTypeOf<number | string>();
    expectTypeOf(yield* race({ a: number, b: text })).toEqualTypeOf<number | string>();
  });
});

test('coroutines, groups and generators pass their types on', () => {
  const work = coroutine(function* (n: number, unit: string): Operation<string> {
    return `${n}${unit}`;
  });
  expectTypeOf(work).parameters.toEqualTypeOf<[n: number, unit: string]>();
  expectTypeOf<Given<ReturnType<typeof work>>>().toEqualTypeOf<string>();
  compiled(function* (): Operation<void> {
    const done = yield* group(function* (g: Group) {
      expectTypeOf(g.spawn(number)).toEqualTypeOf<Task<number>>();
      expectTypeOf(yield* g.start<string>((started) => sleep(1, started('ready')))).toEqualTypeOf<string>();
      return true;
    });
    expectTypeOf(done).toEqualTypeOf<boolean>();
  });
  const python = generator(function* (): Generator<string, boolean, number> {
    return (yield 'a') > 1;
  })();
  expectTypeOf(python.next()).toEqualTypeOf<string>();
  expectTypeOf(python.send).parameter(0).toEqualTypeOf<number>();
  expectTypeOf(python.close).returns.toEqualTypeOf<boolean | undefined>();
  const waiting = asyncGenerator(function* (emit: Emit<string, number>): Operation<void> {
    expectTypeOf(yield* emit('a')).toEqualTypeOf<number>();
  })();
  expectTypeOf(waiting).toExtend<Source<string>>();
});

test('policies, sources and contexts keep the type of what they are given', () => {
  expectTypeOf<Given<ReturnType<typeof retried>>>().toEqualTypeOf<string>();
  expectTypeOf(interval).returns.toEqualTypeOf<Source<number>>();
  const user = createContext('nobody');
  expectTypeOf(user.get()).toEqualTypeOf<string>();
  function retried() {
    return retry(() => text, exponential(100).jitter().attempts(5).elapsed(30_000));
  }
});

test('promises at the doors have the type of the operation', () => {
  expectTypeOf(run<number>).returns.toEqualTypeOf<Promise<number>>();
  const app = createScope();
  expectTypeOf(app.run<string>).returns.toEqualTypeOf<Promise<string>>();
  expect(app.close()).toBeInstanceOf(Promise);
});

test('emitters give the names and arguments of their events', () => {
  const { events: reports } = new Scheduler();
  const emitter = createEmitter<{ moved: (x: number, y: number) => void; stopped: () => void }>();
  expectTypeOf(once(emitter, 'moved')).toEqualTypeOf<Operation<[x: number, y: number]>>();
  expectTypeOf(once(emitter, 'stopped')).toEqualTypeOf<Operation<[]>>();
  expectTypeOf(once(reports, 'slow-step')).toEqualTypeOf<Operation<[event: { task: string; ms: number }]>>();
  expectTypeOf(once(new AbortController().signal, 'abort')).toEqualTypeOf<Operation<[event: Event]>>();
  expectTypeOf<ReturnType<typeof socketMessages>>().toEqualTypeOf<Source<[event: MessageEvent]>>();
  function socketMessages(socket: WebSocket) {
    return events(socket, 'message');
  }
  // @ts-expect-error: no such event
  unused(once(emitter, 'mooved'));
  // @ts-expect-error: no such event
  reports.on('spwaned', () => {});
  // @ts-expect-error: the listener takes one object
  reports.on('spawned', (task: string) => task);
});

test('the likeliest mistakes are type errors', () => {
  compiled(function* (): Operation<void> {
    // @ts-expect-error: a plain yield of an operation that has not begun
    yield text;
  });
  compiled(function* (): Operation<void> {
    // @ts-expect-error: a promise
    yield Promise.resolve(1);
  });
  compiled(function* (): Operation<void> {
    // @ts-expect-error: a number is not an operation
    yield* 5;
  });
  const wrong: (() => unknown)[] = [
    // @ts-expect-error: no array
    () => gather(number, text),
    // @ts-expect-error: no array
    () => race(number, text),
    // @ts-expect-error: a promise among the operations
    () => gather([number, Promise.resolve(1)]),
    // @ts-expect-error: an async body
    () => run(async () => 1),
    // @ts-expect-error: a promise
    () => run(Promise.resolve(1)),
    // @ts-expect-error: an operation is not a promise
    () => until(number),
    // @ts-expect-error: no such option
    () => gather([number], { concurency: 2 }),
    // @ts-expect-error: milliseconds are a number
    () => sleep('10'),
  ];
  expect(wrong).toHaveLength(8);
});
