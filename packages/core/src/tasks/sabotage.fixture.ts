/** Property tests of whatever tasks meet at: workers are cancelled at random moments, and nothing may be lost or doubled. */
import fc from 'fast-check';
import type { Operation } from '../kernel/operation/suspension.ts';
import { runTest } from '../testing/run-test.ts';
import { random } from '../time/random.ts';
import { sleep } from '../time/sleep.ts';
import { tick } from '../time/tick.ts';
import { supervise } from './supervise.ts';
import { wait } from './wait.ts';

/** Where the seeds begin; a failure prints the seed of its run, which `runTest(body, { seed })` repeats exactly. */
const FIRST_SEED = 84_071_906;
const RUNS = 150;

/** Runs `body` on virtual time with many seeds. */
export async function underManySeeds(body: () => Operation<unknown>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      await runTest(body, { seed });
    }),
    { seed: FIRST_SEED, numRuns: RUNS, endOnFailure: true },
  );
}

/** A whole number from 0 up to `end`. */
export function below(end: number): number {
  return Math.floor(random() * end);
}

/** Goes on at once, in the next turn, or some milliseconds later. */
export function* pause(): Operation<void> {
  const way = below(4);
  if (way === 1) yield* tick();
  else if (way > 1) yield* sleep(below(3));
}

/**
 * Runs workers to their end while some of them are cancelled at random moments; returns how many ended by themselves.
 * A worker that fails, fails this.
 */
export function* sabotaged(
  workers: readonly (() => Operation<unknown>)[],
  cancels = workers.length,
): Operation<number> {
  return yield* supervise(function* (g) {
    const tasks = workers.map((worker, i) => g.spawn(worker, { name: `worker ${i}` }));
    for (let i = 0; i < cancels; i++) {
      yield* pause();
      const victim = tasks[below(tasks.length)];
      if (below(3) > 0) victim?.cancel('sabotage');
    }
    const { done } = yield* wait(tasks);
    for (const task of done) if (task.status === 'failed') task.result();
    return tasks.filter((task) => task.status === 'succeeded').length;
  });
}
