import { forever, isCancelled, type Operation, shield, spawn, supervise, type Task, until, wait } from '@coloop/core';
import { checkCount, checkDuration, describeExports, readOptions, show } from '@coloop/core/lowlevel';
import { type AnyModule, WorkerLoadError } from '@coloop/core/workers';
import type { Delivery, Engine, Serving } from '../engine.ts';
import { defaultEngine } from '../memory/default-engine.ts';
import { checkEngine, checkQueueName } from '../queue/checks.ts';
import { errorClasses } from '../values/error-classes.ts';
import { type JobRules, runDelivery } from './run-delivery.ts';
import type { Exports } from './run-export.ts';

/** What `work` takes. */
export interface WorkOptions {
  /** The queue whose jobs it runs. */
  queue: string;
  /** What keeps the jobs: as `JobQueue.open` got it. */
  engine?: Engine | undefined;
  /** How many jobs it runs at a time; 100 by default. */
  concurrency?: number | undefined;
  /** For how many ms running jobs may go on when the worker is to end, before they are cancelled and go back; 5,000 by default. */
  drain?: number | undefined;
  /** The version of the module: workers of one queue must have the same. */
  version?: string | undefined;
  /** Classes of errors that arguments hold, so that they arrive as themselves. */
  errors?: readonly (abstract new (...args: never) => Error)[] | undefined;
}

const OPTIONS = {
  queue: 'string',
  engine: 'any',
  concurrency: 'count',
  drain: 'duration',
  version: 'string',
  errors: 'any',
} as const;

/**
 * Runs the jobs of a queue with the exports of a module: coroutines, plain and async functions. It goes on until it is
 * cancelled, so spawn it, or let `main` end it.
 *
 * Cancellation: takes no further job. Those that run may go on for the time of the option `drain`; then they are cancelled,
 * their cleanups run, and they go back to the queue.
 *
 * @param module where the module lies, as in `new URL('./jobs.ts', import.meta.url)`, or the module itself
 * @param options `queue`, `engine`, `concurrency`, `drain` in ms, `version`, `errors`
 * @throws WorkerLoadError when the module does not load; QueueMismatchError when other workers of the queue serve another
 *   module; TypeError and RangeError for wrong options.
 * @example
 * ```ts no-run
 * import { main } from '@coloop/core/node';
 * import { work } from '@coloop/jobs';
 *
 * await main(() => work(new URL('./jobs.ts', import.meta.url), { queue: 'images', concurrency: 20 }));
 * ```
 */
export function work<M extends object = AnyModule>(module: URL | M, options: WorkOptions): Operation<void> {
  const given = readOptions('work', options, OPTIONS);
  checkQueueName('work', given.queue);
  if (given.engine !== undefined) checkEngine('work', given.engine);
  const { concurrency = 100, drain = 5_000 } = given;
  checkCount("work: the option 'concurrency'", concurrency, 1, true);
  checkDuration("work: the option 'drain'", drain);
  if (typeof module !== 'object' || module === null) {
    throw new TypeError(
      `work takes the URL of a module, not ${show(module)}. Write \`new URL('./jobs.ts', import.meta.url)\`.`,
    );
  }
  return working(module, { ...given, concurrency, drain });
}

interface Checked extends WorkOptions {
  readonly concurrency: number;
  readonly drain: number;
}

function* working(given: object, options: Checked): Operation<void> {
  const module = given instanceof URL ? yield* load(given) : (given as Exports);
  const engine = options.engine ?? defaultEngine();
  const queue = yield* engine.open(options.queue);
  const { concurrency, version = null } = options;
  const serving = yield* queue.serve({ exports: describeExports(module), version, concurrency });
  const rules = { module, classes: errorClasses(options.errors), limit: engine.limit };
  spawn(stopWhenCancelled(serving), { name: `the end of work on ${options.queue}`, daemon: true });
  // Shielded, so that jobs may go on for a while; `stop()` ends it.
  yield* shield(serve(serving, rules, options.drain));
}

function* stopWhenCancelled(serving: Serving): Operation<void> {
  try {
    yield* forever();
  } finally {
    serving.stop();
  }
}

function* serve(serving: Serving, rules: JobRules, drain: number): Operation<void> {
  try {
    yield* supervise(function* (jobs) {
      const running = new Set<Task<void>>();
      for (let next = yield* serving.take(); next !== null; next = yield* serving.take()) {
        const delivery = next;
        const task: Task<void> = jobs.spawn(() => leaving(delivery, rules, running, () => task), {
          name: `job ${delivery.id}`,
        });
        running.add(task);
      }
      if (running.size === 0) return;
      const { pending } = yield* wait([...running], { timeout: drain });
      for (const task of pending) task.cancel('the worker ends');
    });
  } finally {
    yield* serving.close();
  }
}

function* leaving(
  delivery: Delivery,
  rules: JobRules,
  running: Set<Task<void>>,
  self: () => Task<void>,
): Operation<void> {
  try {
    yield* runDelivery(delivery, rules);
  } finally {
    running.delete(self());
  }
}

function* load(url: URL): Operation<Exports> {
  try {
    return (yield* until(import(/* @vite-ignore */ url.href))) as Exports;
  } catch (error) {
    if (isCancelled(error)) throw error;
    throw new WorkerLoadError(
      `The module ${url.href} could not be loaded: ${error instanceof Error ? error.message : String(error)}. Look at the cause.`,
      { cause: error },
    );
  }
}
