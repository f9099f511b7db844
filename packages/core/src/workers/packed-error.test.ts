import { expect, test } from 'vitest';
import { CancelledError, TaskGroupError, TimeoutError } from '../errors.ts';
import { RemoteError, WorkerLostError } from './errors.ts';
import { ErrorClasses, packError } from './packed-error.ts';

/** There and back, as between threads. */
function travel(thrown: unknown, classes = new ErrorClasses()): unknown {
  return classes.unpack(structuredClone(packError(thrown)), 'worker 1');
}

test('an error comes home as its own class, with message, code, cause, properties and stack', () => {
  const cause = new RangeError('why');
  const sent = Object.assign(new TypeError('boom', { cause }), { code: 'E_BOOM', detail: { at: 3 } });
  const error = travel(sent) as typeof sent;
  expect(error).toBeInstanceOf(TypeError);
  expect(error).toMatchObject({ message: 'boom', code: 'E_BOOM', detail: { at: 3 } });
  expect(error.cause).toBeInstanceOf(RangeError);
  expect(error.stack).toBe(`${sent.stack}\n    at worker 1`);
});

test("errors of this library are what they were, a cancel with its reason and a group's failure with its parts", () => {
  expect(travel(new TimeoutError('late'))).toBeInstanceOf(TimeoutError);
  expect(travel(new WorkerLostError('gone', 'exit', 3))).toMatchObject({ reason: 'exit', exitCode: 3 });
  const cancel = travel(new CancelledError('enough', 'task main', ['a group'])) as CancelledError;
  expect(cancel.message).toBe('Cancelled by task main through a group: enough');
  const group = travel(new TaskGroupError([new TypeError('one'), 'two'], ['a', 'b'])) as TaskGroupError;
  expect(group).toBeInstanceOf(TaskGroupError);
  const [first, second] = group.errors;
  // Not compared as a whole: Bun adds a line and a column of its own to each error.
  expect(first).toBeInstanceOf(TypeError);
  expect(first).toMatchObject({ message: 'one' });
  expect([second, group.errors.length]).toEqual(['two', 2]);
});

class OddError extends Error {
  readonly odd: number;
  constructor(odd: number) {
    super(`${odd} is odd`);
    this.odd = odd;
  }
}

test('a class that only the worker knows becomes a RemoteError that names it, and itself where the pool was given it', () => {
  const remote = travel(new OddError(3)) as RemoteError;
  expect(remote).toBeInstanceOf(RemoteError);
  expect(remote).toMatchObject({ name: 'RemoteError', remoteName: 'OddError', message: '3 is odd', odd: 3 });
  const own = travel(new OddError(3), new ErrorClasses([OddError])) as OddError;
  expect(own).toBeInstanceOf(OddError);
  expect(own.odd).toBe(3);
});

test('an exception of the platform keeps its name, and its cause', () => {
  const error = travel(new DOMException('stop', 'AbortError')) as DOMException;
  expect(error).toBeInstanceOf(DOMException);
  expect(error.name).toBe('AbortError');
});

test('what is thrown and is not an error comes home as it is', () => {
  expect(travel('a string')).toBe('a string');
  expect(travel(undefined)).toBeUndefined();
  expect(travel({ at: 3 })).toEqual({ at: 3 });
  expect(travel(() => 1)).toBe('() => 1');
});

test('properties that cannot be cloned are left out, and a circle of causes ends', () => {
  const error: Error & { self?: unknown } = Object.assign(new Error('odd'), { fn: () => 1, socket: new WeakMap() });
  error.cause = error;
  error.self = error;
  const home = travel(error) as Error & { fn?: unknown; socket?: unknown };
  expect(home.message).toBe('odd');
  expect('fn' in home || 'socket' in home).toBe(false);
});
