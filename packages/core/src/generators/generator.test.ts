import { describe, expect, expectTypeOf, test } from 'vitest';
import { GeneratorExit, StopIteration } from '../errors.ts';
import type { Suspension } from '../kernel/operation/suspension.ts';
import { run } from '../kernel/scheduler/run.ts';
import { currentTask, spawn } from '../kernel/scheduler/spawn.ts';
import { gather } from '../tasks/gather.ts';
import { group } from '../tasks/group.ts';
import { runTest } from '../testing/run-test.ts';
import { sleep } from '../time/sleep.ts';
import { tick } from '../time/tick.ts';
import { timeout } from '../time/timeout.ts';
import { generator } from './generator.ts';

function caught(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

const counter = generator(function* (to: number): Generator<number, string, unknown> {
  for (let n = 1; n <= to; n++) yield n;
  return 'the end';
});

/** Yields what it is sent, and logs what is thrown into it. */
const echo = generator(function* (log: unknown[] = []): Generator<string, void, string> {
  let said = 'ready';
  for (;;) {
    try {
      said = yield said;
    } catch (error) {
      log.push(error);
      said = 'caught';
    }
  }
});

test('the producer and the consumer work as they are written in Python', () => {
  const log: string[] = [];
  const consumer = generator(function* (): Generator<string, void, number | undefined> {
    let r = '';
    for (;;) {
      const n = yield r;
      if (!n) return;
      log.push(`[CONSUMER] Consuming ${n}...`);
      r = '200 OK';
    }
  });
  function produce(c: ReturnType<typeof consumer>): void {
    c.next();
    let n = 0;
    while (n < 3) {
      n = n + 1;
      log.push(`[PRODUCER] Producing ${n}...`);
      const r = c.send(n);
      log.push(`[PRODUCER] Consumer return: ${r}`);
    }
    c.close();
  }
  produce(consumer());
  expect(log).toEqual(
    [1, 2, 3].flatMap((n) => [
      `[PRODUCER] Producing ${n}...`,
      `[CONSUMER] Consuming ${n}...`,
      '[PRODUCER] Consumer return: 200 OK',
    ]),
  );
});

test('next gives the bare values, and the end is StopIteration with what was returned', () => {
  const g = counter(2);
  expect([g.next(), g.next()]).toEqual([1, 2]);
  const end = caught(() => g.next());
  expect(end).toBeInstanceOf(StopIteration);
  expect((end as StopIteration).value).toBe('the end');
  expect((caught(() => g.next()) as StopIteration).value).toBeUndefined();
});

describe('send', () => {
  test('gives its value to the yield and returns the next yielded one', () => {
    const g = echo();
    expect([g.next(), g.send('a'), g.send('b')]).toEqual(['ready', 'a', 'b']);
  });

  test('to an unstarted generator takes only None, which is undefined or null', () => {
    const g = echo();
    expect(() => g.send('too early')).toThrow(TypeError);
    expect(() => g.send('too early')).toThrow("A generator that has not started can't be sent a value");
    expect(g.send(undefined as unknown as string)).toBe('ready');
    expect(echo().send(null as unknown as string)).toBe('ready');
  });

  test('to one that has ended is StopIteration', () => {
    const g = counter(0);
    caught(() => g.next());
    expect(caught(() => g.send(1))).toBeInstanceOf(StopIteration);
  });

  test('that ends the generator throws StopIteration with the value', () => {
    const once = generator(function* (): Generator<string, string, string> {
      return `got ${yield 'ready'}`;
    });
    const g = once();
    g.next();
    expect((caught(() => g.send('x')) as StopIteration).value).toBe('got x');
  });
});

describe('throw', () => {
  test('is thrown at the yield, and a body that catches it goes on', () => {
    const log: unknown[] = [];
    const g = echo(log);
    g.next();
    const error = new Error('in');
    expect(g.throw(error)).toBe('caught');
    expect(log).toEqual([error]);
  });

  test('comes out again when it is not caught, and ends the generator', () => {
    const g = counter(5);
    g.next();
    const error = new Error('through');
    expect(caught(() => g.throw(error))).toBe(error);
    expect(caught(() => g.next())).toBeInstanceOf(StopIteration);
  });

  test('into an unstarted or ended generator comes straight back, and nothing of the body runs', () => {
    let ran = false;
    const lazy = generator(function* () {
      ran = true;
      yield 1;
    });
    const g = lazy();
    const error = new Error('early');
    expect(caught(() => g.throw(error))).toBe(error);
    expect(caught(() => g.throw(error))).toBe(error);
    expect(caught(() => g.next())).toBeInstanceOf(StopIteration);
    expect(ran).toBe(false);
  });
});

describe('close', () => {
  test('throws GeneratorExit at the yield, so that finally runs, and returns undefined', () => {
    const log: unknown[] = [];
    const g = generator(function* () {
      try {
        yield 1;
      } catch (error) {
        log.push(error instanceof GeneratorExit);
        throw error;
      } finally {
        log.push('finally');
      }
    })();
    g.next();
    expect(g.close()).toBeUndefined();
    expect(log).toEqual([true, 'finally']);
    expect(g.close()).toBeUndefined();
  });

  test('returns what a body that catches the GeneratorExit returns', () => {
    const g = generator(function* (): Generator<number, string> {
      try {
        yield 1;
      } catch {
        return 'result';
      }
      return 'never';
    })();
    g.next();
    expect(g.close()).toBe('result');
  });

  test('of an unstarted generator runs nothing of it', () => {
    const g = counter(3);
    expect(g.close()).toBeUndefined();
    expect(caught(() => g.next())).toBeInstanceOf(StopIteration);
  });

  test('is an error when the body yields meanwhile', () => {
    const g = generator(function* () {
      for (;;) {
        try {
          yield 1;
        } catch {}
      }
    })();
    g.next();
    expect(() => g.close()).toThrow('The generator ignored GeneratorExit');
  });

  test("lets the body's own error through", () => {
    const error = new Error('cannot clean');
    const cleanUp = () => {
      throw error;
    };
    const g = generator(function* () {
      try {
        yield 1;
      } finally {
        cleanUp();
      }
    })();
    g.next();
    expect(caught(() => g.close())).toBe(error);
  });
});

test('a generator that is running answers every use with "already executing"', () => {
  const errors: unknown[] = [];
  const g = generator(function* () {
    errors.push(...[() => g.next(), () => g.send(1), () => g.throw(1), () => g.close()].map(caught));
    yield 1;
  })();
  g.next();
  expect(errors).toHaveLength(4);
  for (const error of errors) expect(String(error)).toContain('The generator is already executing');
});

test('a StopIteration that leaves the body is an error with it as cause', () => {
  const outer = generator(function* () {
    yield counter(0).next();
  })();
  const error = caught(() => outer.next()) as Error;
  expect(error).not.toBeInstanceOf(StopIteration);
  expect(error.message).toContain('The generator raised StopIteration');
  expect(error.cause).toBeInstanceOf(StopIteration);
});

test('it can be iterated, spread and delegated to', () => {
  expect([...counter(3)]).toEqual([1, 2, 3]);
  const closed: string[] = [];
  const careful = generator(function* () {
    try {
      yield 1;
      yield 2;
    } finally {
      closed.push('closed');
    }
  });
  for (const n of careful()) if (n === 1) break;
  expect(closed).toEqual(['closed']);
  const delegating = generator(function* (): Generator<string, string, string> {
    yield* echo();
    return 'never';
  });
  const g = delegating();
  expect([g.next(), g.send('through')]).toEqual(['ready', 'through']);
  const result = generator(function* (): Generator<number, string> {
    return yield* counter(1);
  })();
  result.next();
  expect((caught(() => result.next()) as StopIteration).value).toBe('the end');
});

describe('a scheduler operation inside', () => {
  const sleepy = generator(function* (): Generator<Suspension, void> {
    yield* sleep(10);
  });
  const giving = generator(function* (): Generator<Suspension, void> {
    yield* tick();
  });
  const named = /asyncGenerator\(function\* \(emit\)/;

  test('is an error that names asyncGenerator, in a task and outside of one', async () => {
    expect(() => sleepy().next()).toThrow(named);
    expect(() => sleepy().next()).toThrow('sleep(10) was used inside of a generator(). ');
    await runTest(function* () {
      expect(() => sleepy().next()).toThrow(named);
      yield* sleep(1);
      expect(() => sleepy().next()).toThrow(named);
    });
  });

  test('is that error also for a task that has used up its turn', () =>
    run(function* () {
      for (let i = 0; i < 300; i++) expect(() => sleepy().next()).toThrow(named);
      for (let i = 0; i < 300; i++) expect(() => giving().next()).toThrow(named);
    }));

  test('leaves the task as it was, also from inside of scopes', () =>
    runTest(function* () {
      for (const operation of [
        () => timeout(5, sleep(10)),
        () => gather([sleep(1), sleep(2)]),
        () => group(() => sleep(1)),
      ]) {
        const g = generator(function* (): Generator<Suspension, void> {
          yield* operation();
        })();
        expect(String(caught(() => g.next()))).toContain('asyncGenerator');
      }
      expect(yield* timeout(5, sleep(1, 'as before'))).toBe('as before');
    }));

  test('does not keep plain functions of the scheduler from being used', () =>
    run(function* main() {
      const g = generator(function* () {
        yield currentTask().name;
        yield spawn(sleep(1, 'spawned'));
      })();
      expect(g.next()).toBe('main');
      const task = g.next();
      expect(yield* task as ReturnType<typeof spawn>).toBe('spawned');
    }));
});

test('its types are those of the body', () => {
  const g = echo();
  expectTypeOf(g.next).returns.toEqualTypeOf<string>();
  expectTypeOf(g.send).parameter(0).toEqualTypeOf<string>();
  expectTypeOf(counter(1).close).returns.toEqualTypeOf<string | undefined>();
  expectTypeOf(counter).parameters.toEqualTypeOf<[to: number]>();
  // @ts-expect-error: it takes strings
  caught(() => g.send(1));
  expect(() => generator(5 as unknown as () => Generator)).toThrow('generator takes a generator function, not 5.');
});
