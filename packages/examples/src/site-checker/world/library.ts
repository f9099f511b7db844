/**
 * The Markdown that the installed dependencies brought along: the text that the embedded site is made of.
 *
 * A page's path keeps the shape of its package's folder, so the relative links inside a README lead where their author
 * meant them to lead, and break where the author forgot that the file is not in the published package.
 */
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';

/** One Markdown file of one package. */
export interface LibraryDocument {
  /** The path on the site, such as `/undici@7.30.2/docs/api/Agent.md`. */
  readonly path: string;
  readonly file: string;
  /** The package's name and version, such as `undici@7.30.2`. */
  readonly owner: string;
}

/** What a path on the site stands for on the disk. */
export interface LibraryEntry {
  readonly kind: 'file' | 'folder';
  readonly file: string;
}

export interface Library {
  /** In the order of their paths. */
  readonly documents: readonly LibraryDocument[];
  /** Finds any file or folder of a package that has a document; `undefined` where the path leads nowhere. */
  find(sitePath: string): LibraryEntry | undefined;
}

/** Keeps the site at "several hundred pages" however many dependencies there are. */
const MAX_DOCUMENTS = 400;
/** A longer text says nothing about links that a shorter one does not. */
const MAX_BYTES = 40_000;
const MAX_DEPTH = 5;
/** Folders of code: not documentation, and they hold most of the files. */
const CODE_FOLDERS = new Set(['node_modules', 'dist', 'src', 'lib', 'esm', 'cjs', 'build', 'test', 'tests', 'types']);

/** Served as they are where they are linked: they are not documentation. */
const RECORDS = /^(changelog|changes|history|licen[cs]e|notice|third[-_]?party)/i;

const byName = new Intl.Collator('en', { numeric: true }).compare;

/**
 * Reads which documents there are; their text is read when a page is asked for.
 *
 * @param root a folder with `node_modules` in it, laid out by pnpm or by npm
 * Throws an Error when no Markdown is found there.
 */
export function openLibrary(root: string): Library {
  const folders = new Map<string, string>();
  const readmes: LibraryDocument[] = [];
  const others: LibraryDocument[] = [];
  for (const [name, folder] of findPackages(path.join(root, 'node_modules'))) {
    const owner = `${name}@${versionOf(folder)}`;
    const found = markdownIn(folder, MAX_DEPTH).map((file): LibraryDocument => {
      const relative = path.relative(folder, file).split(path.sep).map(encodeURIComponent).join('/');
      return { path: `/${owner}/${relative}`, file, owner };
    });
    if (found.length > 0) folders.set(owner, folder);
    for (const document of found) (/\/readme\.md$/i.test(document.path) ? readmes : others).push(document);
  }
  const documents = [...readmes, ...others].slice(0, MAX_DOCUMENTS).sort((a, b) => byName(a.path, b.path));
  if (documents.length === 0) {
    throw new Error(`No Markdown was found under ${root}/node_modules: install the dependencies, then start again`);
  }
  return { documents, find: (sitePath) => find(folders, sitePath) };
}

/** The nearest folder, from `start` upwards, that holds installed packages. */
export function findRoot(start: string): string {
  let found: string | undefined;
  for (let folder = start; ; folder = path.dirname(folder)) {
    const modules = path.join(folder, 'node_modules');
    // A member of a workspace has a node_modules of its own with links only: the store is further up.
    if (existsSync(path.join(modules, '.pnpm'))) return folder;
    if (found === undefined && existsSync(modules)) found = folder;
    if (folder === path.dirname(folder)) break;
  }
  if (found === undefined) throw new Error(`No node_modules was found from ${start} upwards`);
  return found;
}

/** Every installed package once, the highest version where there are several, in the order of their names. */
function findPackages(modules: string): [name: string, folder: string][] {
  const store = path.join(modules, '.pnpm');
  const places = existsSync(store)
    ? readdirSync(store)
        .sort(byName)
        .map((entry) => path.join(store, entry, 'node_modules'))
    : [modules];
  const found = new Map<string, string>();
  for (const place of places) {
    for (const name of packagesIn(place)) found.set(name, path.join(place, name));
  }
  return [...found].sort(([a], [b]) => byName(a, b));
}

function packagesIn(modules: string): string[] {
  return foldersIn(modules).flatMap((name) =>
    name.startsWith('@') ? foldersIn(path.join(modules, name)).map((inner) => `${name}/${inner}`) : [name],
  );
}

/** Real folders only: a link leads to a package that is found at its own place. */
function foldersIn(folder: string): string[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name);
}

function versionOf(folder: string): string {
  try {
    const manifest: unknown = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) return String(manifest.version);
  } catch {
    // A folder without a readable manifest is shown without its version.
  }
  return '0.0.0';
}

function markdownIn(folder: string, depth: number): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => byName(a.name, b.name))) {
    const inner = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      if (depth > 0 && !CODE_FOLDERS.has(entry.name)) found.push(...markdownIn(inner, depth - 1));
    } else if (entry.isFile() && isDocument(entry.name) && statSync(inner).size <= MAX_BYTES) {
      found.push(inner);
    }
  }
  return found;
}

function isDocument(name: string): boolean {
  return /\.md$/i.test(name) && !RECORDS.test(name);
}

function find(folders: ReadonlyMap<string, string>, sitePath: string): LibraryEntry | undefined {
  const [, owner, rest] = /^\/((?:@[^/]+\/)?[^/]+)(\/.*)?$/.exec(sitePath) ?? [];
  const folder = owner === undefined ? undefined : folders.get(owner);
  if (folder === undefined) return undefined;
  let relative: string;
  try {
    relative = decodeURIComponent(rest ?? '/');
  } catch {
    return undefined;
  }
  const file = path.join(folder, relative);
  if (relative.includes('\0') || !existsSync(file)) return undefined;
  // Asked of the resolved path, so that neither dots nor a link inside a package lead out of it.
  const real = realpathSync(file);
  const home = realpathSync(folder);
  if (real !== home && !real.startsWith(home + path.sep)) return undefined;
  const stat = statSync(real);
  if (stat.isDirectory()) return { kind: 'folder', file: real };
  return stat.isFile() ? { kind: 'file', file: real } : undefined;
}
