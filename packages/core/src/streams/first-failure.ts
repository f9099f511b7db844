import { TaskGroupError } from '../errors.ts';
import type { Operation } from '../kernel/operation/suspension.ts';

/** What a group brings, or the failure that ended it, as it was thrown: a reader of a stream knows nothing of the group. */
export function* firstFailure<T>(group: Operation<T>): Operation<T> {
  try {
    return yield* group;
  } catch (error) {
    throw error instanceof TaskGroupError ? error.cause : error;
  }
}
