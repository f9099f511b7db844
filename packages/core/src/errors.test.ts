import { describe, expect, test } from 'vitest';
import { CancelledError, isCancelled, suppressedError, TaskGroupError } from './errors.ts';
import { virtual } from './kernel/fixtures/run.fixture.ts';
import type { Operation } from './kernel/operation/suspension.ts';
import { spawn } from './kernel/scheduler/spawn.ts';
import { attempt } from './kernel/task/attempt.ts';
import { defer } from './resources/defer.ts';
import { runTest } from './testing/run-test.ts';
import { forever } from './time/forever.ts';
import { sleep } from './time/sleep.ts';
import { tick } from './time/tick.ts';
import { timeout } from './time/timeout.ts';

function* chain(depth: number): Operation<void> {
  if (depth > 0) yield* spawn(chain(depth - 1));
  else throw new Error('at the end of the chain');
}

test('a failure at the end of a chain of 3,000 tasks fails every one of them, in a message that can be read', async () => {
  const failed: unknown = await runTest(() => chain(3_000)).catch((error: unknown) => error);
  const { message } = failed as TaskGroupError;
  expect(message).toMatch(/^1 failure in one scope:\n {2}\S+: TaskGroupError: 1 failure in one scope:\n {4}\S/);
  expect(message).toContain('…\n');
  expect(message).toMatch(/Error: at the end of the chain$/);
  expect(message.length).toBeLessThan(2_000);
  let leaf = failed;
  let depth = 0;
  for (; leaf instanceof TaskGroupError; depth++) leaf = leaf.errors[0];
  expect(depth).toBe(3_000);
  expect(leaf).toEqual(new Error('at the end of the chain'));
});

test('the message of a thousand failures names a hundred tasks and says how many more there are', () => {
  const errors = Array.from({ length: 1_000 }, (_, i) => new Error(`number ${i}`));
  const error = new TaskGroupError(
    errors,
    errors.map((_, i) => `worker ${i}`),
  );
  expect(error.message).toContain('worker 99: Error: number 99');
  expect(error.message).not.toContain('worker 100:');
  expect(error.message).toMatch(/… and 900 more, see `errors`$/);
  expect(error.errors).toHaveLength(1_000);
});

test('15,000 cleanups that fail after a cancel are all in the error, and the task has ended', async () => {
  const depth = await runTest(function* () {
    const task = spawn(function* () {
      for (let i = 0; i < 15_000; i++) {
        defer(() => {
          throw new Error(`cleanup ${i}`);
        });
      }
      yield* forever();
    });
    yield* tick();
    const ended = yield* attempt(task.cancel());
    let at: unknown = ended.ok ? null : ended.error;
    let count = 1;
    for (; at instanceof Error && 'suppressed' in at; count++) at = at.suppressed;
    return count;
  });
  expect(depth).toBe(15_000);
});

test('a cancel is found below 20,000 errors of cleanups', async () => {
  const cancelled = await runTest(function* () {
    const task = spawn(sleep(1));
    task.cancel();
    const ended = yield* attempt(task);
    return ended.ok ? null : ended.error;
  });
  let error: unknown = cancelled;
  for (let i = 0; i < 20_000; i++) error = suppressedError(new Error('x'), error);
  expect(isCancelled(error)).toBe(true);
  expect(isCancelled(suppressedError(cancelled, new Error('x')))).toBe(true);
  expect(isCancelled(suppressedError(new Error('y'), new Error('x')))).toBe(false);
});

class ConfigError extends Error {}
class MissingError extends ConfigError {}

const missing = new MissingError('no file');
const wrong = new TypeError('no number');
const plain = new Error('plain');
const inner = new TaskGroupError([missing, wrong], ['reader', 'parser']);
const outer = new TaskGroupError([inner, plain, missing], ['load', 'save', 'check']);

test('split parts the failures of a class from the others, and keeps the nesting and the names of the tasks', () => {
  const [configs, rest] = outer.split(ConfigError);
  expect(configs?.errors).toEqual([expect.any(TaskGroupError), missing]);
  expect((configs?.errors[0] as TaskGroupError | undefined)?.errors).toEqual([missing]);
  expect(configs?.message).toContain('load: TaskGroupError: 1 failure in one scope:\n    reader: Error: no file');
  expect(configs?.message).toContain('\n  check: Error: no file');
  expect(configs?.cause).toBe(configs?.errors[0]);
  expect((rest?.errors[0] as TaskGroupError | undefined)?.errors).toEqual([wrong]);
  expect(rest?.errors[1]).toBe(plain);
  expect(outer.errors).toHaveLength(3);
});

