// Tables of the committed results on the pages that show them: what stands between the marks is written by `bench --page`.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { goalGrid } from './goals.ts';
import { formatMarkdown } from './harness/grid.ts';
import type { Measured } from './harness/measured.ts';
import { gridOf as gridOfTable, type Table } from './harness/table.ts';
import { pictureOf } from './pictures.ts';
import { type Results, readResults, resultFolders } from './results.ts';
import { gridOf as gridOfCurve } from './scaling/curve.ts';

const ROOT = dirname(import.meta.dirname);
/** The pages, and where the results are as seen from them. */
const PAGES = new Map([['docs/benchmarks.md', '../benchmarks/results']]);
const MARKED = /(<!-- bench: (\w+) -->\n)[\s\S]*?(<!-- \/bench -->)/g;

/** The results of every Node that was measured, oldest first, by how people call it. */
function allResults(): Map<string, Results> {
  return new Map(resultFolders().map((folder) => [basename(folder).replace('node-', 'Node '), readResults(folder)]));
}

/** The page with everything between its marks made anew. */
export function fill(page: string, byNode: ReadonlyMap<string, Results>, folder: string): string {
  return page.replaceAll(MARKED, (_, open: string, name: string, close: string) => {
    const section = SECTIONS[name];
    if (section === undefined) throw new Error(`There is no section '${name}': ${Object.keys(SECTIONS).join(', ')}.`);
    return `${open}\n${section(byNode, folder)}\n\n${close}`;
  });
}

type Section = (byNode: ReadonlyMap<string, Results>, folder: string) => string;

const UNMEASURED = 'Nothing was measured yet.';

/** Tables are of the first Node; the others show by their goals. */
const SECTIONS: Readonly<Record<string, Section>> = {
  machine: (byNode) => {
    const all = [...byNode.values()].flatMap(({ core, http, workers, site, scaling }) => [
      ...core,
      ...http,
      ...workers,
      ...site,
      ...scaling,
    ]);
    return [...new Set(all.map(({ measured }) => lineOf(measured)))].join('\n');
  },
  goals: (byNode) => formatMarkdown(goalGrid(byNode, () => true)),
  core: (byNode, folder) =>
    first(byNode, ([node, { core }]) =>
      [
        image('cost per workload', `${folder}/${node}/${pictureOf.core()}`),
        ...core.map((table) => [`### ${table.name}`, table.about, formatMarkdown(gridOfTable(table))].join('\n\n')),
      ].join('\n\n'),
    ),
  http: (byNode, folder) => first(byNode, ([node, { http }]) => withBars(http, `${folder}/${node}`)),
  workers: (byNode, folder) =>
    first(byNode, ([node, { workers }]) => {
      if (workers.length === 0) return UNMEASURED;
      return [
        image('cost per call of a worker', `${folder}/${node}/${pictureOf.workers()}`),
        ...workers.map((table) => [`### ${table.name}`, table.about, formatMarkdown(gridOfTable(table))].join('\n\n')),
      ].join('\n\n');
    }),
  site: (byNode, folder) => first(byNode, ([node, { site }]) => withBars(site, `${folder}/${node}`)),
  scaling: (byNode, folder) =>
    first(byNode, ([node, { scaling }]) =>
      scaling
        .map((curve) =>
          [
            `### ${curve.name}`,
            curve.about,
            ...curve.figures.flatMap((plotted, i) => [
              image(plotted.name, `${folder}/${node}/${pictureOf.scaling(curve, i)}`),
              formatMarkdown(gridOfCurve(curve, plotted)),
            ]),
          ].join('\n\n'),
        )
        .join('\n\n'),
    ),
};

/** Tables with a picture each. */
function withBars(tables: readonly Table[], folder: string): string {
  if (tables.length === 0) return UNMEASURED;
  return tables
    .map((table) =>
      [
        `### ${table.name}`,
        table.about,
        image(table.name, `${folder}/${pictureOf.table(table)}`),
        formatMarkdown(gridOfTable(table)),
      ].join('\n\n'),
    )
    .join('\n\n');
}

function first(byNode: ReadonlyMap<string, Results>, render: (entry: readonly [string, Results]) => string): string {
  const [entry] = byNode;
  if (entry === undefined) return UNMEASURED;
  return render([entry[0].toLowerCase().replace(' ', '-'), entry[1]]);
}

const image = (text: string, path: string): string => `![${text}](${path})`;

const lineOf = ({ node, runs, date, cpu, cpus, memory, platform }: Measured): string =>
  `- Node ${node.slice(1)}, medians of ${runs} ${runs === 1 ? 'run' : 'runs'}, ${date}: ${cpus} CPUs (${cpu}), ${memory} GB, ${platform}`;

/** Each page as it is and as it should be. */
export function renderPages(): { readonly path: string; readonly now: string; readonly wanted: string }[] {
  const byNode = allResults();
  return [...PAGES].map(([path, folder]) => {
    const now = readFileSync(join(ROOT, path), 'utf8');
    return { path, now, wanted: fill(now, byNode, folder) };
  });
}

/** Writes the pages that differ, and returns their names. */
export function writePages(): string[] {
  const changed = renderPages().filter(({ now, wanted }) => now !== wanted);
  for (const { path, wanted } of changed) writeFileSync(join(ROOT, path), wanted);
  return changed.map(({ path }) => path);
}
