import { formatFigure, formatRatio, type Grid } from './harness/grid.ts';
import type { Results } from './results.ts';

/** What a measurement has to come to. Ratios are of one run; figures of a whole process depend less on the machine. */
export type Goal = { readonly workload: string } & (
  | { readonly against: string; readonly costsAtMost: number }
  | { readonly against: string; readonly cheaperAtLeast: number }
  | { readonly figure: string; readonly atMost: number; readonly of: (results: Results) => number | undefined }
);

/** Ours costs no more than so many times as much. */
const costs = (workload: string, against: string, costsAtMost: number): Goal => ({ workload, against, costsAtMost });

/** Ours is so many times cheaper, or does so many times as much in the same CPU time. */
const cheaper = (workload: string, goals: Readonly<Record<string, number>>): Goal[] =>
  Object.entries(goals).map(([against, cheaperAtLeast]) => ({ workload, against, cheaperAtLeast }));

const figure = (
  workload: string,
  name: string,
  atMost: number,
  of: (results: Results) => number | undefined,
): Goal => ({
  workload,
  figure: name,
  atMost,
  of,
});

const MILLION = 1_000_000;

/** The last point of ours in one figure of `million`. */
const ofMillion =
  (index: number) =>
  ({ scaling }: Results): number | undefined => {
    const lines = scaling.find(({ name }) => name === 'million')?.figures[index]?.lines ?? [];
    return lines.find(({ system }) => system === 'coloop')?.points.find(({ at }) => at === MILLION)?.value;
  };

const ownRow =
  (group: 'core' | 'http', workload: string, key: 'heap' | 'rss') =>
  (results: Results): number | undefined =>
    results[group].find(({ name }) => name === workload)?.rows.find(({ system }) => system === 'coloop')?.[key];

export const GOALS: readonly Goal[] = [
  costs('switch', 'native', 1.2),
  ...cheaper('switch', { effect: 20, effection: 20 }),
  costs('ping-pong', 'native', 0.3),
  ...cheaper('ping-pong', { effect: 25, effection: 12, asyncio: 35 }),
  costs('spawn-join', 'native', 2.2),
  ...cheaper('spawn-join', { effect: 12, effection: 200, asyncio: 20 }),
  costs('gather', 'native', 1.1),
  ...cheaper('gather', { effect: 5, asyncio: 12 }),
  costs('depth', 'native', 1.4),
  ...cheaper('depth', { effect: 17 }),
  costs('queue', 'native', 0.45),
  ...cheaper('queue', { effect: 16, asyncio: 12 }),
  costs('queue', 'go', 2),
  costs('cancel', 'native', 0.25),
  ...cheaper('cancel', { effect: 3, asyncio: 9 }),
  costs('mutex', 'native', 0.6),
  costs('mutex', 'go', 1),
  costs('timeout', 'native', 0.1),
  costs('timeout', 'native lean', 0.5),
  ...cheaper('timeout', { effect: 20 }),
  costs('timeout', 'go', 1),
  costs('sleeps', 'native', 0.75),
  ...cheaper('sleeps', { effect: 3, asyncio: 5 }),
  figure('memory', 'bytes of heap per sleeping task', 450, ownRow('core', 'memory', 'heap')),
  figure('million', 'seconds', 3.5, ofMillion(0)),
  figure('million', 'MB', 600, ofMillion(1)),
  ...cheaper('get-50', {
    'undici dispatch': 0.8,
    'undici request': 1.7,
    fetch: 7,
    axios: 7,
    got: 7,
    'aiohttp asyncio': 3.5,
    'aiohttp uvloop': 2.5,
  }),
  ...cheaper('get-1000', { 'undici dispatch': 0.9 }),
  figure('get-1000', 'MB of memory', 150, ownRow('http', 'get-1000', 'rss')),
  costs('get-timeout', 'coloop with none', 1.02),
  ...cheaper('download', { 'undici dispatch': 0.95 }),
  costs('worker-calls', 'bare', 1.5),
  ...cheaper('worker-calls', { piscina: 3.5, 'coloop processes': 0.5 }),
  costs('worker-call', 'bare', 1.3),
  ...cheaper('worker-transfer', { piscina: 1.5 }),
  ...cheaper('worker-waits', { piscina: 1.5 }),
  costs('worker-compute', 'inline', 1.05),
  costs('worker-start', 'bare with core', 1.3),
  ...cheaper('crawl', { linkinator: 2 }),
];

/** How a goal and what was measured are shown, and whether the goal is met; null where it was not measured. */
export function judge(goal: Goal, results: Results): { readonly shown: string; readonly isMet: boolean } | null {
  if ('figure' in goal) {
    const value = goal.of(results);
    return value === undefined ? null : { shown: formatFigure(value), isMet: value <= goal.atMost };
  }
  const rows =
    [...results.core, ...results.http, ...results.workers, ...results.site].find(({ name }) => name === goal.workload)
      ?.rows ?? [];
  const peer = rows.find(({ system }) => system === goal.against)?.toColoop ?? null;
  if (peer === null) return null;
  const isMet = 'costsAtMost' in goal ? 1 / peer <= goal.costsAtMost : peer >= goal.cheaperAtLeast;
  return { shown: formatRatio('costsAtMost' in goal ? 1 / peer : peer), isMet };
}

/** The goals beside what was measured on each Node. */
export function goalGrid(byNode: ReadonlyMap<string, Results>, isWanted: (workload: string) => boolean): Grid {
  return {
    texts: 3,
    head: ['workload', 'against', 'goal', ...byNode.keys()],
    lines: GOALS.filter(({ workload }) => isWanted(workload)).map((goal) => [
      goal.workload,
      'figure' in goal ? goal.figure : goal.against,
      limitOf(goal),
      ...[...byNode.values()].map((results) => {
        const judged = judge(goal, results);
        return judged === null ? '-' : `${judged.shown}${judged.isMet ? '' : ' (missed)'}`;
      }),
    ]),
  };
}

function limitOf(goal: Goal): string {
  if ('figure' in goal) return `at most ${goal.atMost}`;
  if ('costsAtMost' in goal) return `ours costs at most ${formatRatio(goal.costsAtMost)}`;
  return `theirs costs at least ${formatRatio(goal.cheaperAtLeast)}`;
}
