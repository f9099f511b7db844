/**
 * What goes wrong between a pool and its workers.
 *
 *     Error
 *     ├── WorkerLoadError           the module could not be loaded in a worker; why, as `cause`
 *     ├── WorkerLostError           a worker ended while it ran the call: `reason`, `exitCode`
 *     ├── WorkerUnresponsiveError   a worker that did not answer was ended: `blockedBy`
 *     ├── NoSuchExportError         the module exports no function of that name: `nearest`
 *     ├── PoolClosedError           the pool has ended with its scope
 *     └── RemoteError               an error of a class that only the worker knows: `remoteName`
 *
 * A value that cannot be cloned is the platform's `DataCloneError`; a queue that is full is core's `QueueFullError`.
 */
import { CoreError } from '../errors.ts';

/** The module of a pool could not be loaded; `cause` is what it threw. */
export class WorkerLoadError extends CoreError {
  override readonly name = 'WorkerLoadError';
}

/** Why a worker has ended: an error that nobody caught or a signal, `process.exit`, or its memory limit. */
export type LossReason = 'crash' | 'exit' | 'memory';

/** A worker ended while it ran the call. Another one takes its place; what the call has done so far is not known. */
export class WorkerLostError extends CoreError {
  override readonly name = 'WorkerLostError';
  readonly reason: LossReason;
  /** The exit code of the thread or process; null where a signal ended it, and in browsers. */
  readonly exitCode: number | null;

  constructor(message: string, reason: LossReason, exitCode: number | null, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
    this.exitCode = exitCode;
  }
}

/** A worker that did not answer was ended, with all its calls: the option `unresponsive: { end: true }`. */
export class WorkerUnresponsiveError extends CoreError {
  override readonly name = 'WorkerUnresponsiveError';
  /** The call that computes without a wait; several names, joined by ' or ', where that is not known. */
  readonly blockedBy: string;

  constructor(message: string, blockedBy: string) {
    super(message);
    this.blockedBy = blockedBy;
  }
}

/** The module exports nothing of that name that can be called. */
export class NoSuchExportError extends CoreError {
  override readonly name = 'NoSuchExportError';
  /** The exported function whose name comes nearest; null when none does. */
  readonly nearest: string | null;

  constructor(message: string, nearest: string | null) {
    super(message);
    this.nearest = nearest;
  }
}

/** The pool has ended with its scope, or was closed. */
export class PoolClosedError extends CoreError {
  override readonly name = 'PoolClosedError';
}

/** An error of a class that is not known on this side; its message, code, cause and stack are those of the original. */
export class RemoteError extends CoreError {
  override readonly name: string = 'RemoteError';
  /** The name of the original. */
  readonly remoteName: string;

  constructor(message: string, remoteName: string, options?: ErrorOptions) {
    super(message, options);
    this.remoteName = remoteName;
  }
}
