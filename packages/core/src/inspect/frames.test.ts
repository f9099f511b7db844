import { describe, expect, test } from 'vitest';
import {
  coroutine,
  currentTask,
  gather,
  group,
  Lock,
  type Operation,
  Queue,
  run,
  Scheduler,
  sleep,
  spawn,
  type Task,
  tick,
  timeout,
} from '../index.ts';
import { runTest } from '../testing/run-test.ts';
import { formatTree, type TaskView, taskTree } from './index.ts';

/** What stands at `name` in the tree of the running scheduler. */
function viewOf(name: string): TaskView {
  const all: TaskView[] = [...taskTree()];
  for (const each of all) all.push(...each.children);
  const found = all.find((task) => task.name === name);
  if (found === undefined) throw new Error(`no task ${name} in\n${formatTree(taskTree())}`);
  return found;
}

/** What the functions are called in which it stands, innermost first. */
function functionsOf(name: string): string[] | undefined {
  return viewOf(name).frames?.map((frame) => frame.function);
}

describe('the lines of a task that waits', () => {
  test('are those of its generators, innermost first, through coroutines, deadlines and groups', () =>
    runTest(function* () {
      function* leaf(): Operation<void> {
        yield* sleep(10);
      }
      const middle = coroutine(function* middle() {
        yield* timeout(1_000, leaf());
      });
      function* top(): Operation<void> {
        yield* group(function* body() {
          yield* middle();
        });
      }
      spawn(top(), { name: 'top' });
      yield* tick();
      expect(functionsOf('top')).toEqual(['leaf', 'middle', 'body', 'top']);
      for (const { file, line, column } of viewOf('top').frames ?? []) {
        expect(file).toContain('frames.test.ts');
        expect(Math.min(line, column)).toBeGreaterThan(0);
      }
    }));

  test('are there for every branch of a combinator, and for methods', () =>
    runTest(function* () {
      class Service {
        *serve(): Operation<number> {
          return yield* new Queue<number>().get();
        }
      }
      const service = spawn(new Service().serve(), { name: 'service', daemon: true });
      spawn(gather([sleep(5), new Service().serve()]), { name: 'both', daemon: true });
      yield* tick();
      yield* tick();
      expect(functionsOf('service')).toEqual([expect.stringMatching(/^(Service\.)?serve$/)]);
      expect(functionsOf('both')).toEqual([]);
      expect(viewOf('both').children.map(({ frames }) => frames?.length)).toEqual([0, 1]);
      yield* service.cancel();
    }));

  test('of a recursion are as many as it has levels', () =>
    runTest(function* () {
      const down = coroutine(function* down(levels: number): Operation<void> {
        if (levels === 0) yield* sleep(10);
        else yield* down(levels - 1);
      });
      spawn(down(299), { name: 'deep' });
      yield* tick();
      expect(viewOf('deep').frames).toHaveLength(300);
      expect(
        formatTree([viewOf('deep')])
          .trimEnd()
          .split('\n')
          .at(-1),
      ).toBe('    and 280 more');
    }));

  test('are in the text of the tree, with the deadline that is nearest', () =>
    runTest(function* () {
      function* slow(): Operation<void> {
        yield* timeout(900, timeout(500, sleep(10_000)));
      }
      const task = spawn(slow(), { name: 'slow' });
      yield* sleep(100);
      expect(formatTree([viewOf('slow')])).toMatch(
        /^task slow .*: waiting for sleep\(10000\), 400 ms before its deadline, at .*frames\.test\.ts\S*:\d+:\d+\n$/,
      );
      yield* task.cancel();
    }));
});

describe('asking a task', () => {
  test('changes nothing: it goes on with its values, errors and cleanups as if nobody had looked', async () => {
    const program = (look: boolean) =>
      function* (): Operation<string[]> {
        const log: string[] = [];
        const lock = new Lock();
        const queue = new Queue<number>(2);
        const worker = coroutine(function* worker(name: string) {
          try {
            for (let i = 0; i < 5; i++) {
              yield* lock.acquire();
              yield* sleep(i % 3);
              log.push(`${name} ${i}`);
              lock.release();
              yield* queue.put(i);
            }
            yield* timeout(3, sleep(10));
          } catch (error) {
            log.push(`${name} ${(error as Error).name}`);
          } finally {
            yield* tick();
            log.push(`${name} ends`);
          }
        });
        const all = ['a', 'b', 'c'].map((name) => spawn(worker(name)));
        const reader = spawn(
          function* () {
            for (;;) log.push(`read ${yield* queue.get()}`);
          },
          { daemon: true },
        );
        for (let i = 0; i < 60; i++) {
          if (look) taskTree();
          if (i === 20) all[1]?.cancel('enough');
          yield* i % 2 === 0 ? tick() : sleep(1);
        }
        yield* reader.cancel();
        return log;
      };
    const unseen = await runTest(program(false));
    expect(await runTest(program(true))).toEqual(unseen);
    expect(unseen).toContain('a TimeoutError');
    expect(unseen).toContain('b ends');
  });

  test('a ready task is not asked: it shows what it has waited for', () =>
    new Scheduler().run(function* () {
      const queue = new Queue<number>();
      const reader = spawn(queue.get(), { name: 'reader' });
      yield* tick();
      queue.putNowait(7);
      expect(viewOf('reader')).toMatchObject({ status: 'ready', waitsFor: null, frames: null });
      expect(viewOf('reader').waitedFor).toBe('queue.get()');
      expect(formatTree([viewOf('reader')])).toBe('task reader: ready after queue.get()\n');
      expect(yield* reader).toBe(7);
    }));

  test('the task that asks is running, and has no lines of waiting', () =>
    run(function* main() {
      yield* tick();
      expect(viewOf(currentTask().name)).toMatchObject({ status: 'running', frames: null });
    }));

  test('does not reach an iterator that was written by hand, where that is the outermost', () =>
    runTest(function* () {
      const { operation, asked } = byHand();
      const task = spawn(operation, { name: 'by hand' });
      yield* tick();
      expect(viewOf('by hand').frames).toBeNull();
      expect(asked()).toBe(1);
      yield* task;
      expect(asked()).toBe(2);
    }));

  test('asks one that stands inside of a chain once, and its task never again', () =>
    runTest(function* () {
      let asked = 0;
      const swallows: Operation<void> = {
        [Symbol.iterator]() {
          const wait = sleep(10)[Symbol.iterator]();
          return {
            next() {
              asked++;
              return asked === 2 ? { done: false, value: undefined as never } : wait.next();
            },
          };
        },
      };
      function* outer(): Operation<void> {
        yield* swallows;
      }
      const task: Task<void> = spawn(outer(), { name: 'outer' });
      yield* tick();
      expect(viewOf('outer').frames).toBeNull();
      expect(viewOf('outer').frames).toBeNull();
      expect(asked).toBe(2);
      yield* task;
    }));

  test('goes through an iterator by hand that only hands on', () =>
    runTest(function* () {
      function* outer(): Operation<void> {
        yield* byHand().operation;
      }
      spawn(outer(), { name: 'outer' });
      yield* tick();
      expect(functionsOf('outer')?.at(-1)).toBe('outer');
    }));
});

/** A wait of 10 ms behind an iterator of its own, which counts how often it is asked. */
function byHand(): { operation: Operation<void>; asked(): number } {
  let asked = 0;
  const operation: Operation<void> = {
    [Symbol.iterator]() {
      const wait = sleep(10)[Symbol.iterator]();
      return {
        next() {
          asked++;
          return wait.next();
        },
      };
    },
  };
  return { operation, asked: () => asked };
}
