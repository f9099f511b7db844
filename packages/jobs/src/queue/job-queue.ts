import { CancelledError, currentTask, now, type Operation, type Schedule } from '@coloop/core';
import { carriedContexts, checkCount, deadlineOf, type ErrorClasses, readOptions, show } from '@coloop/core/lowlevel';
import type { AnyModule, ArgumentsOf, CallName, CallResult } from '@coloop/core/workers';
import type { Engine, EngineQueue, JobCounts, NewJob } from '../engine.ts';
import { JobQueueClosedError } from '../errors.ts';
import { defaultEngine } from '../memory/default-engine.ts';
import { encode } from '../values/encode.ts';
import { errorClasses } from '../values/error-classes.ts';
import { checkName } from '../worker/run-export.ts';
import { checkEngine, checkQueueName } from './checks.ts';
import { type JobHandle, QueuedJob } from './job-handle.ts';
import { pausesOf } from './pauses.ts';

/** What `JobQueue.open` takes. */
export interface JobQueueOptions {
  /** What keeps the jobs; by default the memory of this process, the same for the whole program. */
  engine?: Engine | undefined;
  /** For how many ms results (3,600,000 by default) and keys (at least as long) are remembered after the end of a job. */
  keep?: { results?: number | undefined; keys?: number | undefined } | undefined;
  /** Classes of errors that come home as themselves. */
  errors?: readonly (abstract new (...args: never) => Error)[] | undefined;
}

/** What `submitAll` takes, for all of its jobs. */
export interface SubmitAllOptions {
  /** For how many ms the job is not begun. */
  delay?: number | undefined;
  /** Jobs with a smaller number begin first; 0 by default. */
  priority?: number | undefined;
  /** When a job that failed is run again: `exponential(1_000).attempts(5)` runs it five times in all. Never by default. */
  retry?: Schedule | undefined;
  /** Within how many ms from now the job must have ended, its delay and all its runs included. */
  deadline?: number | undefined;
}

/** What `submit` takes. */
export interface SubmitOptions extends SubmitAllOptions {
  /** Makes a second submit with the same key, name and arguments the same job; any string. */
  key?: string | undefined;
}

/** A queue of jobs, each of which runs an export of the module that its workers serve. */
export interface JobQueue<M = AnyModule> {
  /**
   * Runs an export in a worker and gives its result. Deadlines around the call, and contexts with `travelsAs`, go along.
   *
   * Cancellation: the job is cancelled wherever it is; its cleanups run there and are waited for, within the grace.
   *
   * @throws the error of the job, as its own class where that is known here, else `RemoteError`; NoSuchExportError,
   *   JobLostError, UntransferableError, JobQueueClosedError.
   */
  call<K extends CallName<M>>(name: K, ...args: ArgumentsOf<M[K]>): Operation<CallResult<M[K]>>;
  /**
   * Puts a job into the queue: it outlives its caller.
   *
   * @throws JobConflictError where the key belongs to a job with another name or other arguments; NoSuchExportError,
   *   UntransferableError, JobQueueClosedError; TypeError and RangeError for wrong options.
   */
  submit<K extends CallName<M>>(
    name: K,
    args: ArgumentsOf<M[K]>,
    options?: SubmitOptions,
  ): Operation<JobHandle<CallResult<M[K]>>>;
  /** Puts many jobs into the queue at once, one for each list of arguments: all of them, or none. */
  submitAll<K extends CallName<M>>(
    name: K,
    argsList: readonly ArgumentsOf<M[K]>[],
    options?: SubmitAllOptions,
  ): Operation<JobHandle<CallResult<M[K]>>[]>;
  /** Finds a job again; null where it is not known, or not any more. */
  get(id: string): Operation<JobHandle | null>;
  /** How many jobs stand where. */
  stats(): Operation<JobCounts>;
  /** Nothing can be submitted here any more; what was submitted stays. */
  close(): Operation<void>;
}

const OPEN_OPTIONS = { engine: 'any', keep: 'any', errors: 'any' } as const;
const KEEP_OPTIONS = { results: 'duration', keys: 'duration' } as const;
const ALL_OPTIONS = { delay: 'duration', priority: 'any', retry: 'any', deadline: 'duration' } as const;
const SUBMIT_OPTIONS = { ...ALL_OPTIONS, key: 'string' } as const;
const KEPT = 3_600_000;

