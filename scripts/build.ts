import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'tsup';
import { readPackage } from './workspace.ts';

/**
 * The build of a published package, in two forms, and one declaration file per door.
 *
 * `dist/` has a file of its own for every source file: bundlers drop whole files that nobody imports, but few classes out
 * of one. `dist/joined/` has few files, for Node and what takes its condition: each file more costs a start some 0.2 ms.
 */
export function packageBuild(directory: string): ReturnType<typeof defineConfig> {
  const { doors, missing } = readPackage(directory);
  for (const door of missing) console.warn(`${door.specifier} has no source yet (${door.source}): not built`);
  if (doors.length === 0) return defineConfig([]);
  const entries = Object.fromEntries(doors.map((door) => [door.entry, door.source]));
  // Not by tsup's own "clean": both forms are built at once.
  rmSync(join(directory, 'dist'), { recursive: true, force: true });
  return defineConfig([
    {
      ...shared,
      entry: { ...entriesOf(sourcesOf(directory)), ...entries },
      // typed-emitter's own default import breaks NodeNext consumers, so its one type is written into our declarations.
      // TypeScript 6 calls an option deprecated that tsup's declaration build sets, and that build keeps no state of its own.
      dts: {
        entry: entries,
        resolve: ['typed-emitter'],
        compilerOptions: { ignoreDeprecations: '6.0', incremental: false },
      },
    },
    { ...shared, entry: { ...entriesOf(startedFiles(directory)), ...entries }, outDir: 'dist/joined' },
  ]);
}

/**
 * A class that refers to itself is built as `var X = class _X`, and `_X` is what it then calls itself, in every stack that it
 * begins. It gets the one name that it has in the source: inside of it, both are the same class.
 */
export function withSourceNames(code: string): string {
  const inner = new Map<string, string>();
  for (const [, outer = '', own = ''] of code.matchAll(/\bvar (\w+) = class (_\w+)\b/g)) inner.set(own, outer);
  return code.replace(/\b_\w+\b/g, (word) => inner.get(word) ?? word);
}

const shared = {
  format: 'esm' as const,
  platform: 'neutral' as const,
  target: 'es2022',
  // Doors share their chunks, so that a class has one identity whichever door it comes through.
  splitting: true,
  plugins: [{ name: 'names of the source', renderChunk: (code: string) => ({ code: withSourceNames(code) }) }],
};

/** The files of a package that its users get. */
function sourcesOf(directory: string): string[] {
  return readdirSync(join(directory, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.[jt]s$/.test(file) && !/\.(test|fixture|d)\.ts$|(^|\/)fixtures\//.test(file))
    .map((file) => `src/${file}`);
}

/** What a worker is started with, by its path: nothing imports it, so it has to stay a file of its own. */
function startedFiles(directory: string): string[] {
  return sourcesOf(directory).filter((file) => /\/(boot\.js|[a-z]+-entry\.ts)$/.test(file));
}

/** Each file under its path without folder `src` and extension. */
function entriesOf(files: readonly string[]): Record<string, string> {
  return Object.fromEntries(files.map((file) => [file.slice('src/'.length, -'.ts'.length), file]));
}
