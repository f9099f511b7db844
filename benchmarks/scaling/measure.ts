import type { Line } from '../harness/lines.ts';
import type { Measurer, Samples } from '../harness/measure.ts';
import { median, PERCENTILES } from '../harness/sample.ts';
import { align, figureOf } from '../harness/table.ts';
import type { Series } from './series.ts';

type Only = (system: string) => boolean;

/** Measures one line per system and prints them as a table. */
export async function measureSeries(
  measurer: Measurer,
  name: string,
  what: Series,
  runs: number,
  only: Only,
): Promise<Line[]> {
  const lines =
    what.sizes === undefined
      ? await percentiles(measurer, name, what, runs, only)
      : await sizes(measurer, name, what, runs, only);
  const columns = [...new Set(lines.flatMap(({ points }) => points.map(({ at }) => at)))].sort((a, b) => a - b);
  const cells = lines.map(({ system, points }) => [
    system,
    ...columns.map((column) => format(points.find(({ at }) => at === column)?.value)),
  ]);
  const head = [`${what.figure}, by ${what.across}`, ...columns.map((column) => column.toLocaleString('en'))];
  process.stdout.write(`${name}: ${what.workload.about}\n${align(head, cells)}\n\n`);
  return lines;
}

async function sizes(measurer: Measurer, name: string, what: Series, runs: number, only: Only): Promise<Line[]> {
  const lines = new Map<string, { at: number; value: number }[]>();
  const figure = figureOf(what.workload);
  for (const size of what.sizes ?? []) {
    const bearable: Only = (system) => only(system) && size <= (what.most?.[system] ?? size);
    const samples = await measurer.measure(name, { ...what.workload, count: size, counts: {} }, runs, bearable);
    for (const [system, all] of samples) {
      const value = median(all.map((sample) => sample[figure])) / what.scale;
      lines.set(system, [...(lines.get(system) ?? []), { at: size, value }]);
    }
  }
  return [...lines].map(([system, points]) => ({ system, points }));
}

async function percentiles(measurer: Measurer, name: string, what: Series, runs: number, only: Only): Promise<Line[]> {
  const samples: Samples = await measurer.measure(name, what.workload, runs, only);
  return [...samples].map(([system, all]) => ({
    system,
    points: PERCENTILES.map((at, i) => ({
      at,
      value: median(all.map((sample) => sample.late?.[i] ?? Number.NaN)) / what.scale,
    })),
  }));
}

function format(value: number | undefined): string {
  if (value === undefined) return '-';
  return value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 2 : 0 });
}
