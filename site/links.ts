// What a link of a file of the repository is on the site.
import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import type { Page } from './pages.ts';

/** Where the links of one page lead. */
export interface Links {
  /** The routes of the files that are pages. */
  readonly routes: ReadonlyMap<string, string>;
  /** Called for each picture, with its file; gives its address. */
  readonly picture: (file: string) => string;
  /** The folder of the repository. */
  readonly root: string;
}

const PICTURE = /\.(svg|png)$/;
const CODE = /(^ *```[\s\S]*?^ *```|`[^`\n]*`)/gm;

/** The Markdown with links to pages of the site. A link to what is no page becomes its text. */
export function withLinks(text: string, page: Page, links: Links): string {
  const parts = text.split(CODE);
  // Code may stand within the text of a link, so it is put out of the way and not cut out.
  const held = parts.filter((_, index) => index % 2 === 1);
  const masked = parts.map((part, index) => (index % 2 === 1 ? `\0${(index - 1) / 2}\0` : part)).join('');
  const linked = masked.replace(
    /(!?)\[([^\]]*)\]\(([^)\s]+)\)/g,
    (whole, mark: string, label: string, target: string) =>
      target.startsWith('#') || /^[a-z]+:/.test(target) ? whole : `${link(mark, label, target, page, links)}`,
  );
  return linked.replace(/\0(\d+)\0/g, (_, index: string) => held[Number(index)] ?? '');
}

function link(mark: string, label: string, target: string, page: Page, { routes, picture, root }: Links): string {
  const [path = '', place] = target.split('#');
  const file = posix.join(posix.dirname(page.file), path);
  if (PICTURE.test(file)) return `${mark}[${label}](${picture(file)})`;
  const route = routes.get(file.replace(/\/$/, ''));
  if (route !== undefined) return `[${label}](/${route}.md${place === undefined ? '' : `#${place}`})`;
  if (!existsSync(posix.join(root, file))) throw new Error(`${page.file}: ${target} does not exist`);
  return label;
}
