import { ErrorClasses } from '@coloop/core/lowlevel';
import {
  EngineUnavailableError,
  JobConflictError,
  JobLostError,
  JobQueueClosedError,
  QueueMismatchError,
  UntransferableError,
} from '../errors.ts';

/** The errors that arrive as themselves: those of the platform and of coloop, and a program's own. */
export function errorClasses(own: readonly (abstract new (...args: never) => Error)[] = []): ErrorClasses {
  return new ErrorClasses([
    EngineUnavailableError,
    JobConflictError,
    JobLostError,
    JobQueueClosedError,
    QueueMismatchError,
    UntransferableError,
    ...own,
  ]);
}
