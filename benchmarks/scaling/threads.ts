import { once } from 'node:events';
import type { Workload } from '../harness/workload.ts';

const WAIT = 100;

/** So many waits of 100 ms, each in a coroutine or each in a worker thread: until all have ended. */
export const threads: Workload = {
  unit: 'wait',
  about: 'so many waits of 100 ms at once: time until all have ended',
  count: 10,
  warm: false,
  systems: {
    coloop: async (size) => {
      const { gather, run, sleep } = await import('@coloop/core');
      return () => run(() => gather(Array.from({ length: size }, () => sleep(WAIT))));
    },
    'worker threads': async (size) => {
      const { Worker } = await import('node:worker_threads');
      const limits = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 8, stackSizeMb: 1 };
      return () =>
        Promise.all(
          Array.from({ length: size }, () =>
            once(new Worker(`setTimeout(() => {}, ${WAIT})`, { eval: true, resourceLimits: limits }), 'exit'),
          ),
        );
    },
  },
};
