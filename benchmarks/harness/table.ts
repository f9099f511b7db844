import type { Samples } from './measure.ts';
import { median, type Sample } from './sample.ts';
import type { Workload } from './workload.ts';

/** One system in one workload: medians, and how it compares. */
export interface Row {
  readonly system: string;
  readonly wall: number;
  readonly cpu: number;
  readonly heap: number;
  readonly rss: number;
  /** So many per CPU-second, in workloads that count so. */
  readonly rate?: number;
  /** Its cost divided by that of the baseline, which is native async/await for the core; below 1 is better. */
  readonly toBaseline: number;
  /** Its cost divided by coloop's; above 1 means that coloop is that many times better. */
  readonly toColoop: number;
}

/** The figure that counts in a workload. */
export function figureOf(workload: Workload): 'wall' | 'cpu' | 'heap' {
  return workload.measure === 'cpu' || workload.measure === 'heap' ? workload.measure : 'wall';
}

/** The medians of one workload. */
export function rowsOf(workload: Workload, samples: Samples): Row[] {
  const figure = figureOf(workload);
  const { rate, baseline = 'native' } = workload;
  const middle = (system: string, key: 'wall' | 'cpu' | 'heap' | 'rss'): number =>
    median((samples.get(system) ?? []).map((sample: Sample) => sample[key]));
  return [...samples.keys()].map((system) => ({
    system,
    wall: middle(system, 'wall'),
    cpu: middle(system, 'cpu'),
    heap: middle(system, 'heap'),
    rss: middle(system, 'rss'),
    ...(rate === undefined ? {} : { rate: (1e9 / middle(system, 'cpu')) * rate.each }),
    toBaseline: middle(system, figure) / middle(baseline, figure),
    toColoop: middle(system, figure) / middle('coloop', figure),
  }));
}

/** A table for people. */
export function formatTable(name: string, workload: Workload, rows: readonly Row[]): string {
  const figure = figureOf(workload);
  const { rate, baseline = 'native' } = workload;
  const unit = { heap: 'bytes', cpu: 'ns CPU', wall: 'ns' }[figure];
  const lines = rows.map((row) => [
    row.system,
    Math.round(row.rate ?? row[figure]).toLocaleString('en'),
    times(rate === undefined ? row.toBaseline : 1 / row.toBaseline),
    row.system === 'coloop' ? '-' : times(row.toColoop),
    row.rss > 0 ? row.rss.toFixed(0) : '-',
  ]);
  const shown = rate === undefined ? `${unit} per ${workload.unit}` : `${rate.unit} per CPU-second`;
  return [
    `${name}: ${workload.about}`,
    align(['', shown, `to ${baseline}`, rate === undefined ? 'to coloop' : 'coloop to it', 'RSS MB'], lines),
    '',
  ].join('\n');
}

function times(ratio: number): string {
  return Number.isNaN(ratio) ? '-' : `${ratio.toFixed(2)}x`;
}

/** Columns: the first to the left, the others to the right. */
export function align(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const widths = head.map((text, i) => Math.max(text.length, ...lines.map((line) => (line[i] ?? '').length)));
  const format = (line: readonly string[]): string =>
    line.map((text, i) => (i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0))).join('  ');
  return [format(head), ...lines.map(format)].join('\n');
}
