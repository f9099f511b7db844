/** A task's result for callers outside. */
import { surfaced } from '../stack/trail.ts';
import type { Task } from '../task/task.ts';
import type { AbortSignalLike, ForeignSignals } from './follow-signal.ts';

/** What the promise of a task's result needs to know. */
interface PromiseOfTask {
  /** Whether the scheduler or scope that the task belongs to is being closed. */
  readonly isClosing: () => boolean;
  /** The signals that the scheduler follows. */
  readonly signals: ForeignSignals;
  /** Cancels the task when it is aborted. */
  readonly signal: AbortSignalLike | undefined;
}

/**
 * The promise of a task's result. A cancel that comes with the end of what the task belongs to is nobody's failure: where
 * nobody waits for the promise, as in an event handler, that rejection is not an unhandled one.
 */
export function promiseOf<T>(task: Task<T>, { isClosing, signals, signal }: PromiseOfTask): Promise<T> {
  let promise: Promise<T> | null = null;
  promise = new Promise<T>((resolve, reject) => {
    const unfollow =
      signal === undefined
        ? null
        : signals.follow(signal, (reason) => {
            task.cancelBy({ reason, requestedBy: 'an AbortSignal', from: null });
          });
    task.whenSettled(() => {
      unfollow?.();
      task.answered = true;
      if (task.status === 'succeeded') resolve(task.outcome as T);
      else {
        reject(surfaced(task.error()));
        if (isEndOfScope(task, isClosing)) promise?.catch(ignore);
      }
    });
  });
  return promise;
}

/** Whether the task was cancelled together with what it belongs to. */
export function isEndOfScope<T>(task: Task<T>, isClosing: () => boolean): boolean {
  return task.status === 'cancelled' && (task.request?.from != null || isClosing());
}

/** A rejection that nobody has to hear of. */
export function quietRejection(error: unknown): Promise<never> {
  const promise = Promise.reject(error);
  promise.catch(ignore);
  return promise;
}

function ignore(): void {}