test('what matches as a whole, or not at all, is the same object', () => {
  expect(outer.split(Error)).toEqual([outer, null]);
  expect(outer.subgroup(Error)).toBe(outer);
  expect(outer.subgroup(TaskGroupError)).toBe(outer);
  expect(outer.split(RangeError)).toEqual([null, outer]);
  expect(outer.split(RangeError)[1]).toBe(outer);
  expect(outer.subgroup(RangeError)).toBeNull();
  const leaves = (error: unknown) => !(error instanceof TaskGroupError);
  expect(outer.subgroup(leaves)).toBe(outer);
  const withoutPlain = outer.split((error) => error === plain)[1];
  expect(withoutPlain?.errors[0]).toBe(inner);
});

test('a predicate is asked about groups too, and takes one as a whole', () => {
  const asked: unknown[] = [];
  const part = outer.subgroup((error) => asked.push(error) > 0 && error === inner);
  expect(part?.errors).toEqual([inner]);
  expect(part?.errors[0]).toBe(inner);
  expect(asked).toEqual([outer, inner, plain, missing]);
  expect(outer.subgroup((error) => error === outer)).toBe(outer);
});

test('a failure that is no error can be told by a predicate', () => {
  const thrown = new TaskGroupError([undefined, 'text', plain], []);
  expect(thrown.subgroup((error) => error === undefined)?.errors).toEqual([undefined]);
  expect(thrown.split(Error)[1]).toBeNull();
  expect(new TaskGroupError([undefined, plain], []).split(TypeError)[1]?.errors).toEqual([undefined, plain]);
});

test('a class that is not of errors is a function like any other, and what is neither is refused with what to write', () => {
  expect(() => outer.split('TypeError' as never)).toThrow(
    'TaskGroupError.split takes a class of errors or a function, not TypeError. Write `error.split(TypeError)`',
  );
  expect(() => outer.subgroup((async () => true) as never)).toThrow('got a promise from its function');
});

test('a failure below 20,000 groups is found', () => {
  let error = new TaskGroupError([wrong, plain], []);
  for (let i = 0; i < 20_000; i++) error = new TaskGroupError([error], []);
  const [types, rest] = error.split((e) => e === wrong);
  let depth = 0;
  for (let at: unknown = types; at instanceof TaskGroupError; at = at.errors[0]) depth++;
  expect(depth).toBe(20_001);
  expect(rest).not.toBeNull();
});

describe('errors as JSON', () => {
  function* work(): Operation<void> {
    yield* timeout(1, sleep(10));
  }

  test('have their name, message and cause, and the lines of the user', async () => {
    const error = await virtual()
      .scheduler.run(work())
      .catch((thrown: unknown) => thrown);
    const json = JSON.parse(JSON.stringify({ error })).error as Record<string, string>;
    expect(json.name).toBe('TimeoutError');
    expect(json.message).toContain('The deadline of 1 ms passed.');
    expect(json.stack).toMatch(/^at work \(.*errors\.test\.ts.*:\d+:\d+\)/);
    expect(json.stack).not.toContain('kernel/');
  });

  test('of a cancel have who asked and why, whatever was given as reason', () => {
    const circular: Record<string, unknown> = { secret: 'token' };
    circular.self = circular;
    for (const reason of [circular, 10n, Symbol('why'), () => 1]) {
      const json = JSON.stringify(new CancelledError(reason, 'task main'));
      expect(json).toContain('"requestedBy":"task main"');
      expect(json).not.toContain('token');
    }
    expect(JSON.parse(JSON.stringify(new CancelledError('enough')))).toMatchObject({
      name: 'CancelledError',
      message: 'Cancelled by the host: enough',
      reason: 'enough',
    });
  });

  test('have the errors that they hold, also one that holds itself', () => {
    const inner = new Error('inner', { cause: new TypeError('innermost') });
    const error = new TaskGroupError([inner, 'text'], ['one', 'two']);
    inner.cause = error;
    const json = JSON.parse(JSON.stringify(error));
    expect(json.errors).toMatchObject([{ name: 'Error', message: 'inner' }, 'text']);
    expect(json.errors[0].cause).toContain('2 failures in one scope');
  });
});
