import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Program, Workload } from '../harness/workload.ts';

const SCRIPT = fileURLToPath(new URL('./measure.mjs', import.meta.url));
const BUILT = fileURLToPath(new URL('../../packages/core/dist/node/index.js', import.meta.url));

const POOLS = ['bare', 'coloop', 'piscina', 'tinypool', 'workerpool', 'comlink'] as const;

/** Each is a program of its own, as workers load files and not bundles. */
function program(system: string): Program {
  return {
    missing: () => (existsSync(BUILT) ? null : 'the packages are not built: run `build` first'),
    command: (name, units) => [process.execPath, SCRIPT, system, name, String(units)],
  };
}

const programs = (...systems: readonly string[]): Record<string, Program> =>
  Object.fromEntries(systems.map((system) => [system, program(system)]));

const common = { unit: 'call', measure: 'cpu', baseline: 'bare', systems: {} } as const;

/** The workloads of pools of workers: the CPU time of both sides. */
export const workerWorkloads: Readonly<Record<string, Workload>> = {
  'worker-calls': {
    ...common,
    about: 'an empty call in one of two workers, 100 in flight; `bare` is one message there and one back',
    count: 200_000,
    counts: { piscina: 50_000, workerpool: 50_000, comlink: 50_000 },
    programs: programs(...POOLS, 'coloop processes'),
  },
  'worker-call': {
    ...common,
    about: 'an empty call in one of two workers, one at a time',
    count: 20_000,
    programs: programs(...POOLS),
  },
  'worker-transfer': {
    ...common,
    about: '1 MiB that is moved to a worker and back, 16 in flight',
    count: 20_000,
    programs: programs(...POOLS),
  },
  'worker-waits': {
    ...common,
    about:
      '10,000 calls at once that each wait 100 ms; a worker of workerpool takes one call at a time, so it gets 100',
    count: 10_000,
    counts: { workerpool: 100 },
    programs: programs(...POOLS),
  },
  'worker-compute': {
    ...common,
    about: 'calls that compute for some milliseconds, four in flight; `inline` computes them without workers',
    count: 400,
    baseline: 'inline',
    programs: programs('inline', ...POOLS),
  },
  'worker-start': {
    ...common,
    unit: 'start',
    about:
      'two workers from nothing to the first answer of each, and to their end; ours load the runtime, as `bare with core` does',
    count: 1,
    programs: programs(...POOLS, 'bare with core'),
  },
};
