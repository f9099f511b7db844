// What the house knows about its packages, read from their manifests so that it is written once.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '..');

type Conditions = string | { readonly [condition: string]: Conditions };

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, Conditions>>;
  readonly publishConfig: { readonly exports: Readonly<Record<string, Conditions>> };
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** One thing that a package lets users import: `@coloop/core/testing`, say. */
export interface Door {
  /** What a user writes. */
  readonly specifier: string;
  /** The condition a platform must set to get this one, 'default' for everybody else. */
  readonly condition: string;
  /** The file behind it, relative to the package: `src/testing/index.ts`. */
  readonly source: string;
  /** What the build makes of it, without its extension: `testing/index`. */
  readonly entry: string;
}

export interface Package {
  readonly directory: string;
  readonly manifest: Manifest;
  /** The doors that exist; a package that is only begun may lack some of those that its manifest promises. */
  readonly doors: readonly Door[];
  readonly missing: readonly Door[];
}

function sources(conditions: Conditions | undefined): [condition: string, file: string][] {
  if (conditions === undefined) return [];
  if (typeof conditions === 'string') return [['default', conditions]];
  return Object.entries(conditions).flatMap(([condition, inner]) =>
    sources(inner).map(([, file]): [string, string] => [condition, file]),
  );
}

function doorsOf(manifest: Manifest): Door[] {
  const doors: Door[] = [];
  for (const [subpath, conditions] of Object.entries(manifest.exports)) {
    if (typeof conditions === 'string') continue;
    for (const [condition, file] of sources(conditions['@coloop/source'])) {
      const source = file.replace(/^\.\//, '');
      if (doors.some((door) => door.source === source)) continue;
      doors.push({
        specifier: manifest.name + subpath.slice(1),
        condition,
        source,
        entry: source.replace(/^src\//, '').replace(/\.ts$/, ''),
      });
    }
  }
  return doors;
}

export function readPackage(directory: string): Package {
  const manifest: Manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  const all = doorsOf(manifest);
  const isThere = (door: Door): boolean => existsSync(join(directory, door.source));
  return {
    directory,
    manifest,
    doors: all.filter(isThere),
    missing: all.filter((door) => !isThere(door)),
  };
}

/** The packages that are published. */
export function publishedPackages(): Package[] {
  return ['core', 'http', 'jobs', 'cli'].map((name) => readPackage(join(root, 'packages', name)));
}
