import { expect, test } from 'vitest';
import { picturesOf } from './pictures.ts';

const measured = {
  date: '2026-01-02',
  node: 'v20.1.0',
  platform: 'linux x64',
  cpu: 'a CPU',
  cpus: 2,
  memory: 8,
  runs: 3,
};
const row = { wall: 1, cpu: 1, heap: 0, rss: 50 };
const table = {
  about: 'work <here>',
  shown: 'ns per switch',
  figure: 'wall',
  isRate: false,
  baseline: 'native',
  measured,
} as const;
const curve = { about: 'work', across: 'tasks', measured };

const pictures = picturesOf({
  core: [
    {
      ...table,
      name: 'switch',
      rows: [
        { ...row, system: 'native', toBaseline: 1, toColoop: 1 },
        { ...row, system: 'coloop', toBaseline: 1, toColoop: 1 },
        { ...row, system: 'go', toBaseline: null, toColoop: 1 },
      ],
    },
  ],
  http: [{ ...table, name: 'get-50', rows: [{ ...row, system: 'coloop', rate: 1_000, toBaseline: 1, toColoop: 1 }] }],
  workers: [],
  site: [],
  scaling: [
    {
      ...curve,
      name: 'million',
      isPercentiles: false,
      figures: [
        { name: 'seconds', lines: [{ system: 'coloop', points: [1, 10].map((at) => ({ at, value: at })) }] },
        { name: 'MB', lines: [{ system: 'coloop', points: [{ at: 1, value: 5 }] }] },
      ],
    },
    {
      ...curve,
      name: 'latency',
      isPercentiles: true,
      figures: [{ name: 'ms', lines: [{ system: 'native', points: [50, 75, 100].map((at) => ({ at, value: 0 })) }] }],
    },
  ],
});

test('the runtime has one picture, each workload of the client one, and each figure of a series one', () => {
  expect([...pictures.keys()]).toEqual(['core.svg', 'get-50.svg', 'million.svg', 'million-2.svg', 'latency.svg']);
});

test('a picture has its own page for light and for dark, and no figure that is not a number', () => {
  for (const picture of pictures.values()) {
    expect(picture).toContain('prefers-color-scheme:dark');
    expect(picture).toContain('class="page"');
    expect(picture).not.toMatch(/NaN|Infinity|undefined|null/);
  }
});

test('texts cannot end the picture', () => {
  expect(pictures.get('get-50.svg')).toContain('work &lt;here>');
});

test('percentiles are as far from each other as their neighbours', () => {
  const places = [...(pictures.get('latency.svg') ?? '').matchAll(/translate\(([\d.]+) /g)].map(([, x]) => Number(x));
  const [first = 0, second = 0, third = 0] = places;
  expect(places).toHaveLength(3);
  expect(third - second).toBeCloseTo(second - first);
});
