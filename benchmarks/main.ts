// `bench`: every system side by side in one run, one process per measurement, medians and ratios.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { coreWorkloads } from './core/workloads.ts';
import { goalGrid } from './goals.ts';
import { formatText, type Grid } from './harness/grid.ts';
import { createMeasurer, type Measurer } from './harness/measure.ts';
import { measuredNow } from './harness/measured.ts';
import { gridOf as gridOfTable, type Table, tableOf } from './harness/table.ts';
import type { Workload } from './harness/workload.ts';
import { type BenchServer, serverMissing, startServer } from './http/server.ts';
import { TARGET } from './http/target.ts';
import { httpWorkloads } from './http/workloads.ts';
import { writePages } from './page.ts';
import { writePictures } from './pictures.ts';
import { merge, nodeFolder, RESULTS, readResults, resultFolders, writeResults } from './results.ts';
import { gridOf as gridOfCurve } from './scaling/curve.ts';
import { measureSeries } from './scaling/measure.ts';
import { series } from './scaling/series.ts';
import { startSite } from './site/site.ts';
import { siteWorkloads } from './site/workloads.ts';
import { workerWorkloads } from './workers/workloads.ts';

const GROUPS = {
  core: coreWorkloads,
  http: httpWorkloads,
  workers: workerWorkloads,
  site: siteWorkloads,
  scaling: series,
} as const;

const HELP = `bench [NAME ...] [--runs N] [--only SYSTEM,SYSTEM] [--out FOLDER]
bench --page

Measures the runtime and the client beside their peers. Without a NAME everything runs: about half an hour on two CPUs.

${Object.entries(GROUPS)
  .map(([group, all]) => `  ${`${group}:`.padEnd(9)}${Object.keys(all).join(', ')}`)
  .join('\n')}

  NAME      one of these, or one of the five groups
  --runs    how often each system is measured, 5 by default; the long series take 3 at most
  --only    these systems and no others. Prints and does not write: a table with gaps is not a result
  --out     where results are kept, benchmarks/results by default; each major of Node has a folder in it
  --page    measures nothing: makes the tables of docs/benchmarks.md and all pictures anew from benchmarks/results

What is measured replaces what was kept of the same workloads, and leaves the others as they are: a long run can be done in
parts. Another Node: npx --yes -p node@24 -- node --conditions=@coloop/source --import tsx --expose-gc benchmarks/main.ts
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '5' },
    out: { type: 'string', default: RESULTS },
    only: { type: 'string' },
    page: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const runs = Number(values.runs);
const only = values.only?.split(',');
const isAsked = (system: string): boolean => only === undefined || only.includes(system);
const started = performance.now();
const folder = join(values.out, nodeFolder(process.version));

async function main(): Promise<number> {
  if (values.help) return print(HELP);
  if (values.page) return redraw();
  const problem = problemOf();
  if (problem !== null) {
    process.stderr.write(`${problem}.\n\n${HELP}`);
    return 2;
  }
  const measurer = await createMeasurer(showProgress);
  try {
    await benchTables(measurer, 'core', coreWorkloads);
    await benchHttp(measurer);
    await benchTables(measurer, 'workers', workerWorkloads);
    await benchSite(measurer);
    await benchScaling(measurer);
  } finally {
    measurer.close();
    showProgress('');
  }
  if (only === undefined) {
    const results = new Map([[nodeFolder(process.version), readResults(folder)]]);
    const isMeasured = (name: string): boolean =>
      Object.entries(GROUPS).some(([group, all]) => Object.hasOwn(all, name) && isChosen(group, name));
    const goals = goalGrid(results, isMeasured);
    if (goals.lines.length > 0) print(`goals\n${formatText(goals)}\n\n`);
    const pages = values.out === RESULTS ? writePages() : [];
    const minutes = ((performance.now() - started) / 60_000).toFixed(1);
    print(`Written to ${[folder, ...pages].join(' and ')} after ${minutes} min.\n`);
  }
  for (const [system, reason] of measurer.skipped) print(`SKIPPED ${system}: ${reason}.\n`);
  for (const failure of measurer.failed) print(`FAILED ${failure}.\n`);
  return measurer.failed.length === 0 ? 0 : 1;
}

function redraw(): number {
  for (const kept of resultFolders()) writePictures(kept);
  const pages = writePages();
  return print(`The pictures are drawn anew${pages.length > 0 ? `, and ${pages.join(', ')} is written` : ''}.\n`);
}

function problemOf(): string | null {
  if (!Number.isSafeInteger(runs) || runs < 1) return `--runs takes a whole number, not '${values.runs}'`;
  const known = (name: string): boolean =>
    Object.hasOwn(GROUPS, name) || Object.values(GROUPS).some((group) => Object.hasOwn(group, name));
  const unknown = positionals.find((name) => !known(name));
  return unknown === undefined ? null : `No workload '${unknown}'`;
}

function isChosen(group: string, workload: string): boolean {
  return positionals.length === 0 || positionals.includes(group) || positionals.includes(workload);
}

/** What was asked for of one group, in the group's own order. */
function chosen<T>(group: keyof typeof GROUPS, all: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(all).filter(([workload]) => isChosen(group, workload));
}

type TableGroup = 'core' | 'http' | 'workers' | 'site';

async function benchTables(
  measurer: Measurer,
  group: TableGroup,
  workloads: Readonly<Record<string, Workload>>,
): Promise<void> {
  for (const [name, workload] of chosen(group, workloads)) {
    const samples = await measurer.measure(name, workload, { runs, only: isAsked });
    keepTable(group, tableOf(name, workload, samples, measuredNow(runs)));
  }
}

async function benchHttp(measurer: Measurer): Promise<void> {
  const asked = chosen('http', httpWorkloads);
  if (asked.length === 0) return;
  const missing = serverMissing();
  if (missing !== null) {
    print(`SKIPPED ${asked.map(([name]) => name).join(', ')}: ${missing}.\n`);
    return;
  }
  await withTarget(await startServer(), () => benchTables(measurer, 'http', httpWorkloads));
}

async function benchSite(measurer: Measurer): Promise<void> {
  if (chosen('site', siteWorkloads).length === 0) return;
  await withTarget(await startSite(), () => benchTables(measurer, 'site', siteWorkloads));
}

async function withTarget(server: BenchServer, bench: () => Promise<void>): Promise<void> {
  process.env[TARGET] = server.url;
  try {
    await bench();
  } finally {
    await server.close();
  }
}

async function benchScaling(measurer: Measurer): Promise<void> {
  for (const [name, what] of chosen('scaling', series)) {
    const curve = await measureSeries(measurer, name, what, runs, isAsked);
    showProgress('');
    for (const plotted of curve.figures) show(curve, gridOfCurve(curve, plotted));
    keep((before) => ({ ...before, scaling: merge(before.scaling, curve, Object.keys(series)) }));
  }
}

function keepTable(group: TableGroup, table: Table): void {
  showProgress('');
  show(table, gridOfTable(table));
  keep((before) => ({ ...before, [group]: merge(before[group], table, Object.keys(GROUPS[group])) }));
}

/** Written after each workload, so that a run which is interrupted has measured something. */
function keep(change: (before: ReturnType<typeof readResults>) => ReturnType<typeof readResults>): void {
  if (only !== undefined) return;
  writeResults(folder, change(readResults(folder)));
  writePictures(folder);
}

function show({ name, about }: { readonly name: string; readonly about: string }, grid: Grid): void {
  print(`${name}: ${about}\n${formatText(grid)}\n\n`);
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

function showProgress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${line}`);
}

process.exitCode = await main();
