// The reference as Markdown, from the docstrings: a folder for each door, under the name that its users import.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Application } from 'typedoc';
import { publishedPackages, root } from '../scripts/workspace.ts';

/** Writes it into the folder. */
export async function writeReference(out: string): Promise<void> {
  rmSync(out, { recursive: true, force: true });
  const doors = publishedPackages().flatMap(({ directory, doors }) =>
    doors
      // The form for browsers is a part of the other one.
      .filter(({ condition }) => condition === 'default')
      .map(({ source, specifier }) => ({ file: join(directory, source), specifier })),
  );
  const options = {
    name: 'Reference',
    out,
    tsconfig: join(root, 'tsconfig.reference.json'),
    entryPoints: doors.map(({ file }) => file),
    plugin: ['typedoc-plugin-markdown'],
    excludePrivate: true,
    excludeInternal: true,
    readme: 'none',
    disableGit: true,
    sourceLinkTemplate: '{path}',
    excludeExternals: true,
    logLevel: 'Warn' as const,
    // Of typedoc-plugin-markdown:
    entryFileName: 'index',
    hidePageHeader: true,
    hideBreadcrumbs: true,
    parametersFormat: 'table',
    useCodeBlocks: true,
  };
  const app = await Application.bootstrapWithPlugins(options);
  const project = await app.convert();
  if (project === undefined) throw new Error('The sources do not compile: see pnpm run check types.');
  // typedoc calls a module by its folder; a reader calls it by what is imported.
  for (const module of project.children ?? []) {
    const file = module.sources?.[0]?.fullFileName;
    module.name = doors.find((door) => door.file === file)?.specifier ?? module.name;
  }
  // The lines of the sources are not on the site.
  for (const reflection of Object.values(project.reflections)) delete (reflection as { sources?: unknown }).sources;
  await app.generateOutputs(project);
}
