import { defineConfig } from 'tsup';
import { readPackage } from './workspace.ts';

/** The build of a published package: one ESM file and one declaration file per door, shared code in chunks. */
export function packageBuild(directory: string): ReturnType<typeof defineConfig> {
  const { doors, missing } = readPackage(directory);
  for (const door of missing) console.warn(`${door.specifier} has no source yet (${door.source}): not built`);
  if (doors.length === 0) return defineConfig([]);
  return defineConfig({
    entry: Object.fromEntries(doors.map((door) => [door.entry, door.source])),
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    clean: true,
    // Doors share their chunks, so that a class has one identity whichever door it comes through.
    splitting: true,
    // typed-emitter's own default import breaks NodeNext consumers, so its one type is written into our declarations.
    // TypeScript 6 calls an option deprecated that tsup's declaration build sets.
    dts: { resolve: ['typed-emitter'], compilerOptions: { ignoreDeprecations: '6.0' } },
  });
}
