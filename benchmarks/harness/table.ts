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
  /** Its figure divided by that of native async/await; below 1 is better. */
  readonly toNative: number;
  /** Its figure divided by coloop's; above 1 means that coloop is that many times better. */
  readonly toColoop: number;
}

/** The figure that counts in a workload. Sleeps count by CPU time: their wall time is given by the clock. */
export function figureOf(name: string, workload: Workload): 'wall' | 'cpu' | 'heap' {
  if (workload.measure === 'heap') return 'heap';
  return name === 'sleeps' ? 'cpu' : 'wall';
}

/** The medians of one workload. */
export function rowsOf(name: string, workload: Workload, samples: Samples): Row[] {
  const figure = figureOf(name, workload);
  const middle = (system: string, key: keyof Sample): number =>
    median((samples.get(system) ?? []).map((sample) => sample[key]));
  return [...samples.keys()].map((system) => ({
    system,
    wall: middle(system, 'wall'),
    cpu: middle(system, 'cpu'),
    heap: middle(system, 'heap'),
    rss: middle(system, 'rss'),
    toNative: middle(system, figure) / middle('native', figure),
    toColoop: middle(system, figure) / middle('coloop', figure),
  }));
}

/** A table for people. */
export function formatTable(name: string, workload: Workload, rows: readonly Row[]): string {
  const figure = figureOf(name, workload);
  const unit = figure === 'heap' ? 'bytes' : figure === 'cpu' ? 'ns CPU' : 'ns';
  const lines = rows.map((row) => [
    row.system,
    Math.round(row[figure]).toLocaleString('en'),
    `${row.toNative.toFixed(2)}x`,
    row.system === 'coloop' ? '-' : `${row.toColoop.toFixed(1)}x`,
    row.rss.toFixed(0),
  ]);
  const head = ['', `${unit} per ${workload.unit}`, 'to native', 'to coloop', 'RSS MB'];
  const widths = head.map((text, i) => Math.max(text.length, ...lines.map((line) => (line[i] ?? '').length)));
  const format = (line: readonly string[]): string =>
    line.map((text, i) => (i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0))).join('  ');
  return [`${name}: ${workload.about}`, format(head), ...lines.map(format), ''].join('\n');
}
