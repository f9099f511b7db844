import { memory } from '../core/memory.ts';
import type { Workload } from '../harness/workload.ts';
import { growth } from './growth.ts';
import { latency } from './latency.ts';
import { threads } from './threads.ts';

/** A workload measured at several sizes: one line per system. */
export interface Series {
  readonly workload: Workload;
  /** What the sizes are. */
  readonly across: string;
  /** What is measured, as it is written at the plot. */
  readonly figure: string;
  /** Divides what a sample holds. */
  readonly scale: number;
  /** One process per size. Without sizes one process gives the whole line: its percentiles. */
  readonly sizes?: readonly number[];
  /** Above this size a system takes too long. */
  readonly most?: Readonly<Record<string, number>>;
}

/** What grows with the number of tasks, and what must not. */
export const series: Readonly<Record<string, Series>> = {
  growth: {
    workload: growth,
    across: 'tasks at once',
    figure: 'ns per task',
    scale: 1,
    sizes: [10, 100, 1_000, 10_000, 100_000, 1_000_000],
    most: { effect: 100_000 },
  },
  threads: {
    workload: threads,
    across: 'waits of 100 ms at once',
    figure: 'ms until all have ended',
    scale: 1e6,
    sizes: [10, 100, 1_000],
  },
  'memory-growth': {
    workload: {
      ...memory,
      systems: Object.fromEntries(Object.entries(memory.systems).filter(([system]) => system !== 'effection')),
    },
    across: 'sleeping tasks',
    figure: 'bytes of heap per task',
    scale: 1,
    sizes: [1_000, 10_000, 100_000, 1_000_000],
    most: { effect: 100_000 },
  },
  latency: {
    workload: latency,
    across: 'percentile',
    figure: 'ms late',
    scale: 1,
  },
};

/** The same as workloads, for the worker. */
export const scalingWorkloads: Readonly<Record<string, Workload>> = Object.fromEntries(
  Object.entries(series).map(([name, { workload }]) => [name, workload]),
);
