import vm from 'node:vm';
import { expect, test } from 'vitest';
import { CancelledError, suppressedError } from '../errors.ts';
import { formatFailure } from './format-failure.ts';

function bare(message: string, options?: ErrorOptions): Error {
  return Object.assign(new Error(message, options), { stack: '' });
}

test('the causes of an error follow it, each further in', () => {
  const error = bare('top', { cause: bare('middle', { cause: 'the disk' }) });
  expect(formatFailure(error)).toBe('Error: top\ncaused by:\n  Error: middle\n  caused by:\n    Thrown: the disk');
});

test('both errors of a failed cleanup are shown', () => {
  const error = Object.assign(suppressedError(bare('close'), bare('work')), { stack: '' });
  expect(formatFailure(error)).toContain(
    'the error of the cleanup:\n  Error: close\nthe error before it:\n  Error: work',
  );
});

test('an error that refers to itself is shown once', () => {
  const error = bare('round');
  error.cause = error;
  expect(formatFailure(error)).toBe('Error: round\ncaused by:\n  Error: round (shown above)');
});

test('what is thrown without a stack is one line', () => {
  expect(formatFailure(new CancelledError('late', 'task a'))).toBe('CancelledError: Cancelled by task a: late');
  expect(formatFailure({ toString: null })).toBe('Thrown: an object without a printable form');
});

test('whatever is thrown is printed in full', () => {
  expect(formatFailure('a string')).toBe('Thrown: a string');
  expect(formatFailure(null)).toBe('Thrown: null');
  expect(formatFailure({ code: 'E', detail: { at: [1, 2] } })).toBe("Thrown: { code: 'E', detail: { at: [ 1, 2 ] } }");
  expect(formatFailure(Object.assign(Object.create(null), { code: 1 }))).toBe(
    'Thrown: [Object: null prototype] { code: 1 }',
  );
});

test('an error of another realm is printed like one of this', () => {
  const foreign = vm.runInNewContext(
    "Object.assign(new AggregateError([new TypeError('one'), 'two'], 'both'), { stack: '' })",
  ) as AggregateError;
  (foreign.errors[0] as Error).stack = '';
  expect(formatFailure(foreign)).toBe(
    'AggregateError: both\nfailure 1 of 2:\n  TypeError: one\nfailure 2 of 2:\n  Thrown: two',
  );
});

test('an error whose getters throw is printed as far as it can be', () => {
  const error = new Error('unread');
  for (const key of ['stack', 'cause', 'errors', 'message', 'name']) {
    Object.defineProperty(error, key, {
      get() {
        throw new TypeError(key);
      },
    });
  }
  expect(formatFailure(error)).toBe('an object without a printable form');
});
