// What is kept of a run: one folder per Node, in it one file per group. A run of some workloads replaces those and no others.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Table } from './harness/table.ts';
import type { Curve } from './scaling/curve.ts';

/** Everything that is known about one Node. */
export interface Results {
  readonly core: readonly Table[];
  readonly http: readonly Table[];
  readonly workers: readonly Table[];
  readonly site: readonly Table[];
  readonly scaling: readonly Curve[];
}

const GROUPS = ['core', 'http', 'workers', 'site', 'scaling'] as const;

/** Where the committed results are. */
export const RESULTS = join(import.meta.dirname, 'results');

/** The folder of a Node. */
export const nodeFolder = (version: string): string => `node-${version.replace(/^v(\d+).*/, '$1')}`;

/** The folders of every Node that was measured, oldest first. */
export function resultFolders(): string[] {
  const major = (name: string): number => Number(/^node-(\d+)$/.exec(name)?.[1] ?? 0);
  const names = existsSync(RESULTS) ? readdirSync(RESULTS).filter((name) => major(name) > 0) : [];
  return names.sort((a, b) => major(a) - major(b)).map((name) => join(RESULTS, name));
}

/** What a folder holds; empty groups where nothing was measured yet. */
export function readResults(folder: string): Results {
  const read = <T>(group: string): T[] => {
    const file = join(folder, `${group}.json`);
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as T[]) : [];
  };
  return {
    core: read<Table>('core'),
    http: read<Table>('http'),
    workers: read<Table>('workers'),
    site: read<Table>('site'),
    scaling: read<Curve>('scaling'),
  };
}

/** `before` with `one` in the place of its namesake, in the order of `names`; what has no name there any more is gone. */
export function merge<T extends { readonly name: string }>(
  before: readonly T[],
  one: T,
  names: readonly string[],
): readonly T[] {
  const known = new Map([...before, one].map((item) => [item.name, item]));
  return names.flatMap((name) => known.get(name) ?? []);
}

/** Writes the groups that hold something. */
export function writeResults(folder: string, results: Results): void {
  mkdirSync(folder, { recursive: true });
  for (const group of GROUPS) {
    if (results[group].length === 0) continue;
    writeFileSync(join(folder, `${group}.json`), `${JSON.stringify(results[group], rounded, 2)}\n`);
  }
}

/** No more digits than a measurement has. */
function rounded(_key: string, value: unknown): unknown {
  if (typeof value !== 'number' || Number.isInteger(value)) return value;
  return Number.isFinite(value) ? Number(value.toPrecision(4)) : null;
}
