import { memory } from '../core/memory.ts';
import { asyncio, go } from '../core/programs.ts';
import { PERCENTILES, type Sample } from '../harness/sample.ts';
import type { Workload } from '../harness/workload.ts';
import { depthGrowth } from './depth.ts';
import { growth } from './growth.ts';
import { latency } from './latency.ts';
import { million } from './million.ts';
import { queued } from './queued.ts';
import { threads } from './threads.ts';
import { timers } from './timers.ts';

/** What is read from a sample: one plot. */
export interface Figure {
  /** As it is written at the plot. */
  readonly name: string;
  readonly of: (sample: Sample, at: number) => number;
}

/** A workload measured at several sizes: one line per system. */
export interface Series {
  readonly workload: Workload;
  /** What the sizes are. */
  readonly across: string;
  readonly figures: readonly Figure[];
  /** One process per size; null where one process gives the whole line, its percentiles. */
  readonly sizes: readonly number[] | null;
  /** How many units are done at a size; as many as the size by default. */
  readonly units?: (size: number, system: string) => number;
  /** Above this size a system takes too long. */
  readonly most?: Readonly<Record<string, number>>;
  /** More runs than these would take too long. */
  readonly runs?: number;
}

/** Small sizes are done as often as makes so many units. */
const atLeast =
  (units: number) =>
  (size: number): number =>
    size * Math.max(1, Math.floor(units / size));

const PLAIN = 'coloop, plain yield*';

const perTask: Figure = { name: 'ns per task', of: ({ wall }) => wall };
const perScope: Figure = { name: 'ns per scope', of: ({ wall }) => wall };
const perSwitch: Figure = { name: 'ns per switch', of: ({ wall }) => wall };
const perRequest: Figure = { name: 'us of CPU per request', of: ({ cpu }) => cpu / 1e3 };
const seconds: Figure = { name: 'seconds until all have ended', of: ({ wall }, size) => (wall * size) / 1e9 };
const milliseconds: Figure = { name: 'ms until all have ended', of: ({ wall }) => wall / 1e6 };
const megabytes: Figure = { name: 'MB of memory of the whole process', of: ({ rss }) => rss };
const late: Figure = { name: 'ms late', of: ({ late }, at) => late?.[PERCENTILES.indexOf(at)] ?? Number.NaN };
const bytes: Figure = { name: 'bytes of heap per task', of: ({ heap }) => heap };

/** What grows with the number of tasks, and what must not. */
export const series: Readonly<Record<string, Series>> = {
  growth: {
    workload: { ...growth, programs: { asyncio, go } },
    across: 'tasks at once',
    figures: [perTask],
    sizes: [10, 100, 1_000, 10_000, 100_000, 1_000_000],
    units: atLeast(200_000),
    most: { effect: 100_000, asyncio: 100_000 },
    runs: 3,
  },
  million: {
    workload: { ...million, programs: { asyncio, go } },
    across: 'sleeping tasks',
    figures: [seconds, megabytes],
    sizes: [1_000, 10_000, 100_000, 1_000_000],
    most: { asyncio: 100_000 },
    runs: 3,
  },
  threads: {
    workload: threads,
    across: 'waits of 100 ms at once',
    figures: [milliseconds],
    sizes: [10, 100, 1_000],
    // What counts is the whole, and not each wait.
    units: () => 1,
    runs: 3,
  },
  'memory-growth': {
    workload: {
      ...memory,
      systems: Object.fromEntries(Object.entries(memory.systems).filter(([system]) => system !== 'effection')),
      programs: { asyncio, go },
    },
    across: 'sleeping tasks',
    figures: [bytes],
    sizes: [1_000, 10_000, 100_000, 1_000_000],
    most: { 'redux-saga': 100_000, effect: 100_000, asyncio: 100_000, go: 100_000 },
    runs: 3,
  },
  timers: {
    workload: { ...timers, programs: { asyncio, go } },
    across: 'pending deadlines',
    figures: [perScope],
    sizes: [10, 1_000, 10_000, 100_000, 1_000_000],
    units: () => timers.count,
    most: { effect: 100_000, asyncio: 100_000 },
    runs: 3,
  },
  'depth-growth': {
    workload: { ...depthGrowth, programs: { go } },
    across: 'nested calls',
    figures: [perSwitch],
    sizes: [1, 10, 100, 1_000, 10_000, 100_000],
    units: (size, system) => (system === PLAIN ? Math.max(2_000, Math.floor(1e6 / size)) : depthGrowth.count),
    most: { native: 1_000, [PLAIN]: 1_000, effect: 1_000 },
    runs: 3,
  },
  queued: {
    workload: queued,
    across: 'requests at once',
    figures: [perRequest],
    sizes: [100, 1_000, 10_000, 100_000],
    units: atLeast(10_000),
    most: { fetch: 10_000 },
    runs: 3,
  },
  latency: {
    workload: { ...latency, programs: { asyncio, go } },
    across: 'percentile',
    figures: [late],
    sizes: null,
  },
};

/** The same as workloads, for the worker. */
export const scalingWorkloads: Readonly<Record<string, Workload>> = Object.fromEntries(
  Object.entries(series).map(([name, { workload }]) => [name, workload]),
);
