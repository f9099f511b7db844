// `bench`: every system side by side in one run, one process per measurement, medians and ratios.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measureTable } from './bars.ts';
import { coreWorkloads } from './core/workloads.ts';
import { plotLines } from './harness/lines.ts';
import { createMeasurer, type Measurer } from './harness/measure.ts';
import { plotRates, plotRatios } from './harness/plot.ts';
import type { Workload } from './harness/workload.ts';
import { serverMissing, startServer } from './http/server.ts';
import { TARGET } from './http/target.ts';
import { httpWorkloads } from './http/workloads.ts';
import { measureSeries } from './scaling/measure.ts';
import { series } from './scaling/series.ts';

const GROUPS = { core: coreWorkloads, http: httpWorkloads, scaling: series } as const;

const HELP = `bench [NAME ...] [--runs N] [--only SYSTEM,SYSTEM] [--out FOLDER]

Measures the runtime and the client beside their peers. Without a name everything runs (about forty minutes).
Results go to stdout as tables, and to FOLDER (benchmarks/results) as JSON and SVG.

${Object.entries(GROUPS)
  .map(([group, all]) => `${`${group}:`.padEnd(9)}${Object.keys(all).join(', ')}`)
  .join('\n')}

A NAME is one of these, or one of the three groups. Ratios need the system that they are to among those of --only.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '5' },
    out: { type: 'string', default: join(dirname(fileURLToPath(import.meta.url)), 'results') },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const runs = Number(values.runs);
const only = values.only?.split(',');
const isAsked = (system: string): boolean => only === undefined || only.includes(system);
const machine = { node: process.version, platform: `${process.platform} ${process.arch}`, runs };

async function main(): Promise<number> {
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const problem = problemOf();
  if (problem !== null) {
    process.stderr.write(`${problem}.\n\n${HELP}`);
    return 2;
  }
  mkdirSync(values.out, { recursive: true });
  const measurer = await createMeasurer(showProgress);
  try {
    await benchCore(measurer);
    await benchHttp(measurer);
    await benchScaling(measurer);
  } finally {
    measurer.close();
  }
  showProgress('');
  for (const [system, reason] of measurer.skipped) process.stdout.write(`SKIPPED ${system}: ${reason}.\n`);
  process.stdout.write(`Written to ${values.out}.\n`);
  return 0;
}

function problemOf(): string | null {
  if (!Number.isSafeInteger(runs) || runs < 1) return `--runs takes a whole number, not '${values.runs}'`;
  const known = (name: string): boolean =>
    Object.hasOwn(GROUPS, name) || Object.values(GROUPS).some((group) => Object.hasOwn(group, name));
  const unknown = positionals.find((name) => !known(name));
  return unknown === undefined ? null : `No workload '${unknown}'`;
}

/** What was asked for of one group, in the group's own order. */
function chosen<T>(name: keyof typeof GROUPS, group: Readonly<Record<string, T>>): [string, T][] {
  const all = Object.entries(group);
  if (positionals.length === 0 || positionals.includes(name)) return all;
  return all.filter(([workload]) => positionals.includes(workload));
}

async function benchCore(measurer: Measurer): Promise<void> {
  const groups = await tables(measurer, chosen('core', coreWorkloads));
  if (groups.length === 0) return;
  write('core.json', { machine, groups });
  write('core.svg', plotRatios('Cost, native async/await being 1 (shorter is better)', groups));
}

async function benchHttp(measurer: Measurer): Promise<void> {
  const asked = chosen('http', httpWorkloads);
  if (asked.length === 0) return;
  const missing = serverMissing();
  if (missing !== null) {
    process.stdout.write(`SKIPPED ${asked.map(([name]) => name).join(', ')}: ${missing}.\n`);
    return;
  }
  const server = await startServer();
  process.env[TARGET] = server.url;
  try {
    const groups = await tables(measurer, asked);
    write('http.json', { machine, groups });
    write(
      'http.svg',
      plotRates('Requests, or MB of downloads, per CPU-second of the client (longer is better)', groups),
    );
  } finally {
    await server.close();
  }
}

async function benchScaling(measurer: Measurer): Promise<void> {
  for (const [name, what] of chosen('scaling', series)) {
    const lines = await measureSeries(measurer, name, what, runs, isAsked);
    showProgress('');
    write(`${name}.json`, { machine, about: what.workload.about, across: what.across, figure: what.figure, lines });
    const title = `${what.figure}, by ${what.across} (lower is better)`;
    write(`${name}.svg`, plotLines(title, what.across, what.figure, lines, what.sizes === undefined));
  }
}

async function tables(measurer: Measurer, asked: readonly [string, Workload][]) {
  const groups: Awaited<ReturnType<typeof measureTable>>[] = [];
  for (const [name, workload] of asked) groups.push(await measureTable(measurer, name, workload, runs, isAsked));
  return groups;
}

function write(name: string, content: string | object): void {
  const text = typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`;
  writeFileSync(join(values.out, name), text);
}

function showProgress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${line}`);
}

process.exitCode = await main();
