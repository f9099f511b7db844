// Writes the reference of every word into docs/reference, from the docstrings. A broken link fails.
import { join } from 'node:path';
import { Application } from 'typedoc';
import { publishedPackages, root } from './workspace.ts';

const entryPoints = publishedPackages().flatMap(({ directory, doors }) =>
  doors.map((door) => join(directory, door.source)),
);

if (entryPoints.length === 0) {
  console.log('there are no doors yet');
} else {
  const app = await Application.bootstrap({
    name: 'coloop',
    tsconfig: join(root, 'tsconfig.reference.json'),
    entryPoints,
    out: join(root, 'docs/reference'),
    excludePrivate: true,
    excludeInternal: true,
    readme: 'none',
    githubPages: false,
    disableGit: true,
    sourceLinkTemplate: '{path}#{line}',
    validation: { invalidLink: true, notExported: false },
  });
  const project = await app.convert();
  if (project) {
    app.validate(project);
    await app.generateOutputs(project);
  }
  if (!project) app.logger.error('the sources do not compile: see pnpm run check types');
  process.exitCode = app.logger.hasErrors() || app.logger.hasWarnings() ? 1 : 0;
}
