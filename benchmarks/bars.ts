import type { Measurer } from './harness/measure.ts';
import type { Group } from './harness/plot.ts';
import { formatTable, rowsOf } from './harness/table.ts';
import type { Workload } from './harness/workload.ts';

/** Measures one workload and prints its table. */
export async function measureTable(
  measurer: Measurer,
  name: string,
  workload: Workload,
  runs: number,
  only: (system: string) => boolean,
): Promise<Group & { unit: string }> {
  const rows = rowsOf(workload, await measurer.measure(name, workload, runs, only));
  process.stdout.write(`${formatTable(name, workload, rows)}\n`);
  return { name, unit: workload.unit, rows };
}
