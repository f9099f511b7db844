// Which files of the repository are pages of the site, and where.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { publishedPackages, root } from '../scripts/workspace.ts';

export interface Page {
  /** The file, relative to the repository. */
  readonly file: string;
  /** Where it is on the site, without an extension: `zh/services`. */
  readonly route: string;
}

const PROGRAMS = 'packages/examples/src/programs';

function guideRoute(name: string): string {
  const [, base = '', chinese] = /^(.*?)(\.zh-CN)?\.md$/.exec(name) ?? [];
  const page = base === 'README' ? 'guides' : base;
  return chinese === undefined ? page : `zh/${page}`;
}

function guides(): Page[] {
  const names = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  return names.map((name) => ({ file: `docs/${name}`, route: guideRoute(name) }));
}

function decisions(): Page[] {
  const names = readdirSync(join(root, 'docs/decisions')).filter((name) => name.endsWith('.md'));
  return names.map((name) => ({ file: `docs/decisions/${name}`, route: `decisions/${name.slice(0, -3)}` }));
}

/** The README of a published package is where its reference begins. */
function packages(): Page[] {
  const published = publishedPackages().map(({ directory }) => basename(directory));
  return readdirSync(join(root, 'packages'))
    .map((name) => ({
      file: `packages/${name}/README.md`,
      route: published.includes(name) ? `reference/@coloop/${name}/index` : `packages/${name}`,
    }))
    .filter(({ file }) => existsSync(join(root, file)));
}

function programs(): Page[] {
  const names = readdirSync(join(root, PROGRAMS)).filter((name) => /^[a-z-]+\.ts$/.test(name));
  return names.map((name) => ({ file: `${PROGRAMS}/${name}`, route: `examples/${name.slice(0, -3)}` }));
}

/** All of them but the landing pages and the reference. */
export function pages(): Page[] {
  return [
    ...guides(),
    ...decisions(),
    ...packages(),
    ...programs(),
    { file: 'CONTRIBUTING.md', route: 'contributing' },
    { file: 'README.md', route: 'readme' },
    { file: 'README.zh-CN.md', route: 'zh/readme' },
  ];
}

/** The text of a page, before its links are looked at. A program is shown as what it is. */
export function textOf({ file, route }: Page): string {
  const text = readFileSync(join(root, file), 'utf8');
  if (!file.endsWith('.ts')) return text;
  const name = route.slice('examples/'.length);
  return `# ${name}\n\n\`\`\`sh\nnpx --yes pnpm@12.21.0 example ${name}\n\`\`\`\n\n\`\`\`ts\n${text}\`\`\`\n`;
}
