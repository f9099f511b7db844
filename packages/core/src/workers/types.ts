import type TypedEmitter from 'typed-emitter';
import type { Source } from '../kernel/operation/source.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import type { LossReason } from './errors.ts';
import type { AnyModule, ArgumentsOf, CallName, CallResult, StreamedItem, StreamName } from './module-types.ts';

/** What a pool does about a worker that does not answer. */
export interface UnresponsiveOptions {
  /** After how many ms without an answer; 5,000 by default. */
  after?: number | undefined;
  /** Whether it is then ended and replaced, its calls failing with `WorkerUnresponsiveError`; false by default. */
  end?: boolean | undefined;
}

/** What every kind of pool takes. */
export interface PoolOptions {
  /** How many workers; by default as many as the machine can run at once. */
  size?: number | undefined;
  /** How many calls one worker may run at a time; no limit by default. */
  concurrency?: number | undefined;
  /** How many calls may wait for a worker that has room, with `concurrency`; one more throws `QueueFullError`. No limit by default. */
  queue?: number | undefined;
  unresponsive?: UnresponsiveOptions | undefined;
  /** Classes of errors that come home as what they are, besides those of the platform and of this library. */
  errors?: readonly (abstract new (...args: never) => Error)[] | undefined;
  /** How errors and reports call the pool; by default the file name of its module. */
  name?: string | undefined;
}

/** What happens in a pool, each with one object. */
export type PoolEvents = {
  /** A worker has ended by itself, or was ended for not answering; `calls` failed with it. */
  lost: (event: {
    worker: string;
    reason: LossReason | 'unresponsive';
    exitCode: number | null;
    calls: readonly string[];
  }) => void;
  /** A worker has not answered for `ms`; `blockedBy` is the call that computes without a wait. */
  unresponsive: (event: { worker: string; blockedBy: string; ms: number }) => void;
  /** The end of a call came when its caller had gone on; `error` is what it failed with, if it did. */
  late: (event: { worker: string; call: string; error?: unknown }) => void;
};

/** One worker, at the moment of asking. */
export interface WorkerStats {
  readonly name: string;
  readonly state: 'starting' | 'ready' | 'silent' | 'closing' | 'ended';
  /** How many calls and streams it runs. */
  readonly running: number;
}

/** A pool, at the moment of asking. */
export interface PoolStats {
  readonly workers: readonly WorkerStats[];
  /** How many calls and streams run in all workers. */
  readonly running: number;
  /** How many wait for a worker that has room. */
  readonly waiting: number;
  /** How many have ended, in whatever way. */
  readonly ended: number;
  /** How many workers were lost and replaced. */
  readonly lost: number;
}

/**
 * Workers that run the exports of one module; made by `WorkerPool.open`, and closed with the scope that opened it.
 *
 * Every worker runs many calls at a time; a new one goes to the worker with the fewest.
 */
export interface WorkerPool<M = AnyModule> {
  /**
   * Calls an export in a worker: a coroutine, a plain or an async function.
   *
   * Arguments and results are cloned as by `structuredClone`, or moved with `transfer`. Deadlines around the call, and
   * contexts with `travelsAs`, go along.
   *
   * Cancellation: travels to the worker; the cleanups of the call run there and are waited for, within the grace. A
   * worker that does not even take the cancel, since a call computes in it, is not waited for.
   *
   * @throws the error of the call, as its own class where that is known here, else `RemoteError`; `WorkerLostError`,
   *   `WorkerUnresponsiveError`, `NoSuchExportError`, `QueueFullError`, `PoolClosedError`; a `DOMException` of the name
   *   DataCloneError for what cannot be sent.
   */
  call<K extends CallName<M>>(name: K, ...args: ArgumentsOf<M[K]>): Operation<CallResult<M[K]>>;
  /**
   * The items of an export that gives many: a source, a generator of data, an async iterable. It begins with the first
   * `next()`; the worker is at most a window of 16 items ahead of the reader.
   *
   * Cancellation: of a wait for the next item takes nothing. `close()`, and the end of the scope in which it began, cancel
   * it in the worker and wait for its cleanup.
   */
  stream<K extends StreamName<M>>(name: K, ...args: ArgumentsOf<M[K]>): Source<StreamedItem<M[K]>>;
  /** How many calls run and wait, and how the workers are. */
  readonly stats: PoolStats;
  /** What happens in the pool, typed through typed-emitter. */
  readonly events: TypedEmitter<PoolEvents>;
  /** Cancels all calls, waits for their cleanups, and ends the workers; the scope's end does the same. */
  close(): Operation<void>;
}
