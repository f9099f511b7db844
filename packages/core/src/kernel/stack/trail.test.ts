import { describe, expect, test } from 'vitest';
import { createScope } from '../../bridge/create-scope.ts';
import { until } from '../../bridge/until.ts';
import { Queue } from '../../channels/queue.ts';
import { CancelledError, TaskGroupError, TimeoutError } from '../../errors.ts';
import { Future } from '../../sync/future.ts';
import { asCompleted } from '../../tasks/as-completed.ts';
import { gather } from '../../tasks/gather.ts';
import { group } from '../../tasks/group.ts';
import { race } from '../../tasks/race.ts';
import { sleep } from '../../time/sleep.ts';
import { timeout } from '../../time/timeout.ts';
import { virtual } from '../fixtures/run.fixture.ts';
import { type Body, type Operation, Suspension } from '../operation/suspension.ts';
import { type RunOptions, Scheduler } from '../scheduler/scheduler.ts';
import { spawn } from '../scheduler/spawn.ts';
import { attempt } from '../task/attempt.ts';
import { coroutine } from '../task/coroutine.ts';

/** Runs on virtual time. */
function virtually<T>(body: Body<T>, options: RunOptions = {}): Promise<T> {
  return virtual().scheduler.run(body, options);
}

/** The error of an operation, as its caller gets it. */
function* errorOf(op: Operation<unknown>): Operation<Error> {
  try {
    yield* op;
  } catch (error) {
    return error as Error;
  }
  throw new Error('it did not fail');
}

function failure(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error) => error,
  );
}

/** The frames of a stack, without their places. */
function framesOf(error: unknown): string[] {
  return linesOf(error).map((line) => line.replace(/ ?\(?(?:\/|file:|http:|[A-Za-z]:)[^ ]*:\d+:\d+\)?$/, ' (here)'));
}

function linesOf(error: unknown): string[] {
  const lines = String((error as Error).stack).split('\n');
  return lines.filter((line) => /^ {4}(at|also) /.test(line)).map((line) => line.trim());
}

function* loadUser(): Operation<void> {
  yield* timeout(1, sleep(1000));
}
function* handler(): Operation<void> {
  yield* loadUser();
}

describe('a wait that fails', () => {
  test('names the line that waits, and those that called it', async () => {
    const error = await failure(virtually(handler(), { name: 'main' }));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error.stack).toMatch(/^TimeoutError: The deadline of 1 ms passed\..*\n {4}at /);
    expect(framesOf(error)).toEqual(['at loadUser (here)', 'at handler (here)', 'at async task main']);
    expect(linesOf(error)[0]).toContain('trail.test.ts');
  });

  test('leaves out the lines of the runtime and of the engine', async () => {
    const error = await failure(virtually(handler()));
    expect(error.stack).not.toMatch(/kernel\/(?:task|operation|scheduler)|node:|<anonymous>/);
  });

  test('keeps where the error was made, in front of where it was waited for', async () => {
    async function fetchIt(): Promise<void> {
      await null;
      throw new Error('made elsewhere');
    }
    function* waits(): Operation<void> {
      yield* until(fetchIt());
    }
    const error = await virtually(() => errorOf(waits()));
    expect(framesOf(error).slice(0, 2)).toEqual(['at fetchIt (here)', 'at async waits (here)']);
  });

  test('is told where the body that catches it reads it, not only outside', async () => {
    await virtually(function* () {
      const tried = yield* attempt(handler());
      expect(framesOf(tried.ok ? null : tried.error).slice(0, 2)).toEqual(['at loadUser (here)', 'at handler (here)']);
    });
  });

  test('names a line also where it fails at once', async () => {
    const queue = new Queue<number>();
    queue.shutdown();
    function* takes(): Operation<void> {
      yield* queue.get();
    }
    function* outside(): Operation<void> {
      yield* takes();
    }
    const error = await virtually(() => errorOf(outside()));
    expect(framesOf(error).slice(0, 2)).toEqual(['at takes (here)', 'at outside (here)']);
    expect(new Set(linesOf(error)).size).toBe(linesOf(error).length);
  });
});

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

