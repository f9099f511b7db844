import { expect, test } from 'vitest';
import { formatText } from './grid.ts';
import type { Sample } from './sample.ts';
import { gridOf, tableOf } from './table.ts';
import type { Workload } from './workload.ts';

const measured = {
  date: '2026-01-02',
  node: 'v20.1.0',
  platform: 'linux x64',
  cpu: 'a CPU',
  cpus: 2,
  memory: 8,
  runs: 3,
};
const workload: Workload = { unit: 'switch', about: 'tasks give way', count: 10, systems: {} };

const took = (wall: number): Sample => ({ wall, cpu: wall / 2, heap: 0, rss: 50 });
const samples = new Map([
  ['native', [took(90), took(100), took(500)]],
  ['coloop', [took(210), took(190), took(200)]],
]);

test('a row holds medians and what they are to the baseline and to coloop', () => {
  const [native, coloop] = tableOf('switch', workload, samples, measured).rows;
  expect(native).toMatchObject({ system: 'native', wall: 100, toBaseline: 1, toColoop: 0.5 });
  expect(coloop).toMatchObject({ system: 'coloop', wall: 200, toBaseline: 2, toColoop: 1 });
});

test('a baseline that was not measured leaves no ratio', () => {
  const only = new Map([['coloop', [took(200)]]]);
  const table = tableOf('switch', workload, only, measured);
  expect(table.rows[0]).toMatchObject({ toBaseline: null, toColoop: 1 });
  expect(gridOf(table).lines).toEqual([['coloop', '200', '-', '-', '50']]);
});

test('rates are of CPU time, and more of them is better', () => {
  const rate = { ...workload, measure: 'cpu', rate: { unit: 'requests', each: 1 } } as const;
  const grid = gridOf(tableOf('get', rate, samples, measured));
  expect(grid.head).toEqual(['', 'requests per CPU-second', 'to native', 'coloop to it', 'RSS MB']);
  expect(grid.lines).toEqual([
    ['native', '20,000,000', '1.00x', '0.50x', '50'],
    ['coloop', '10,000,000', '0.50x', '-', '50'],
  ]);
});

test('columns of figures end under each other', () => {
  const text = formatText(gridOf(tableOf('switch', workload, samples, measured)));
  expect(text.split('\n')).toEqual([
    '        ns per switch  to native  to coloop  RSS MB',
    'native            100      1.00x      0.50x      50',
    'coloop            200      2.00x          -      50',
  ]);
});
