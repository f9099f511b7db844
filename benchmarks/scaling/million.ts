import { sleeps } from '../core/sleeps.ts';
import type { Workload } from '../harness/workload.ts';

const SYSTEMS = ['native', 'native lean', 'coloop', 'effect'];

/** The workload `sleeps` with up to a million tasks; what is too slow or too large for that is left out. */
export const million: Workload = {
  ...sleeps,
  about: 'so many tasks sleep for 0 to 1,000 ms: until all have ended, that second included',
  measure: 'wall',
  warm: false,
  systems: Object.fromEntries(Object.entries(sleeps.systems).filter(([system]) => SYSTEMS.includes(system))),
};
