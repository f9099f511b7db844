import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { plotBars } from './harness/bars.ts';
import { plotDots } from './harness/dots.ts';
import { plotLines } from './harness/lines.ts';
import type { Table } from './harness/table.ts';
import { type Results, readResults } from './results.ts';
import type { Curve } from './scaling/curve.ts';

/** The name of a picture's file: what a page shows it by. */
export const pictureOf = {
  core: (): string => 'core.svg',
  table: ({ name }: Table): string => `${name}.svg`,
  workers: (): string => 'workers.svg',
  scaling: ({ name }: Curve, figure: number): string => `${name}${figure === 0 ? '' : `-${figure + 1}`}.svg`,
};

/** All pictures of one Node, by the name of the file. */
export function picturesOf({ core, http, workers, site, scaling }: Results): Map<string, string> {
  const pictures = new Map<string, string>();
  const compared = core.filter(({ rows }) => rows.some(({ toBaseline }) => toBaseline !== null));
  if (compared.length > 0) {
    const title = 'Cost per operation, native async/await being 1';
    pictures.set(pictureOf.core(), plotDots(title, 'Left is better; the scale is logarithmic.', compared));
  }
  for (const table of [...http, ...site]) pictures.set(pictureOf.table(table), plotBars(table));
  if (workers.length > 0) {
    const title = 'CPU time per call of a worker, a bare message (and computing inline) being 1';
    pictures.set(pictureOf.workers(), plotDots(title, 'Left is better; the scale is logarithmic.', workers));
  }
  for (const curve of scaling) {
    for (const [i, plotted] of curve.figures.entries())
      pictures.set(pictureOf.scaling(curve, i), plotLines(curve, plotted));
  }
  return pictures;
}

/** Draws what a folder of results holds. */
export function writePictures(folder: string): void {
  for (const [name, picture] of picturesOf(readResults(folder))) writeFileSync(join(folder, name), picture);
}
