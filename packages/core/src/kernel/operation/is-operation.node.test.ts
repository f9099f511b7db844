import vm from 'node:vm';
import { describe, expect, test } from 'vitest';
import {
  asAsync,
  attempt,
  coroutine,
  createContext,
  defer,
  forEach,
  gather,
  group,
  type Operation,
  race,
  retry,
  run,
  shield,
  sleep,
  spawn,
  stream,
  supervise,
  timeout,
} from '../../index.ts';
import { fixed } from '../../policy/fixed.ts';
import { runTest } from '../../testing/run-test.ts';
import { isOperation } from './is-operation.ts';
import type { Suspension } from './suspension.ts';

function* work(): Operation<string> {
  yield* sleep(1);
  return 'ran';
}

class Work {
  [Symbol.iterator](): Iterator<Suspension, string, unknown> {
    return work()[Symbol.iterator]();
  }
}

/** What TypeScript's `__generator` makes of a generator for ES5; `base` is its prototype, which depends on the platform. */
function downlevel(base: object): Operation<string> {
  const steps = work() as Generator<Suspension, string>;
  return Object.assign(Object.create(base) as object, {
    next: (sent: unknown) => steps.next(sent),
    throw: (error: unknown) => steps.throw(error),
    return: (value: string) => steps.return(value),
    [Symbol.iterator](this: object) {
      return this;
    },
  }) as unknown as Operation<string>;
}

const iteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())) as object;
const foreign = vm.runInNewContext('(body) => ({ [Symbol.iterator]: body })') as (body: unknown) => Operation<string>;
const foreignClass = vm.runInNewContext(
  '(body) => new (class Work { [Symbol.iterator]() { return body(); } })()',
) as typeof foreign;
const foreignGenerator = vm.runInNewContext('(body) => (function* () { return yield* body(); })()') as typeof foreign;

const kinds: [string, () => Operation<string>][] = [
  ['a generator', work],
  ['a suspension', () => sleep(1, 'ran')],
  ['a call of a coroutine', coroutine(work)],
  ['an instance of a class', () => new Work()],
  ['a plain object', () => ({ [Symbol.iterator]: () => work()[Symbol.iterator]() })],
  ['an object without a prototype', () => Object.assign(Object.create(null), { [Symbol.iterator]: work })],
  ['an object with a name of its own', () => Object.assign(new Work(), { [Symbol.toStringTag]: 'Work' })],
  ['an event target', () => Object.assign(new EventTarget(), { [Symbol.iterator]: () => work()[Symbol.iterator]() })],
  ['a generator compiled to ES5', () => downlevel(Object.prototype)],
  ['one compiled for a platform with Iterator', () => downlevel(iteratorPrototype)],
  ['an object of another realm', () => foreign(work)],
  ['an instance of a class of another realm', () => foreignClass(work)],
  ['a generator of another realm', () => foreignGenerator(work)],
];

describe.each(kinds)('%s', (_, make) => {
  test('runs wherever an operation is taken', async () => {
    expect(isOperation(make())).toBe(true);
    const ran: string[] = [];
    const deferred = (): Operation<void> => ({
      *[Symbol.iterator]() {
        ran.push(yield* make());
      },
    });
    await runTest(function* () {
      const variable = createContext('');
      ran.push(yield* make());
      ran.push(yield* spawn(make()));
      ran.push(yield* spawn(make));
      ran.push(...(yield* gather([make(), make()])));
      ran.push(yield* race([make()]));
      ran.push(yield* timeout(10, make()));
      ran.push(yield* timeout(10, make));
      ran.push(yield* shield(make()));
      ran.push(yield* group(make));
      ran.push(yield* supervise(make));
      ran.push(yield* coroutine(make)());
      ran.push(yield* retry(make, fixed(1).attempts(2)));
      ran.push(yield* variable.with('', make()));
      const tried = yield* attempt(make());
      if (tried.ok) ran.push(tried.value);
      yield* group(function* () {
        defer(deferred);
      });
      yield* forEach(stream([1]), deferred);
      ran.push(...(yield* stream([1]).map(make).collect()));
      yield* stream([1])
        .filter(() => deferred() as unknown as Operation<boolean>)
        .collect();
    });
    // Real time: the scheduler of hosts.
    ran.push(await run(make()), await run(make), await asAsync(make)());
    expect(ran).toEqual(Array.from({ length: 22 }, () => 'ran'));
  });
});

const other = (text: string): Iterable<unknown> => vm.runInNewContext(text) as Iterable<unknown>;
const values: [string, () => Iterable<unknown>][] = [
  ['an array', () => [1]],
  ['a String', () => new String('a') as unknown as Iterable<unknown>],
  ['a Map', () => new Map([[1, 2]])],
  ['a Set', () => new Set([1])],
  ['a class that extends Set', () => new (class Names extends Set {})([1])],
  ['a typed array', () => new Float64Array(1)],
  ['a Buffer', () => Buffer.from('a')],
  ['arguments', () => other('(function () { return arguments; })(1)')],
  ['an iterator of an array', () => [1][Symbol.iterator]()],
  ['an iterator of a Map', () => new Map([[1, 2]]).entries()],
  ['matches', () => 'a'.matchAll(/a/g)],
  ['URLSearchParams', () => new URLSearchParams('a=b')],
  ['Headers', () => new Headers({ a: 'b' })],
  ['FormData', () => new FormData()],
  ['an array of another realm', () => other('[1]')],
  ['a Map of another realm', () => other('new Map([[1, 2]])')],
  ['a Set of another realm', () => other('new Set([1])')],
  ['a typed array of another realm', () => other('new Uint8Array(1)')],
];

describe.each(values)('%s', (_, make) => {
  test('is a value in map and filter, and refused where an operation is taken', async () => {
    await runTest(function* () {
      const value = make();
      const made: unknown[] = yield* stream([1])
        .map(() => value)
        .collect();
      expect(made[0]).toBe(value);
      expect(
        yield* stream([1])
          .filter(() => value as unknown as boolean)
          .collect(),
      ).toEqual([1]);
      yield* forEach(stream([1]), () => value as unknown as undefined);
      expect(() => spawn(value as never)).toThrow(/^spawn takes (one |an )operation/);
      const ran = yield* attempt(timeout(10, () => value as never));
      expect(ran).toMatchObject({ ok: false, error: { name: 'TypeError' } });
    });
  });
});

class List {
  *[Symbol.iterator](): Generator<number> {
    yield 1;
    yield 2;
  }
}

test('an object that yields data is named, with how to return it as a value', () =>
  runTest(function* () {
    const list = new List() as unknown as number;
    const message = (what: string): string =>
      `${what} got an instance of List from its function, which yields data and is no operation. Return \`[value]\` to hand on a value that is iterable.`;
    const mapped = yield* attempt(
      stream([1])
        .map(() => list)
        .collect(),
    );
    expect(mapped).toMatchObject({ ok: false, error: new TypeError(message('stream.map')) });
    const filtered = yield* attempt(
      stream([1])
        .filter(() => list as unknown as boolean)
        .collect(),
    );
    expect(filtered).toMatchObject({ ok: false, error: new TypeError(message('stream.filter')) });
    const each = yield* attempt(forEach(stream([1]), () => list as unknown as undefined));
    expect(each).toMatchObject({ ok: false, error: new TypeError(message('forEach')) });
    // As the message says:
    const [[kept] = []] = yield* stream([1])
      .map(() => [list])
      .collect();
    expect(kept).toBe(list);
  }));
