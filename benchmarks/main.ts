// `bench`: every system side by side in one run, one process per measurement, medians and ratios.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { coreWorkloads } from './core/workloads.ts';
import { createMeasurer } from './harness/measure.ts';
import { plotRatios } from './harness/plot.ts';
import { formatTable, type Row, rowsOf } from './harness/table.ts';

const HELP = `bench [WORKLOAD ...] [--runs N] [--out FOLDER]

Measures the runtime beside native async/await and its peers. Without a name all workloads run (about ten minutes).
Results go to stdout as tables, and to FOLDER (benchmarks/results) as JSON and SVG.

Workloads: ${Object.keys(coreWorkloads).join(', ')}
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '5' },
    out: { type: 'string', default: join(dirname(fileURLToPath(import.meta.url)), 'results') },
    help: { type: 'boolean', default: false },
  },
});

async function main(): Promise<number> {
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const runs = Number(values.runs);
  const unknown = positionals.find((name) => !Object.hasOwn(coreWorkloads, name));
  if (unknown !== undefined || !Number.isSafeInteger(runs) || runs < 1) {
    const what =
      unknown === undefined ? `--runs takes a whole number, not '${values.runs}'` : `No workload '${unknown}'`;
    process.stderr.write(`${what}.\n\n${HELP}`);
    return 2;
  }
  const names = positionals.length > 0 ? positionals : Object.keys(coreWorkloads);
  const measurer = await createMeasurer(showProgress);
  const groups: { name: string; unit: string; rows: Row[] }[] = [];
  try {
    for (const name of names) {
      const workload = coreWorkloads[name];
      if (workload === undefined) continue;
      const rows = rowsOf(name, workload, await measurer.measure(name, workload, runs));
      showProgress('');
      process.stdout.write(`${formatTable(name, workload, rows)}\n`);
      groups.push({ name, unit: workload.unit, rows });
    }
  } finally {
    measurer.close();
  }
  mkdirSync(values.out, { recursive: true });
  const machine = { node: process.version, platform: `${process.platform} ${process.arch}`, runs };
  writeFileSync(join(values.out, 'core.json'), `${JSON.stringify({ machine, groups }, null, 2)}\n`);
  writeFileSync(
    join(values.out, 'core.svg'),
    plotRatios('Cost, native async/await being 1 (shorter is better)', groups),
  );
  process.stdout.write(`Written to ${values.out}.\n`);
  return 0;
}

function showProgress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${line}`);
}

process.exitCode = await main();
