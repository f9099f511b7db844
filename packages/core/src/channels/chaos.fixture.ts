import { moveOnAfter, now, type Operation, sleep, spawn, type Task } from '../index.ts';
import { below } from '../tasks/sabotage.fixture.ts';

/** Runs an operation in one of the ways in which a wait can be broken: not at all, by a deadline. */
export function* perhaps<T>(operation: Operation<T>): Operation<{ value: T } | null> {
  if (below(3) === 0) return { value: yield* operation };
  const moved = yield* moveOnAfter(below(4), operation);
  return moved.timedOut ? null : { value: moved.value };
}

/** Runs `body` again and again, cancelling it at random moments, until `until` on the clock. */
export function* harassed(body: () => Operation<void>, until: number): Operation<void> {
  while (now() < until) {
    const task: Task<void> = spawn(body());
    yield* sleep(below(6));
    yield* task.cancel('chaos');
  }
}