describe('an error that leaves', () => {
  test('coroutines goes on with each that waited for it', async () => {
    const error = await failure(virtually(outer(), { name: 'main' }));
    expect(framesOf(error)).toEqual([
      'at inner (here)',
      'at async middle (here)',
      'at async outer (here)',
      'at async task main',
    ]);
  });

  test('coroutines within one native step tells no line twice', async () => {
    const quick = coroutine(function* quick(): Operation<void> {
      throw new Error('at once');
    });
    const calls = coroutine(function* calls(): Operation<void> {
      yield* quick();
    });
    const error = await failure(virtually(calls(), { name: 'main' }));
    expect(framesOf(error)).toEqual(['at quick (here)', 'at calls (here)', 'at async task main']);
  });

  test('a branch names its place in gather and race, and then the caller', async () => {
    function* caller(): Operation<void> {
      yield* gather([sleep(1000), handler()]);
    }
    expect(framesOf(await failure(virtually(caller(), { name: 'main' })))).toEqual([
      'at loadUser (here)',
      'at handler (here)',
      'at async gather (index 1)',
      'at async caller (here)',
      'at async task main',
    ]);
    const record = await failure(virtually(() => gather({ fast: sleep(1000), slow: handler() })));
    expect(framesOf(record)[2]).toBe('at async gather (key slow)');
    const raced = await failure(virtually(() => race([sleep(1000), sleep(500), handler()])));
    expect(framesOf(raced)[2]).toBe('at async race (index 2)');
    const completed = await failure(virtually(() => asCompleted([sleep(1000), handler()]).next()));
    expect(framesOf(completed)[2]).toBe('at async asCompleted (index 1)');
    const keyed = await failure(virtually(() => asCompleted({ fast: sleep(1000), slow: handler() }).next()));
    expect(framesOf(keyed)[2]).toBe('at async asCompleted (key slow)');
  });

  test('a task names the task, and then who joined it', async () => {
    function* joins(): Operation<void> {
      yield* group(function* work(g) {
        yield* g.spawn(handler(), { name: 'worker' });
      });
    }
    const error = await failure(virtually(joins(), { name: 'main' }));
    expect(error).toBeInstanceOf(TaskGroupError);
    expect(framesOf(error)).toEqual(['at joins (here)', 'at async task main']);
    expect(framesOf(error.cause).slice(0, 4)).toEqual([
      'at loadUser (here)',
      'at handler (here)',
      'at async task worker',
      'at async work (here)',
    ]);
  });

  test('a scope of a host program is told, too', async () => {
    const app = createScope();
    expect(framesOf(await failure(app.run(inner())))[0]).toBe('at inner (here)');
    await app.close();
  });

  test('every error of a scope has its own lines', async () => {
    function* first(): Operation<void> {
      yield* sleep(1);
      throw new Error('first');
    }
    function* second(): Operation<void> {
      try {
        yield* sleep(1000);
      } finally {
        yield* timeout(1, sleep(10));
      }
    }
    const error = (await failure(
      virtually(
        function* main() {
          spawn(first(), { name: 'one' });
          spawn(second(), { name: 'two' });
        },
        { name: 'main' },
      ),
    )) as TaskGroupError;
    expect(error.errors.map(framesOf)).toEqual([
      ['at first (here)', 'at async task one'],
      ['at second (here)', 'at async task two'],
    ]);
    expect(framesOf(error)).toEqual(['at async task main']);
  });

  test('in debug each task says where it was spawned', async () => {
    const error = await failure(new Scheduler({ debug: true }).run(handler(), { name: 'main' }));
    expect(linesOf(error).at(-1)).toMatch(/^at async task main \(.*trail\.test\.ts:\d+:\d+\)$/);
  });
});

describe('a cancel', () => {
  test("of the task's own has no lines and no text", async () => {
    let caught: unknown;
    await virtually(function* () {
      const task = spawn(function* victim() {
        try {
          yield* sleep(1000);
        } catch (error) {
          caught = error;
          throw error;
        }
      });
      yield* sleep(0);
      yield* task.cancel('enough');
    });
    expect(caught).toBeInstanceOf(CancelledError);
    expect(linesOf(caught)).toEqual([]);
    expect(Object.hasOwn(caught as object, 'message')).toBe(false);
  });

  test('that reaches a joiner as a failure gets the lines of the joiner', async () => {
    function* joins(): Operation<Error> {
      const task = spawn(sleep(1000), { name: 'victim' });
      task.cancel('enough');
      return yield* errorOf(task);
    }
    const error = await virtually(joins());
    expect(error).toBeInstanceOf(CancelledError);
    expect(framesOf(error).slice(0, 3)).toEqual([
      'at async task victim',
      'at async errorOf (here)',
      'at async joins (here)',
    ]);
    expect(error.stack).toMatch(/^CancelledError: Cancelled by task /);
    expect(structuredClone(error).message).toBe(error.message);
  });

  test('that reaches a promise names the task, and is cloned with its message', async () => {
    const controller = new AbortController();
    const promise = failure(virtually(sleep(1000), { name: 'main', signal: controller.signal }));
    controller.abort('no more');
    const error = await promise;
    expect(framesOf(error)).toEqual(['at async task main']);
    expect(structuredClone(error).message).toBe('Cancelled by an AbortSignal: no more');
  });
});

