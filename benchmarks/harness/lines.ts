import { kindOf, markup, picture, WIDTH } from './svg.ts';

const HEIGHT = 360;
const LEFT = 72;
const RIGHT = 130;
const TOP = 56;
const BOTTOM = 48;
const LABEL = 15;

/** One system: what it cost at each size. */
export interface Line {
  readonly system: string;
  readonly points: readonly { readonly at: number; readonly value: number }[];
}

/**
 * Lines over a logarithmic scale of values; lower is better.
 *
 * @param even - puts the sizes at equal distances, as percentiles are; else their logarithm says where they are
 */
export function plotLines(
  title: string,
  across: string,
  figure: string,
  lines: readonly Line[],
  even: boolean,
): string {
  const sizes = [...new Set(lines.flatMap(({ points }) => points.map(({ at }) => at)))].sort((a, b) => a - b);
  const values = lines.flatMap(({ points }) => points.map(({ value }) => value)).filter((value) => value > 0);
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  const place = (at: number): number => (even ? sizes.indexOf(at) : Math.log10(at));
  const first = place(sizes[0] ?? 1);
  const span = place(sizes.at(-1) ?? 1) - first || 1;
  const x = (at: number): number => LEFT + ((place(at) - first) / span) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number =>
    HEIGHT - BOTTOM - ((Math.log10(Math.max(value, 10 ** low)) - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const parts = [`<text x="8" y="42" class="value">${markup(figure)}</text>`];
  for (let power = low; power <= high; power++) {
    const at = y(10 ** power).toFixed(1);
    parts.push(
      `<line x1="${LEFT}" y1="${at}" x2="${WIDTH - RIGHT}" y2="${at}" class="grid"/>`,
      `<text x="${LEFT - 8}" y="${Number(at) + 4}" class="value" text-anchor="end">${(10 ** power).toLocaleString('en', { maximumFractionDigits: 6 })}</text>`,
    );
  }
  for (const at of sizes) {
    parts.push(
      `<text x="${x(at).toFixed(1)}" y="${HEIGHT - BOTTOM + 18}" class="value" text-anchor="middle">${at.toLocaleString('en')}</text>`,
    );
  }
  parts.push(
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 8}" class="value" text-anchor="middle">${markup(across)}</text>`,
  );
  for (const { system, points } of lines) {
    const kind = kindOf(system);
    const path = points.map(({ at, value }) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
    parts.push(`<polyline points="${path}" class="line ${kind}" style="fill:none"/>`);
    for (const { at, value } of points) {
      parts.push(`<circle cx="${x(at).toFixed(1)}" cy="${y(value).toFixed(1)}" r="3" class="${kind}"/>`);
    }
  }
  return picture(title, HEIGHT, [...parts, ...labels(lines, x, y)]);
}

/** The names at the ends of the lines, moved apart where they would lie on each other. */
function labels(lines: readonly Line[], x: (at: number) => number, y: (value: number) => number): string[] {
  const ends = lines.flatMap(({ system, points }) => {
    const end = points.at(-1);
    return end === undefined ? [] : [{ system, x: x(end.at) + 8, y: y(end.value) + 4 }];
  });
  let above = Number.NEGATIVE_INFINITY;
  return ends
    .sort((a, b) => a.y - b.y)
    .map((end) => {
      above = Math.max(end.y, above + LABEL);
      return `<text x="${end.x.toFixed(1)}" y="${above.toFixed(1)}">${markup(end.system)}</text>`;
    });
}
