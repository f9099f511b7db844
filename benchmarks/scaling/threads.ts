import { once } from 'node:events';
import type { Workload } from '../harness/workload.ts';

const WAIT = 100;

/** So many waits of 100 ms, each in a coroutine or each in a worker thread: until all have ended. */
export const threads: Workload = {
  unit: 'wait',
  about: 'so many waits of 100 ms at once: time until all have ended',
  count: 10,
  // What counts is the whole, and not each wait.
  units: () => 1,
  warm: false,
  systems: {
    coloop: async () => {
      const { gather, run, sleep } = await import('@coloop/core');
      return (count) => run(() => gather(Array.from({ length: count }, () => sleep(WAIT))));
    },
    'worker threads': async () => {
      const { Worker } = await import('node:worker_threads');
      const limits = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 8, stackSizeMb: 1 };
      return (count) =>
        Promise.all(
          Array.from({ length: count }, () =>
            once(new Worker(`setTimeout(() => {}, ${WAIT})`, { eval: true, resourceLimits: limits }), 'exit'),
          ),
        );
    },
  },
};
