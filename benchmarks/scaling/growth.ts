import { gatherMany } from '../core/gather.ts';
import type { Load, Workload } from '../harness/workload.ts';

/** Gathers as many tasks as the size says, again and again. */
const repeated =
  (load: Load | undefined): Load =>
  async (size) => {
    if (load === undefined) throw new Error('The workload `gather` has lost a system.');
    const job = await load(size);
    return async (units) => {
      for (let done = 0; done < units; done += size) await job(Math.min(size, units - done));
    };
  };

/** What one task costs among so many: it starts, switches once and is waited for. */
export const growth: Workload = {
  ...gatherMany,
  about: 'so many tasks at once, each switches once: time per task',
  systems: {
    coloop: repeated(gatherMany.systems.coloop),
    native: repeated(gatherMany.systems.native),
    effect: repeated(gatherMany.systems.effect),
  },
};
