/** A plot of measured times in SVG: one group of bars for each kind of work. */
import { markup } from '../../shared/markup.ts';

export interface Row {
  /** Where the work was done. */
  readonly place: string;
  /** How long the work that waits took, and the work that computes, in ms. */
  readonly waiting: number;
  readonly computing: number;
}

const WIDTH = 640;
const BAR = 26;
const LEFT = 150;
const LONGEST = WIDTH - LEFT - 90;

const KINDS = [
  { name: 'work that waits', colour: '#1e6fb3', of: ({ waiting }: Row) => waiting },
  { name: 'work that computes', colour: '#b3541e', of: ({ computing }: Row) => computing },
];

export function bars(rows: readonly Row[]): string {
  const groupHeight = 30 + rows.length * BAR + 16;
  const height = KINDS.length * groupHeight + 10;
  const picture = markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="13" role="img" aria-label="Time for work that waits and for work that computes, by where it is done">
<rect width="${WIDTH}" height="${height}" fill="white"/>
${KINDS.map(({ name, colour, of }, group) => {
  const top = group * groupHeight + 24;
  const most = Math.max(...rows.map(of));
  return markup`<text x="10" y="${top}" font-size="15">${name}</text>
${rows.map((row, index) => {
  const y = top + 10 + index * BAR;
  const width = Math.max(1, Math.round((of(row) / most) * LONGEST));
  return markup`<text x="${LEFT - 10}" y="${y + 15}" text-anchor="end">${row.place}</text>
<rect x="${LEFT}" y="${y}" width="${width}" height="${BAR - 8}" fill="${colour}"/>
<text x="${LEFT + width + 8}" y="${y + 15}">${of(row)} ms</text>
`;
})}`;
})}</svg>
`;
  return picture.toString();
}
