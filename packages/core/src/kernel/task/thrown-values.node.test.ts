import vm from 'node:vm';
import { describe, expect, test } from 'vitest';
import {
  attempt,
  defer,
  forever,
  gather,
  group,
  isCancelled,
  type Operation,
  race,
  retry,
  shield,
  sleep,
  spawn,
  TaskGroupError,
  timeout,
} from '../../index.ts';
import { formatFailure } from '../../node/format-failure.ts';
import { fixed } from '../../policy/fixed.ts';
import { runTest } from '../../testing/run-test.ts';

/** An error each of whose properties throws when it is read. */
function unreadable(): Error {
  const error = new Error();
  for (const key of ['stack', 'cause', 'errors', 'error', 'suppressed', 'message', 'name']) {
    Object.defineProperty(error, key, {
      get() {
        throw new TypeError(`${key} cannot be read`);
      },
    });
  }
  return error;
}

const kinds: [string, () => unknown][] = [
  ['a string', () => 'a string'],
  ['null', () => null],
  ['a symbol', () => Symbol('thrown')],
  ['a plain object', () => ({ code: 'E' })],
  ['an object without a prototype', () => Object.create(null)],
  ['a function', () => () => {}],
  ['a frozen error', () => Object.freeze(new Error('frozen'))],
  ['an error of another realm', () => vm.runInNewContext("new TypeError('foreign')")],
  ['several of another realm', () => vm.runInNewContext("new AggregateError([new Error('one')], 'both')")],
  ['an error whose getters throw', unreadable],
  [
    'a proxy whose traps throw',
    () =>
      new Proxy(new Error('hidden'), {
        get: (_, key) => {
          throw new TypeError(`${String(key)} cannot be read`);
        },
        getPrototypeOf: () => {
          throw new TypeError('no prototype can be read');
        },
      }),
  ],
];

describe.each(kinds)('%s', (_, make) => {
  test('is thrown on as it is, and told in every report', () =>
    runTest(function* () {
      const thrown = make();
      function* fails(): Operation<never> {
        yield* sleep(1);
        throw thrown;
      }
      function* caught(operation: () => Operation<unknown>): Operation<unknown> {
        const tried = yield* attempt(operation());
        return tried.ok ? 'nothing' : tried.error;
      }
      const ways: (() => Operation<unknown>)[] = [
        fails,
        () => gather([fails(), forever()]),
        () => race([fails(), forever()]),
        () => timeout(10, fails()),
        () => shield(fails()),
        () => retry(fails, fixed(1).attempts(2)),
      ];
      for (const way of ways) expect(Object.is(yield* caught(way), thrown)).toBe(true);
      expect(isCancelled(thrown)).toBe(false);
      expect(formatFailure(thrown)).not.toBe('');

      const failed = yield* caught(() =>
        group(function* () {
          yield* spawn(fails());
        }),
      );
      expect(failed).toBeInstanceOf(TaskGroupError);
      expect(Object.is((failed as TaskGroupError).errors[0], thrown)).toBe(true);
      expect(formatFailure(failed)).toContain('1 failure in one scope');

      const both = (yield* caught(() =>
        group(function* () {
          defer(() => {
            throw thrown;
          });
          throw new Error('body');
        }),
      )) as Error;
      expect(formatFailure(both)).toContain('body');
    }));
});
