// Makes the pages of the site from the files of the repository.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { root } from '../scripts/workspace.ts';
import { withLinks } from './links.ts';
import { type Page, pages, textOf } from './pages.ts';
import { writeReference } from './reference.ts';

export const site = import.meta.dirname;
export const generated = join(site, 'pages');

/** The landing pages are written for the site. */
const HOME: readonly Page[] = [
  { file: 'site/home/index.md', route: 'index' },
  { file: 'site/home/zh.md', route: 'zh/index' },
];

function write(route: string, text: string): void {
  const file = join(generated, `${route}.md`);
  mkdirSync(dirname(file), { recursive: true });
  // A README stands above the list of words that the reference has there.
  const words = existsSync(file) ? readFileSync(file, 'utf8').replace(/^# .*\n/, '') : '';
  writeFileSync(file, `${text}${words}`);
}

/** A picture of the repository, copied to where pages find it. */
function picture(file: string): string {
  const folder = join(generated, 'public/images');
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(root, file), join(folder, basename(file)));
  return `/images/${basename(file)}`;
}

/** Writes all pages anew. */
export async function prepare(): Promise<void> {
  rmSync(generated, { recursive: true, force: true });
  const all = [...HOME, ...pages()];
  const routes = new Map(all.map(({ file, route }) => [file, route]));
  routes.set('docs', 'guides');
  await writeReference(join(generated, 'reference'));
  for (const page of all) write(page.route, withLinks(textOf(page), page, { routes, picture, root }));
}
