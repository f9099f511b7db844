import { kindOf, label, picture, TOP, WIDTH } from './svg.ts';
import type { Table } from './table.ts';

const BAR = 24;
const LEFT = 160;
const RIGHT = 90;

/** One bar per system, from 0 on, the longest first. */
export function plotBars({ name, about, shown, rows }: Table): string {
  const sorted = rows.map(({ system, rate = 0 }) => ({ system, rate })).sort((a, b) => b.rate - a.rate);
  const longest = sorted[0]?.rate ?? 1;
  const parts = sorted.flatMap(({ system, rate }, i) => {
    const y = TOP + i * BAR;
    const width = (rate / longest) * (WIDTH - LEFT - RIGHT);
    return [
      label(LEFT - 8, y + 14, system, system.startsWith('coloop') ? 'name' : '', 'end'),
      `<rect x="${LEFT}" y="${y + 3}" width="${Math.max(2, width).toFixed(1)}" height="${BAR - 8}" rx="2" class="bar ${barKind(system)}"/>`,
      label(LEFT + Math.max(2, width) + 6, y + 14, Math.round(rate).toLocaleString('en'), 'faint'),
    ];
  });
  return picture(`${name}: ${shown}, more is better`, about, TOP + sorted.length * BAR + 14, parts);
}

/** The name stands beside each bar: only ours needs a colour of its own. */
const barKind = (system: string): string => (system.startsWith('coloop') ? kindOf('coloop') : kindOf('native'));
