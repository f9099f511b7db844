import { describe, expect, test } from 'vitest';
import { CancelledError, suppressedError, TaskGroupError } from '../../errors.ts';
import { INJECTED } from './explorer.ts';
import { isAlike, isInjected } from './failure.ts';

describe('isInjected', () => {
  const injected = new CancelledError(INJECTED);

  test('is true for an injected cancel, alone or in a group of nothing else', () => {
    expect(isInjected(injected)).toBe(true);
    expect(isInjected(new TaskGroupError([injected, injected], ['a', 'b']))).toBe(true);
    expect(isInjected(suppressedError(injected, injected))).toBe(true);
  });

  test('is false for anything else', () => {
    expect(isInjected(new CancelledError('mine'))).toBe(false);
    expect(isInjected(new TaskGroupError([injected, new Error('x')], ['a', 'b']))).toBe(false);
    expect(isInjected(suppressedError(new Error('x'), injected))).toBe(false);
    expect(isInjected(new Error('x', { cause: injected }))).toBe(false);
    expect(isInjected(undefined)).toBe(false);
  });
});

describe('isAlike', () => {
  test('compares the error but for its numbers, and deadlocks by being deadlocks', () => {
    const error = (message: string) => ({ kind: 'error', error: new Error(message) }) as const;
    expect(isAlike(error('balance is 1'), error('balance is 22'))).toBe(true);
    expect(isAlike(error('balance is 1'), error('no balance'))).toBe(false);
    expect(isAlike(error('x'), { kind: 'error', error: new TypeError('x') })).toBe(false);
    expect(isAlike(error('x'), null)).toBe(false);
    expect(isAlike({ kind: 'deadlock', error: new Error('a') }, { kind: 'deadlock', error: new Error('b') })).toBe(
      true,
    );
  });
});
