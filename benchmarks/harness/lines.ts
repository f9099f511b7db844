import { formatPower, tight, wholePowers } from './axis.ts';
import { kindOf, label, picture, sign, TOP, WIDTH } from './svg.ts';

const HEIGHT = 380;
const LEFT = 84;
const RIGHT = 150;
const BOTTOM = 52;
const LABEL = 16;

/** One system: what it cost at each size. */
export interface Line {
  readonly system: string;
  readonly points: readonly { readonly at: number; readonly value: number }[];
}

/** What the lines show: sizes are at equal distances where they are percentiles, else their logarithm says where. */
interface Subject {
  readonly name: string;
  readonly about: string;
  readonly across: string;
  readonly isPercentiles: boolean;
}

/** Lines over a logarithmic scale of values; lower is better. */
export function plotLines(
  { name, about, across, isPercentiles }: Subject,
  { name: figure, lines }: { readonly name: string; readonly lines: readonly Line[] },
): string {
  const sizes = [...new Set(lines.flatMap(({ points }) => points.map(({ at }) => at)))].sort((a, b) => a - b);
  const values = lines.flatMap(({ points }) => points.map(({ value }) => value)).filter((value) => value > 0);
  const logarithmic = tight(sizes, LEFT + 8, WIDTH - RIGHT).place;
  const step = (WIDTH - RIGHT - LEFT - 8) / Math.max(1, sizes.length - 1);
  const x = isPercentiles ? (at: number): number => LEFT + 8 + sizes.indexOf(at) * step : logarithmic;
  // A logarithmic scale has no 0: what is 0 is drawn at its lower end.
  const { place, powers } = wholePowers(values.length > 0 ? values : [1], HEIGHT - BOTTOM, TOP + 6);
  const lowest = Math.min(...powers);
  const y = (value: number): number => place(Math.max(value, lowest));
  const parts = [
    ...powers.flatMap((power) => [
      `<path d="M${LEFT} ${y(power).toFixed(1)}H${WIDTH - RIGHT}" class="grid"/>`,
      label(LEFT - 8, y(power) + 4, formatPower(power), 'faint', 'end'),
    ]),
    ...sizes.map((at) => label(x(at), HEIGHT - BOTTOM + 20, at.toLocaleString('en'), 'faint', 'middle')),
    label((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, across, 'faint', 'middle'),
  ];
  for (const { system, points } of lines) {
    const path = points.map(({ at, value }) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
    parts.push(`<polyline points="${path}" class="${kindOf(system)} line"/>`);
    parts.push(...points.map(({ at, value }) => sign(system, x(at), y(value))));
  }
  return picture(`${name}: ${figure}, less is better`, about, HEIGHT, [...parts, ...names(lines, x, y)]);
}

/** The names at the ends of the lines, moved apart where they would lie on each other. */
function names(lines: readonly Line[], x: (at: number) => number, y: (value: number) => number): string[] {
  const ends = lines.flatMap(({ system, points }) => {
    const end = points.at(-1);
    return end === undefined ? [] : [{ system, x: x(end.at) + 10, y: y(end.value) + 4 }];
  });
  const placed: typeof ends = [];
  for (const end of ends.sort((a, b) => a.y - b.y)) {
    // Only names that begin near each other can touch.
    const above = placed.filter((other) => Math.abs(other.x - end.x) < 120).map((other) => other.y + LABEL);
    placed.push({ ...end, y: Math.max(end.y, ...above) });
  }
  return placed.map((end) => label(end.x, end.y, end.system, end.system === 'coloop' ? 'name' : ''));
}
