import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  acquire,
  attempt,
  createContext,
  currentTask,
  defer,
  forever,
  gather,
  group,
  now,
  type Operation,
  type Resource,
  race,
  resource,
  shield,
  sleep,
  spawn,
  type TaskGroupError,
  tick,
  timeout,
} from '../index.ts';
import { failing } from '../kernel/fixtures/bodies.fixture.ts';
import { coroutineTest, runTest } from '../testing/index.ts';
import { door } from './door.fixture.ts';

describe('resource', () => {
  test('gives the value that the body provides, and lets the body go on when the scope ends', async () => {
    const log: string[] = [];
    const value = await runTest(function* () {
      const name = yield* acquire(door(log, 'a'));
      log.push(`use ${name}`);
      return name;
    });
    expect(value).toBe('a');
    expect(log).toEqual(['open a', 'use a', 'close a']);
  });

  test('can be acquired any number of times, each time anew', async () => {
    let made = 0;
    const counter = resource<number>(function* (provide) {
      yield* provide(++made);
    });
    await runTest(function* () {
      expect(yield* acquire(counter)).toBe(1);
      expect(yield* acquire(counter)).toBe(2);
    });
  });

  test(
    'a body that ends without a value is an error that names it',
    coroutineTest(function* () {
      const silent = resource(function* silent() {
        yield* tick();
      });
      const tried = yield* attempt(acquire(silent));
      expect(tried).toMatchObject({
        ok: false,
        error: { message: 'resource silent ended without a value. Write `yield* provide(value)` in its body.' },
      });
    }),
  );

  test(
    'a failure after provide fails the scope that owns the resource',
    coroutineTest(function* () {
      const error = new Error('connection lost');
      const fragile = resource<string>(function* fragile(provide) {
        yield* race([provide('x'), failing(error, 10)]);
      });
      const log: string[] = [];
      const tried = yield* attempt(
        group(function* () {
          yield* acquire(fragile);
          try {
            yield* forever();
          } finally {
            log.push(`cleanup at ${now()}`);
          }
        }),
      );
      expect(tried).toMatchObject({ ok: false, error: { name: 'TaskGroupError', errors: [error] } });
      expect((tried as { error: TaskGroupError }).error.message).toContain('fragile: Error: connection lost');
      expect(log).toEqual(['cleanup at 10']);
    }),
  );

  test(
    'a background task of the body that fails ends the resource and its owner',
    coroutineTest(function* () {
      const log: string[] = [];
      const error = new Error('reader');
      const reading = resource<string>(function* (provide) {
        spawn(failing(error, 5), { daemon: true });
        try {
          yield* provide('x');
        } finally {
          log.push('closed');
        }
      });
      const tried = yield* attempt(
        group(function* () {
          yield* acquire(reading);
          yield* forever();
        }),
      );
      expect(tried).toMatchObject({ ok: false, error: { errors: [{ errors: [error] }] } });
      expect(log).toEqual(['closed']);
    }),
  );

  test(
    'a body that ends before its release, without a failure, leaves nothing to release',
    coroutineTest(function* () {
      const brief = resource<string>(function* (provide) {
        yield* race([provide('x'), sleep(5)]);
      });
      yield* group(function* () {
        expect(yield* acquire(brief)).toBe('x');
        yield* sleep(10);
      });
    }),
  );

  test(
    'a body that shields its provide from the cancel of its acquirer goes on to its cleanup',
    coroutineTest(function* () {
      const log: string[] = [];
      const shielded = resource<string>(function* (provide) {
        yield* shield(
          (function* () {
            yield* sleep(20);
            yield* provide('nobody wants it');
          })(),
        );
        log.push('closed');
      });
      const tried = yield* attempt(timeout(10, acquire(shielded)));
      expect(tried).toMatchObject({ ok: false, error: { name: 'TimeoutError' } });
      expect(log).toEqual(['closed']);
    }),
  );

  test('no deadline of the acquirer gets into the body once it has provided', async () => {
    const log: string[] = [];
    await runTest(function* () {
      yield* timeout(
        5,
        (function* () {
          yield* acquire(door(log, 'a', 1, 100));
        })(),
      );
      yield* sleep(50);
      log.push('still open');
    });
    expect(log).toEqual(['open a', 'still open', 'close a']);
  });

  test('the context of the acquirer is seen by the body, and what the body sets stays there', async () => {
    const color = createContext('none');
    const painted = resource<string>(function* (provide) {
      const seen = color.get();
      color.set('body');
      yield* provide(seen);
      expect(color.get()).toBe('body');
    });
    await runTest(function* () {
      color.set('red');
      expect(yield* acquire(painted)).toBe('red');
      expect(color.get()).toBe('red');
      color.set('blue');
    });
  });

  test('what a body acquires itself is released after it, and what it defers too', async () => {
    const log: string[] = [];
    const outer = resource<string>(function* (provide) {
      defer(() => void log.push('deferred in the body'));
      const inner = yield* acquire(door(log, 'inner'));
      yield* provide(`around ${inner}`);
      log.push('close outer');
    });
    await runTest(function* () {
      expect(yield* acquire(outer)).toBe('around inner');
    });
    expect(log).toEqual(['open inner', 'close outer', 'close inner', 'deferred in the body']);
  });

  test(
    'a cancel of the body by itself before it provides reaches the acquirer as a failure',
    coroutineTest(function* () {
      const giving = resource<string>(function* (provide) {
        currentTask().cancel('no use');
        yield* provide('x');
      });
      const tried = yield* attempt(acquire(giving));
      expect(tried).toMatchObject({ ok: false, error: { name: 'CancelledError', reason: 'no use' } });
    }),
  );

  test(
    'a second provide is an error at that line',
    coroutineTest(function* () {
      const twice = resource<number>(function* twice(provide) {
        yield* provide(1);
        yield* provide(2);
      });
      const once = resource<number>(function* twice(provide) {
        yield* gather([provide(1), provide(2)]);
      });
      yield* group(function* () {
        expect(yield* acquire(twice)).toBe(1);
      });
      const tried = yield* attempt(
        group(function* () {
          yield* acquire(once);
          yield* forever();
        }),
      );
      expect(tried).toMatchObject({
        ok: false,
        error: { cause: { message: 'resource twice called provide() a second time. A resource has one value.' } },
      });
    }),
  );

  test('the type of the value comes from provide', () => {
    const numbers = resource<number>(function* (provide) {
      // @ts-expect-error a string is not a number
      yield* provide('1');
      yield* provide(1);
    });
    expectTypeOf(numbers).toEqualTypeOf<Resource<number>>();
    expectTypeOf(acquire(numbers)).toEqualTypeOf<Operation<number>>();
    expectTypeOf<Resource<1>>().toExtend<Resource<number>>();
  });

  test('anything but a function is refused at the call, with the call to write', () => {
    // @ts-expect-error a body is a function
    expect(() => resource(sleep(1))).toThrow(
      'resource takes a generator function, not an instance of Sleep. Write `resource(function* (provide) { yield* provide(value); })`.',
    );
  });
});
