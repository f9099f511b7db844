/** `retry`: calls again, as a schedule says. */
import { checkOperation } from '../kernel/operation/check-operation.ts';
import { isOperation } from '../kernel/operation/is-operation.ts';
import { refuseMore, show } from '../kernel/operation/options.ts';
import type { Operation } from '../kernel/operation/suspension.ts';
import { attempt } from '../kernel/task/attempt.ts';
import { now } from '../time/now.ts';
import { random } from '../time/random.ts';
import { sleep } from '../time/sleep.ts';
import { Schedule } from './schedule.ts';

const CALL = 'retry(() => …, schedule)';

/**
 * Calls a function until its operation succeeds, as a schedule says, and throws the last error when that gives up.
 *
 * It owns nothing: what a failed call acquired is released with the scope around, so put a `group` inside where that is
 * too late. Every kind of error is tried again, unless the schedule has a `when`.
 *
 * Cancellation: of the call, or of the pause; one's own cancel is never retried.
 *
 * @param call makes the operation, anew for each call
 * @param schedule as from `exponential(100).jitter().attempts(5)`
 * @throws the error of the last call; TypeError for an operation in place of a function, at the call.
 * @example
 * ```ts
 * import { exponential, type Operation, retry, run } from '@coloop/core';
 *
 * let calls = 0;
 *
 * function* flaky(): Operation<string> {
 *   if (++calls < 3) throw new Error('not yet');
 *   return `worked the ${calls}rd time`;
 * }
 *
 * console.log(await run(() => retry(() => flaky(), exponential(5).attempts(5)))); //> worked the 3rd time
 * ```
 */
export function retry<T>(call: () => Operation<T>, schedule: Schedule): Operation<T>;
export function retry<T>(call: () => Operation<T>, schedule: Schedule, ...more: unknown[]): Operation<T> {
  if (isOperation(call)) {
    throw new TypeError(
      'retry takes a function that makes the operation anew for each call. Write `retry(() => work(), schedule)`.',
    );
  }
  if (typeof call !== 'function') {
    throw new TypeError(
      `retry takes a function that makes the operation, not ${show(call)}. Write \`retry(() => until(fn()), schedule)\` for a promise, with the call inside.`,
    );
  }
  checkOperation(CALL, call);
  refuseMore('retry(call, schedule)', more);
  if (!(schedule instanceof Schedule)) {
    throw new TypeError(
      `retry takes a schedule, such as \`exponential(100).jitter().attempts(5)\`, not ${show(schedule)}.`,
    );
  }
  return retrying(call, schedule);
}

function* retrying<T>(call: () => Operation<T>, schedule: Schedule): Operation<T> {
  const start = now();
  for (let calls = 1; ; calls++) {
    const tried = yield* attempt(calling(call));
    if (tried.ok) return tried.value;
    const { error } = tried;
    const delay = schedule.delay({ error, attempt: calls, elapsed: now() - start, random });
    if (delay === null) throw error;
    yield* sleep(delay);
  }
}

/** The call is made inside, so that what it throws at once counts as a failure too. */
function* calling<T>(call: () => Operation<T>): Operation<T> {
  return yield* checkOperation(CALL, call());
}