/** Opens queues of jobs. */
export const JobQueue = {
  /**
   * Opens a queue by its name. `JobQueue.open<typeof import('./jobs.ts')>('images')` types it by the module.
   *
   * @param queue its name, any string
   * @param options `engine`, `keep: { results, keys }` in ms, `errors`
   * @throws TypeError and RangeError for wrong options.
   */
  open<M = AnyModule>(queue: string, options: JobQueueOptions = {}): Operation<JobQueue<M>> {
    const { engine, keep = {}, errors } = readOptions('JobQueue.open', options, OPEN_OPTIONS);
    checkQueueName('JobQueue.open', queue);
    if (engine !== undefined) checkEngine('JobQueue.open', engine);
    const { results = KEPT, keys = results } = readOptions('JobQueue.open: keep', keep, KEEP_OPTIONS);
    return open(queue, engine, { results, keys: Math.max(results, keys) }, errorClasses(errors)) as Operation<
      JobQueue<M>
    >;
  },
};

function* open(
  name: string,
  given: Engine | undefined,
  keep: NewJob['keep'],
  classes: ErrorClasses,
): Operation<OpenQueue> {
  const engine = given ?? defaultEngine();
  return new OpenQueue(name, yield* engine.open(name), engine.limit, keep, classes);
}

class OpenQueue {
  readonly #name: string;
  readonly #queue: EngineQueue;
  readonly #limit: number;
  readonly #keep: NewJob['keep'];
  readonly #classes: ErrorClasses;
  #closed = false;

  constructor(name: string, queue: EngineQueue, limit: number, keep: NewJob['keep'], classes: ErrorClasses) {
    this.#name = name;
    this.#queue = queue;
    this.#limit = limit;
    this.#keep = keep;
    this.#classes = classes;
  }

  *call(name: string, ...args: readonly unknown[]): Operation<unknown> {
    yield* this.#check(name);
    const deadline = deadlineOf(currentTask()) - now();
    const [id] = yield* this.#queue.put([{ ...this.#jobOf(name, args, {}), deadline, owned: true }]);
    const job = this.#handle(id as string);
    try {
      return yield* job;
    } catch (error) {
      // Where it is the job's own error, the job has ended and this changes nothing.
      yield* job.cancel(error instanceof CancelledError ? error.reason : error);
      throw error;
    } finally {
      yield* this.#queue.forget(job.id);
    }
  }

  *submit(name: string, args: readonly unknown[], options: SubmitOptions = {}): Operation<QueuedJob<unknown>> {
    const given = readOptions('jobs.submit', options, SUBMIT_OPTIONS);
    checkArguments('jobs.submit', name, args);
    yield* this.#check(name);
    const [id] = yield* this.#queue.put([this.#jobOf(name, args, given)]);
    return this.#handle(id as string);
  }

  *submitAll(
    name: string,
    argsList: readonly (readonly unknown[])[],
    options: SubmitAllOptions = {},
  ): Operation<QueuedJob<unknown>[]> {
    const given = readOptions('jobs.submitAll', options, ALL_OPTIONS);
    for (const args of argsList) checkArguments('jobs.submitAll', name, args);
    yield* this.#check(name);
    const ids = yield* this.#queue.put(argsList.map((args) => this.#jobOf(name, args, given)));
    return ids.map((id) => this.#handle(id));
  }

  *get(id: string): Operation<QueuedJob<unknown> | null> {
    return (yield* this.#queue.status(id)) === null ? null : this.#handle(id);
  }

  *stats(): Operation<JobCounts> {
    return yield* this.#queue.counts();
  }

  *close(): Operation<void> {
    this.#closed = true;
  }

  #handle(id: string): QueuedJob<unknown> {
    return new QueuedJob(this.#queue, id, this.#classes);
  }

  *#check(name: string): Operation<void> {
    if (this.#closed) {
      throw new JobQueueClosedError(`The queue ${this.#name} was closed. Open it again with \`JobQueue.open\`.`);
    }
    const exports = yield* this.#queue.exports();
    // Without a worker nobody knows: the job waits for one.
    if (exports !== null) checkName(exports, name);
  }

  #jobOf(name: string, args: readonly unknown[], options: SubmitOptions): NewJob {
    const { key = null, delay = 0, priority = 0, retry, deadline = Number.POSITIVE_INFINITY } = options;
    const contexts = carriedContexts();
    return {
      name,
      args: encode(args, 'arguments', this.#limit),
      key,
      delay,
      priority: checkCount("jobs.submit: the option 'priority'", priority, 0),
      pauses: retry === undefined ? [] : pausesOf(retry),
      deadline,
      contexts: contexts === null ? null : encode(contexts, 'contexts', this.#limit),
      owned: false,
      keep: this.#keep,
    };
  }
}

function checkArguments(what: string, name: unknown, args: unknown): void {
  if (typeof name !== 'string') throw new TypeError(`${what} takes the name of an export, not ${show(name)}.`);
  if (Array.isArray(args)) return;
  throw new TypeError(
    `${what} takes the arguments of ${name}() as an array, not ${show(args)}. Write \`[value]\` for one.`,
  );
}
