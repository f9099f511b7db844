import { expect, test } from 'vitest';
import { createScope } from '../../bridge/create-scope.ts';
import { TaskGroupError } from '../../errors.ts';
import { group } from '../../tasks/group.ts';
import { sleep } from '../../time/sleep.ts';
import type { Operation } from '../operation/suspension.ts';
import { run } from '../scheduler/run.ts';
import { Scheduler } from '../scheduler/scheduler.ts';
import { spawn } from '../scheduler/spawn.ts';
import { attempt } from '../task/attempt.ts';
import { coroutine } from '../task/coroutine.ts';
import { AsyncTraces } from './async-trace.ts';

const inner = coroutine(function* inner(): Operation<void> {
  yield* sleep(0);
  throw new Error('broken');
});
const middle = coroutine(function* middle(): Operation<void> {
  yield* inner();
});
const outer = coroutine(function* outer(): Operation<void> {
  yield* middle();
});

async function failure(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error) => error,
  );
}

/** The lines that the runtime added to a stack. */
function traceOf(error: Error): string[] {
  const lines = (error.stack ?? '').split('\n').map((line) => line.trim());
  return lines.slice(lines.findIndex((line) => /^at \w+\(\)/.test(line)));
}

test('the stack of an error goes on with the coroutines that it left, and with its task', async () => {
  const error = await failure(run(outer(), { name: 'main' }));
  expect(error.stack).toMatch(/^Error: broken\n {4}at /);
  expect(traceOf(error)).toEqual(['at inner()', 'at middle()', 'at outer()', 'at task main']);
});

test('and with the tasks that joined the one it came from', async () => {
  const error = await failure(
    run(
      function* () {
        yield* group(function* (g) {
          yield* g.spawn(middle(), { name: 'worker' });
        });
      },
      { name: 'main' },
    ),
  );
  expect(error).toBeInstanceOf(TaskGroupError);
  expect(traceOf(error.cause as Error).slice(0, 3)).toEqual([
    'at inner()',
    'at middle()',
    'at task worker, of a group in task main',
  ]);
});

test('every error of a scope has its own', async () => {
  const error = (await failure(
    run(function* main() {
      spawn(inner(), { name: 'one' });
      spawn(inner(), { name: 'two' });
    }),
  )) as TaskGroupError;
  expect(error.errors.map((each) => traceOf(each)[0])).toEqual(
    ['at inner()', 'at inner()'].slice(0, error.errors.length),
  );
});

test('in debug each line says where the call was made', async () => {
  const error = await failure(new Scheduler({ debug: true }).run(outer(), { name: 'main' }));
  expect(traceOf(error)[1]).toMatch(/^at middle\(\) \(.*async-trace\.test\.ts.*:\d+:\d+\)$/);
});

test('a scope for a host program tells it too', async () => {
  const app = createScope();
  expect(traceOf(await failure(app.run(inner())))[0]).toBe('at inner()');
  await app.close();
});

test('an error that is handled inside costs no text, and its stack is left alone', async () => {
  await run(function* () {
    const tried = yield* attempt(outer());
    expect(String(!tried.ok && (tried.error as Error).stack)).not.toContain('at outer()');
  });
});

test('the same lines are added once, and a frozen error is left as it is', () => {
  const traces = new AsyncTraces();
  const error = new Error('twice');
  traces.record(error, 'work()', null);
  traces.attach(error);
  const { stack } = error;
  traces.attach(error);
  expect(error.stack).toBe(stack);
  const frozen = Object.freeze(new Error('frozen'));
  traces.record(frozen, 'work()', null);
  traces.attach(frozen);
  expect(frozen.stack).not.toContain('work()');
});

test('of a deep recursion the innermost calls are told', () => {
  const traces = new AsyncTraces();
  const error = new Error('deep');
  for (let i = 0; i < 1000; i++) traces.record(error, 'again()', null);
  traces.attach(error);
  expect(error.stack?.match(/at again\(\)/g)).toHaveLength(40);
  expect(error.stack?.endsWith('\n    at more')).toBe(true);
});
