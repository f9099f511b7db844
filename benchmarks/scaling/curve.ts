import { formatFigure, type Grid } from '../harness/grid.ts';
import type { Line } from '../harness/lines.ts';
import type { Measured } from '../harness/measured.ts';

/** One workload at several sizes. */
export interface Curve {
  readonly name: string;
  readonly about: string;
  /** What the sizes are. */
  readonly across: string;
  readonly isPercentiles: boolean;
  readonly measured: Measured;
  readonly figures: readonly Plotted[];
}

/** One line per system for one figure of a series. */
export interface Plotted {
  /** As it is written at the plot. */
  readonly name: string;
  readonly lines: readonly Line[];
}

/** A figure as it is shown: a row per system, a column per size. */
export function gridOf({ across }: Curve, { name, lines }: Plotted): Grid {
  const sizes = [...new Set(lines.flatMap(({ points }) => points.map(({ at }) => at)))].sort((a, b) => a - b);
  return {
    head: [`${name}, by ${across}`, ...sizes.map((size) => size.toLocaleString('en'))],
    lines: lines.map(({ system, points }) => [
      system,
      ...sizes.map((size) => formatFigure(points.find(({ at }) => at === size)?.value)),
    ]),
  };
}
