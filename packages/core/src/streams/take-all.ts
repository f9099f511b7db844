import type { Operation } from '../kernel/operation/suspension.ts';
import { attempt } from '../kernel/task/attempt.ts';

/** Takes every step, whatever one of them throws; the first error is thrown at the end. */
export function* takeAll(steps: readonly Operation<unknown>[]): Operation<void> {
  let failure: { error: unknown } | null = null;
  for (const step of steps) {
    const tried = yield* attempt<unknown>(step);
    if (!tried.ok) failure ??= { error: tried.error };
  }
  if (failure !== null) throw failure.error;
}
