import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fill, renderPages } from './page.ts';
import { picturesOf } from './pictures.ts';
import { type Results, readResults, resultFolders } from './results.ts';

const measured = {
  date: '2026-01-02',
  node: 'v20.1.0',
  platform: 'linux x64',
  cpu: 'a CPU',
  cpus: 2,
  memory: 8,
  runs: 5,
};

const row = (system: string, wall: number, toBaseline: number | null, toColoop: number) => ({
  system,
  wall,
  cpu: wall,
  heap: 0,
  rss: 50,
  toBaseline,
  toColoop,
});

const results: Results = {
  core: [
    {
      name: 'switch',
      about: 'ten tasks give way to each other',
      shown: 'ns per switch',
      figure: 'wall',
      isRate: false,
      baseline: 'native',
      measured,
      rows: [row('native', 80, 1, 0.8), row('coloop', 100, 1.25, 1), row('effect', 2_500, 31.25, 25)],
    },
  ],
  http: [],
  workers: [],
  site: [],
  scaling: [
    {
      name: 'growth',
      about: 'so many tasks at once',
      across: 'tasks at once',
      isPercentiles: false,
      measured,
      figures: [{ name: 'ns per task', lines: [{ system: 'coloop', points: [{ at: 1_000, value: 12.345 }] }] }],
    },
  ],
};

const byNode = new Map([['Node 20', results]]);

test('the pages say what the committed results say: else run `bench --page`', () => {
  for (const { now, wanted } of renderPages()) expect(now).toBe(wanted);
});

test('the committed pictures show the committed results', () => {
  for (const folder of resultFolders()) {
    for (const [name, picture] of picturesOf(readResults(folder))) {
      expect(readFileSync(join(folder, name), 'utf8') === picture, `${name}: run \`bench --page\``).toBe(true);
    }
  }
});

test('what stands between the marks is replaced and the rest stays', () => {
  const page = 'before\n<!-- bench: machine -->\nold\n<!-- /bench -->\nafter\n';
  const line = '- Node 20.1.0, medians of 5 runs, 2026-01-02: 2 CPUs (a CPU), 8 GB, linux x64';
  const wanted = `before\n<!-- bench: machine -->\n\n${line}\n\n<!-- /bench -->\nafter\n`;
  expect(fill(page, byNode, 'results')).toBe(wanted);
  expect(fill(wanted, byNode, 'results')).toBe(wanted);
});

test('a table of goals says which are missed, and what was not measured', () => {
  const page = fill('<!-- bench: goals -->\n<!-- /bench -->', byNode, 'results');
  expect(page).toContain('| switch | native | ours costs at most 1.20x | 1.25x (missed) |');
  expect(page).toContain('| switch | effect | theirs costs at least 20.0x | 25.0x |');
  expect(page).toContain('| switch | effection | theirs costs at least 20.0x | - |');
});

test('a workload is its table, a series its picture and its table', () => {
  const page = fill(
    '<!-- bench: core -->\n<!-- /bench -->\n<!-- bench: scaling -->\n<!-- /bench -->',
    byNode,
    'results',
  );
  expect(page).toContain(
    '### switch\n\nten tasks give way to each other\n\n|  | ns per switch | to native | to coloop | RSS MB |',
  );
  expect(page).toContain('| effect | 2,500 | 31.3x | 25.0x | 50 |');
  expect(page).toContain('![ns per task](results/node-20/growth.svg)');
  expect(page).toContain('| ns per task, by tasks at once | 1,000 |\n|---|---:|\n| coloop | 12.3 |');
});

test('a mark that nobody knows is an error', () => {
  expect(() => fill('<!-- bench: weather -->\n<!-- /bench -->', byNode, 'results')).toThrow("no section 'weather'");
});
