import { gatherMany } from '../core/gather.ts';
import type { Job, Workload } from '../harness/workload.ts';

/** Few tasks are done as often as makes this many. */
const AT_LEAST = 200_000;

const rounds = (size: number): number => Math.max(1, Math.floor(AT_LEAST / size));

const repeated = (load: (() => Promise<Job>) | undefined) => async (): Promise<Job> => {
  if (load === undefined) throw new Error('The workload `gather` has lost a system.');
  const job = await load();
  return async (size) => {
    for (let round = rounds(size); round > 0; round--) await job(size);
  };
};

/** What one task costs among so many: it starts, switches once and is waited for. */
export const growth: Workload = {
  ...gatherMany,
  about: 'so many tasks at once, each switches once: time per task',
  units: (size) => size * rounds(size),
  systems: {
    coloop: repeated(gatherMany.systems.coloop),
    native: repeated(gatherMany.systems.native),
    effect: repeated(gatherMany.systems.effect),
  },
};
