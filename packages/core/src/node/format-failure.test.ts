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
