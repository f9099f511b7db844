import type { Line } from '../harness/lines.ts';
import type { Measurer, Samples } from '../harness/measure.ts';
import { measuredNow } from '../harness/measured.ts';
import { median, PERCENTILES } from '../harness/sample.ts';
import type { Curve } from './curve.ts';
import type { Figure, Series } from './series.ts';

/** Measures a series, each size by itself. */
export async function measureSeries(
  measurer: Measurer,
  name: string,
  what: Series,
  asked: number,
  only: (system: string) => boolean,
): Promise<Curve> {
  const { workload, sizes, most = {}, units = (size) => size } = what;
  const runs = Math.min(asked, what.runs ?? asked);
  const systems = [...Object.keys(workload.systems), ...Object.keys(workload.programs ?? {})];
  const samples = new Map<number | null, Samples>();
  if (sizes === null) samples.set(null, await measurer.measure(name, workload, { runs, only }));
  for (const size of sizes ?? []) {
    const counts = Object.fromEntries(systems.map((system) => [system, units(size, system)]));
    const bearable = (system: string): boolean => only(system) && size <= (most[system] ?? size);
    samples.set(size, await measurer.measure(name, { ...workload, counts }, { runs, only: bearable, size }));
  }
  return {
    name,
    about: workload.about,
    across: what.across,
    isPercentiles: sizes === null,
    measured: measuredNow(runs),
    figures: what.figures.map((figure) => ({ name: figure.name, lines: linesOf(figure, samples) })),
  };
}

function linesOf(figure: Figure, samples: ReadonlyMap<number | null, Samples>): Line[] {
  const lines = new Map<string, { at: number; value: number }[]>();
  for (const [size, bySystem] of samples) {
    for (const [system, all] of bySystem) {
      const points = lines.get(system) ?? [];
      for (const at of size === null ? PERCENTILES : [size]) {
        points.push({ at, value: median(all.map((sample) => figure.of(sample, at))) });
      }
      lines.set(system, points);
    }
  }
  return [...lines].map(([system, points]) => ({ system, points }));
}
