/** A plot of the measured times in SVG, both axes logarithmic. */
import { markup } from '../../shared/markup.ts';

interface Point {
  readonly count: number;
  readonly coroutines: number;
  readonly threads: number;
}

const WIDTH = 640;
const HEIGHT = 400;
const LEFT = 80;
const RIGHT = 120;
const TOP = 40;
const BOTTOM = 60;

/** Maps a number from `[least, most]` to `[from, to]` by its logarithm. */
function scale(least: number, most: number, from: number, to: number): (value: number) => number {
  const [low, high] = [Math.log10(least), Math.log10(most)];
  const length = high - low || 1;
  return (value) => Math.round(from + ((Math.log10(value) - low) / length) * (to - from));
}

/** The powers of ten that hold all `values` between them. */
function decades(values: readonly number[]): number[] {
  const first = Math.floor(Math.log10(Math.min(...values)));
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...values))));
  return Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index));
}

const duration = (ms: number): string => (ms >= 1000 ? `${ms / 1000} s` : `${ms} ms`);

/** @param wait how long each one waits, in ms: drawn as the time that could not be beaten */
export function plot(points: readonly Point[], wait: number): string {
  const counts = decades(points.map(({ count }) => count));
  const times = decades([wait, ...points.flatMap(({ coroutines, threads }) => [coroutines, threads])]);
  const x = scale(counts[0] ?? 1, counts.at(-1) ?? 1, LEFT, WIDTH - RIGHT);
  const y = scale(times[0] ?? 1, times.at(-1) ?? 1, HEIGHT - BOTTOM, TOP);
  const series = [
    { name: 'threads', colour: '#b3541e', of: ({ threads }: Point) => threads },
    { name: 'coroutines', colour: '#1e6fb3', of: ({ coroutines }: Point) => coroutines },
  ];
  const picture = markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="13" role="img" aria-label="Time for N waits of ${wait} ms, in coroutines and in threads">
<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>
<text x="${LEFT}" y="22" font-size="15">Time for N waits of ${wait} ms each</text>
${counts.map(
  (count) => markup`<text x="${x(count)}" y="${HEIGHT - BOTTOM + 22}" text-anchor="middle">${count}</text>
`,
)}<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 14}" text-anchor="middle">N</text>
${times.map(
  (time) => markup`<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(time)}" y2="${y(time)}" stroke="#ddd"/>
<text x="${LEFT - 10}" y="${y(time) + 4}" text-anchor="end">${duration(time)}</text>
`,
)}<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(wait)}" y2="${y(wait)}" stroke="#888" stroke-dasharray="4 4"/>
<text x="${WIDTH - RIGHT + 10}" y="${y(wait) + 4}" fill="#666">one wait</text>
${series.map(({ name, colour, of }) => {
  const last = points.at(-1);
  return markup`<polyline fill="none" stroke="${colour}" stroke-width="2.5" points="${points.map((point) => `${x(point.count)},${y(of(point))}`).join(' ')}"/>
${points.map(
  (
    point,
  ) => markup`<circle cx="${x(point.count)}" cy="${y(of(point))}" r="4" fill="${colour}"><title>${name}, N = ${point.count}: ${of(point)} ms</title></circle>
`,
)}${last && markup`<text x="${x(last.count) + 12}" y="${y(of(last)) + (name === 'coroutines' ? -8 : 4)}" fill="${colour}">${name}</text>`}
`;
})}</svg>
`;
  return picture.toString();
}