describe('an error that several wait for', () => {
  function* waits(future: Future<void>): Operation<unknown> {
    return yield* errorOf(future);
  }

  test('is one error for all; each further wait adds one line', async () => {
    const future = new Future<void>();
    const error = new Error('shared');
    const caught = await virtually(function* () {
      const tasks = [1, 2, 3].map(() => spawn(waits(future)));
      yield* sleep(0);
      future.reject(error);
      return yield* gather(tasks);
    });
    expect(caught.every((each) => each === error)).toBe(true);
    expect(framesOf(error).slice(-4)).toEqual([
      'at async errorOf (here)',
      'at async waits (here)',
      'also thrown at errorOf (here)',
      'also thrown at errorOf (here)',
    ]);
  });

  test('stays as small as it is, however often it is thrown', async () => {
    const future = new Future<void>();
    const error = new Error('shared');
    await virtually(function* () {
      future.reject(error);
      for (let i = 0; i < 20; i++) yield* waits(future);
      const { length } = linesOf(error);
      for (let i = 0; i < 1000; i++) yield* waits(future);
      expect(linesOf(error).length).toBe(length);
    });
    expect(linesOf(error).filter((line) => line.startsWith('also')).length).toBe(7);
  });

  test('of a deep chain the innermost lines are told', async () => {
    function* deep(levels: number): Operation<void> {
      if (levels === 0) yield* timeout(1, sleep(100));
      else yield* deep(levels - 1);
    }
    const again = coroutine(function* again(levels: number): Operation<void> {
      if (levels === 0) yield* sleep(1, undefined);
      else yield* again(levels - 1);
      throw new Error('deep');
    });
    expect(linesOf(await failure(virtually(deep(300)))).length).toBe(64);
    expect(linesOf(await failure(virtually(again(1000)))).length).toBeLessThan(20);
  });
});

describe('what is thrown is left as it is', () => {
  /** Fails with what it is given, as any wait does. */
  class Fails extends Suspension<void> {
    readonly label = 'fails';
    readonly #thrown: unknown;
    constructor(thrown: unknown) {
      super();
      this.#thrown = thrown;
    }
    poll(): boolean {
      return false;
    }
    arm(): void {
      queueMicrotask(() => this.fail(this.#thrown));
    }
    disarm(): void {}
  }

  test('where it is frozen, has a getter that throws, or is no error', async () => {
    const evil = new Error('evil');
    Object.defineProperty(evil, 'stack', {
      get() {
        throw new Error('do not read this');
      },
    });
    class Hidden extends Error {
      override get cause(): unknown {
        throw new Error('nor this');
      }
    }
    const prepared = Object.assign(new Error('prepared'), { stack: [1, 2] });
    const proxy = new Proxy(new Error('proxy'), {
      getOwnPropertyDescriptor() {
        throw new Error('nor that');
      },
    });
    const frozen = Object.freeze(new Error('frozen'));
    const { stack } = frozen;
    for (const thrown of [frozen, evil, new Hidden('hidden'), prepared, proxy, 'text', null, undefined, 7, { a: 1 }]) {
      expect(await failure(virtually(new Fails(thrown)))).toBe(thrown);
    }
    expect(frozen.stack).toBe(stack);
    expect(prepared.stack).toEqual([1, 2]);
  });

  test('and a stack that is written later is the one that is read', async () => {
    const error = await failure(virtually(handler()));
    error.stack = 'written';
    expect(error.stack).toBe('written');
    expect(Object.keys(error)).not.toContain('stack');
  });

  test('where the host wants no stacks', async () => {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      const error = await failure(virtually(handler()));
      expect(linesOf(error)).toEqual([]);
    } finally {
      Error.stackTraceLimit = limit;
    }
  });

  test('also where the intrinsics are frozen', async () => {
    const limit = Error.stackTraceLimit;
    Object.defineProperty(Error, 'stackTraceLimit', { value: limit, writable: false });
    try {
      expect(framesOf(await failure(virtually(handler())))[0]).toBe('at loadUser (here)');
      expect(new CancelledError('still made').message).toContain('still made');
    } finally {
      Object.defineProperty(Error, 'stackTraceLimit', { value: limit, writable: true });
    }
  });
});

test("the platform's clone keeps message, stack and cause", async () => {
  const error = await failure(virtually(outer()));
  const clone = structuredClone(error);
  expect(clone.message).toBe('broken');
  expect(clone.stack).toBe(error.stack);
});
