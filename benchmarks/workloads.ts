import { coreWorkloads } from './core/workloads.ts';
import type { Workload } from './harness/workload.ts';
import { httpWorkloads } from './http/workloads.ts';
import { scalingWorkloads } from './scaling/series.ts';

/** Everything that a worker can be asked for. */
export const workloads: Readonly<Record<string, Workload>> = {
  ...coreWorkloads,
  ...httpWorkloads,
  ...scalingWorkloads,
};
