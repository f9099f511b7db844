import { kindOf, markup, picture, WIDTH } from './svg.ts';
import type { Row } from './table.ts';

const BAR = 22;
const LEFT = 190;
const RIGHT = 90;

/** The rows of one workload. */
export interface Group {
  readonly name: string;
  readonly rows: readonly Row[];
}

/** Bars on a logarithmic scale, the baseline being 1; shorter is better. */
export function plotRatios(title: string, groups: readonly Group[]): string {
  const ratios = groups.flatMap(({ rows }) => rows.map((row) => row.toBaseline)).filter((ratio) => ratio > 0);
  const low = Math.log10(Math.min(0.05, ...ratios));
  const high = Math.log10(Math.max(10, ...ratios));
  const x = (ratio: number): number => LEFT + ((Math.log10(ratio) - low) / (high - low)) * (WIDTH - LEFT - RIGHT);
  const drawn = bars(groups, ({ toBaseline }) => ({
    from: Math.min(x(1), x(toBaseline)),
    to: Math.max(x(1), x(toBaseline)),
    text: `${toBaseline < 10 ? toBaseline.toFixed(2) : toBaseline.toFixed(0)}x`,
  }));
  const grid: string[] = [];
  for (let power = Math.ceil(low); power <= Math.floor(high); power++) {
    const at = x(10 ** power).toFixed(1);
    grid.push(`<line x1="${at}" y1="36" x2="${at}" y2="${drawn.height}" class="grid"/>`);
  }
  return picture(title, drawn.height + 8, [...grid, ...drawn.parts]);
}

/** Bars from 0, the longest of each workload being as long as the page allows; longer is better. */
export function plotRates(title: string, groups: readonly Group[]): string {
  const longest = new Map(groups.flatMap(({ rows }) => rows.map((row) => [row, Math.max(...rows.map(rateOf))])));
  const drawn = bars(groups, (row) => ({
    from: LEFT,
    to: LEFT + (rateOf(row) / (longest.get(row) ?? 1)) * (WIDTH - LEFT - RIGHT),
    text: Math.round(rateOf(row)).toLocaleString('en'),
  }));
  return picture(title, drawn.height + 8, drawn.parts);
}

const rateOf = (row: Row): number => row.rate ?? 0;

interface Bar {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

function bars(groups: readonly Group[], barOf: (row: Row) => Bar): { height: number; parts: string[] } {
  let y = 44;
  const parts: string[] = [];
  for (const { name, rows } of groups) {
    parts.push(`<text x="8" y="${y + 14}" class="name">${markup(name)}</text>`);
    y += BAR;
    for (const row of rows) {
      const { from, to, text } = barOf(row);
      if (!Number.isFinite(from) || !Number.isFinite(to)) continue;
      parts.push(
        `<text x="${LEFT - 8}" y="${y + 14}" class="label" text-anchor="end">${markup(row.system)}</text>`,
        `<rect x="${from.toFixed(1)}" y="${y + 3}" width="${Math.max(2, to - from).toFixed(1)}" height="${BAR - 8}" rx="2" class="${kindOf(row.system)}"/>`,
        `<text x="${(to + 6).toFixed(1)}" y="${y + 14}" class="value">${markup(text)}</text>`,
      );
      y += BAR;
    }
    y += 8;
  }
  return { height: y, parts };
}
