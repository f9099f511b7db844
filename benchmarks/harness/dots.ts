import { formatPower, tight } from './axis.ts';
import { legend } from './legend.ts';
import { label, picture, sign, TOP, WIDTH } from './svg.ts';
import type { Table } from './table.ts';

const LEFT = 118;
const RIGHT = 28;
const ROW = 30;

const layerOf = (system: string): number => ['coloop', 'native'].indexOf(system);

/** One line per workload, one sign per system, on a logarithmic scale on which the baseline is 1. */
export function plotDots(title: string, subtitle: string, tables: readonly Table[]): string {
  const systems = [...new Set(tables.flatMap(({ rows }) => rows.map(({ system }) => system)))];
  const ratios = tables.flatMap(({ rows }) => rows.map(({ toBaseline }) => toBaseline ?? 1));
  const { place, powers } = tight([0.05, 10, ...ratios], LEFT + 12, WIDTH - RIGHT);
  const key = legend(systems, TOP + 12);
  const first = TOP + key.height + 20;
  const end = first + tables.length * ROW;
  const grid = powers.flatMap((power) => {
    const x = place(power);
    return [
      `<path d="M${x.toFixed(1)} ${first - 10}V${end}" class="${power === 1 ? 'one' : 'grid'}"/>`,
      label(x, end + 18, `${formatPower(power)}x`, 'faint', 'middle'),
    ];
  });
  const rows = tables.flatMap(({ name, rows: cells }, row) => {
    const y = first + row * ROW + ROW / 2;
    // Ours is the largest sign: on top of all but the baseline, it hides neither.
    const signs = [...cells].sort((a, b) => layerOf(a.system) - layerOf(b.system));
    return [
      label(LEFT - 8, y + 4, name, 'name', 'end'),
      `<path d="M${LEFT} ${y}H${WIDTH - RIGHT + 8}" class="grid"/>`,
      ...signs.flatMap(({ system, toBaseline }) => (toBaseline === null ? [] : sign(system, place(toBaseline), y))),
    ];
  });
  return picture(title, subtitle, end + 32, [...key.parts, ...grid, ...rows]);
}
