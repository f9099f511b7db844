// Reads the tables of a page, so that tests can hold them to the code.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../scripts/workspace.ts';

/** One row of a table: its cells, and the line on which it stands. */
export interface Row {
  readonly line: number;
  readonly cells: readonly string[];
}

/** The rows of the tables of a page below `docs`, without their headings; with `heading`, only of the section that it begins. */
export function rowsOf(page: string, heading?: string): Row[] {
  const lines = readFileSync(join(root, 'docs', page), 'utf8').split('\n');
  const level = heading?.indexOf(' ') ?? 0;
  const start = heading === undefined ? 0 : lines.indexOf(heading) + 1;
  if (heading !== undefined && start === 0) throw new Error(`docs/${page} has no heading '${heading}'.`);
  const isNext = (line: string): boolean => /^#+ /.test(line) && line.indexOf(' ') <= level;
  const length = lines.slice(start).findIndex(isNext);
  const end = length === -1 ? lines.length : start + length;
  return lines.flatMap((text, index) => {
    const cells = text.split(/(?<!\\)\|/).slice(1, -1);
    const isHeading = /^[\s-]+$/.test(cells[0] ?? '-') || /^\|-/.test(lines[index + 1] ?? '');
    if (index < start || index >= end || isHeading) return [];
    return [{ line: index + 1, cells: cells.map((cell) => cell.trim()) }];
  });
}

/** What stands between backticks in a text. */
export const codeIn = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
