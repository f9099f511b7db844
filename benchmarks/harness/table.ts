import { formatFigure, formatRatio, type Grid } from './grid.ts';
import type { Samples } from './measure.ts';
import type { Measured } from './measured.ts';
import { median } from './sample.ts';
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
  /** Its cost divided by that of the baseline; below 1 is better. Null where the baseline was not measured. */
  readonly toBaseline: number | null;
  /** Its cost divided by coloop's; above 1 means that coloop is that many times better. */
  readonly toColoop: number | null;
}

/** The figure of a row that counts. */
type Figure = 'wall' | 'cpu' | 'heap';

/** One workload, each system once. */
export interface Table {
  readonly name: string;
  readonly about: string;
  /** What the first column of figures holds, as in "ns per switch". */
  readonly shown: string;
  readonly figure: Figure;
  /** Whether the first column holds rates, of which more is better. */
  readonly isRate: boolean;
  readonly baseline: string;
  readonly measured: Measured;
  readonly rows: readonly Row[];
}

const UNITS: Readonly<Record<Figure, string>> = { heap: 'bytes', cpu: 'ns of CPU', wall: 'ns' };

/** The medians of one workload. */
export function tableOf(name: string, workload: Workload, samples: Samples, measured: Measured): Table {
  const { rate, baseline = 'native', about, unit } = workload;
  const figure = workload.measure === 'cpu' || workload.measure === 'heap' ? workload.measure : 'wall';
  const middle = (system: string, key: Figure | 'rss'): number =>
    median((samples.get(system) ?? []).map((sample) => sample[key]));
  const compared = (system: string, to: string): number | null =>
    samples.has(to) ? middle(system, figure) / middle(to, figure) : null;
  const rows = [...samples.keys()].map((system) => ({
    system,
    wall: middle(system, 'wall'),
    cpu: middle(system, 'cpu'),
    heap: middle(system, 'heap'),
    rss: middle(system, 'rss'),
    ...(rate === undefined ? {} : { rate: (1e9 / middle(system, 'cpu')) * rate.each }),
    toBaseline: compared(system, baseline),
    toColoop: compared(system, 'coloop'),
  }));
  const shown = rate === undefined ? `${UNITS[figure]} per ${unit}` : `${rate.unit} per CPU-second`;
  return { name, about, shown, figure, isRate: rate !== undefined, baseline, measured, rows };
}

/** The table as it is shown. */
export function gridOf({ shown, figure, isRate, baseline, rows }: Table): Grid {
  return {
    head: ['', shown, `to ${baseline}`, isRate ? 'coloop to it' : 'to coloop', 'RSS MB'],
    lines: rows.map((row) => [
      row.system,
      formatFigure(Math.round(row.rate ?? row[figure])),
      formatRatio(isRate && row.toBaseline !== null ? 1 / row.toBaseline : row.toBaseline),
      row.system === 'coloop' ? '-' : formatRatio(row.toColoop),
      row.rss > 0 ? row.rss.toFixed(0) : '-',
    ]),
  };
}
