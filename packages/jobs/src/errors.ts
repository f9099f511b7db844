/**
 * What goes wrong between a queue of jobs, its engine and its workers.
 *
 *     Error
 *     ├── JobLostError          the workers that ran the job were lost too often, or its result is not kept any more
 *     ├── JobConflictError      the key belongs to a job with another name or other arguments
 *     ├── JobQueueClosedError   the queue was closed, or has ended with its scope
 *     ├── QueueMismatchError    the queue serves another module
 *     ├── EngineUnavailableError  the server of the engine cannot be reached, or refuses the password
 *     └── UntransferableError   a value that no message can carry, named by its path
 *
 * A name that the module does not export is core's `NoSuchExportError`; a deadline that has passed is its `TimeoutError`.
 */

/** The job has no outcome: the workers that ran it were lost too often, or its result is not kept any more. */
export class JobLostError extends Error {
  override readonly name = 'JobLostError';
}

/** A key was submitted again with another name or with other arguments. */
export class JobConflictError extends Error {
  override readonly name = 'JobConflictError';
}

/** The queue was closed, or has ended with the scope that opened it. */
export class JobQueueClosedError extends Error {
  override readonly name = 'JobQueueClosedError';
}

/** The queue serves another module: the names of its exports, or its version, differ. */
export class QueueMismatchError extends Error {
  override readonly name = 'QueueMismatchError';
}

/** A value that cannot travel, or that is larger than the engine allows. */
export class UntransferableError extends TypeError {
  override readonly name = 'UntransferableError';
  /** Where it lies, as in `arguments[0].size`. */
  readonly path: string;

  constructor(message: string, path: string) {
    super(message);
    this.path = path;
  }
}

/** The server of the engine cannot be reached, or refuses the name and password that it was given. */
export class EngineUnavailableError extends Error {
  override readonly name = 'EngineUnavailableError';
}
