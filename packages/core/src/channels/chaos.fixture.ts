import { moveOnAfter, now, type Operation, random, sleep, spawn, type Task, tick } from '../index.ts';

/** A whole number from 0 up to `end`, from the seed of the run. */
export function below(end: number): number {
  return Math.floor(random() * end);
}

/** Does nothing for no time, one turn or a few ms. */
export function* pause(): Operation<void> {
  const choice = below(4);
  if (choice === 1) yield* tick();
  else if (choice > 1) yield* sleep(below(4));
}

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
