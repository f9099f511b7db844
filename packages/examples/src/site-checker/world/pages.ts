/** The pages of the embedded site: real documents in a plain frame, and the indexes that lead to them. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Markup, markup, trusted } from '../../shared/markup.ts';
import type { Behaviour, Fault } from './faults.ts';
import type { Library, LibraryDocument, LibraryEntry } from './library.ts';
import { renderMarkdown } from './markdown.ts';

export interface ServedPage {
  readonly type: string;
  readonly body: Uint8Array;
}

const STYLE = `body{font:16px/1.6 system-ui,sans-serif;max-width:52rem;margin:0 auto;padding:1rem;color:#1d2433}
nav,footer{font-size:.9rem;color:#5b6475}a{color:#1f5fbf}pre{overflow:auto;background:#f3f5f9;padding:1rem}img{max-width:100%}`;

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.gif': 'image/gif',
  '.html': 'text/html; charset=utf-8',
  '.jpg': 'image/jpeg',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
};

/** The faults that lie in how a page is sent, and not in what it says. */
const REPORTS: ReadonlySet<string> = new Set<Behaviour['kind']>(['slow', 'drip', 'stall', 'cut']);

/** Builds any page of the site from its path; what was built once is kept. */
export class Pages {
  readonly #library: Library;
  readonly #faults: readonly Fault[];
  readonly #documents = new Map<string, LibraryDocument>();
  readonly #letters = new Map<string, LibraryDocument[]>();
  readonly #reports: ReadonlySet<string>;
  readonly #built = new Map<string, ServedPage>();

  constructor(library: Library, faults: readonly Fault[]) {
    this.#library = library;
    this.#faults = faults;
    this.#reports = new Set(faults.filter(({ behaviour }) => REPORTS.has(behaviour.kind)).map(({ link }) => link));
    for (const document of library.documents) {
      this.#documents.set(document.path, document);
      const letter = letterOf(document);
      const list = this.#letters.get(letter);
      if (list === undefined) this.#letters.set(letter, [document]);
      else list.push(document);
    }
  }

  /** @param sitePath a path without query and fragment; `undefined` where there is no such page */
  get(sitePath: string): ServedPage | undefined {
    const known = this.#built.get(sitePath);
    if (known !== undefined) return known;
    const page = this.#build(sitePath);
    if (page !== undefined) this.#built.set(sitePath, page);
    return page;
  }

  #build(sitePath: string): ServedPage | undefined {
    if (sitePath === '/') return this.#home();
    const letter = /^\/index\/([a-z0-9])$/.exec(sitePath)?.[1];
    if (letter !== undefined) return this.#letter(letter);
    if (sitePath === '/members/') return html('Members', markup`<h1>Members</h1><p>Welcome back.</p>`);
    if (this.#reports.has(sitePath)) return html('Report', markup`<h1>Report</h1><p>${sitePath}</p>`);
    const document = this.#documents.get(sitePath);
    if (document !== undefined) return this.#document(document);
    const entry = this.#library.find(sitePath);
    return entry && this.#entry(sitePath, entry);
  }

  #home(): ServedPage {
    const { length } = this.#library.documents;
    const letters = [...this.#letters].map(
      ([letter, list]) => markup`<li>${link(`/index/${letter}`, letter.toUpperCase())}: ${list.length} pages</li>\n`,
    );
    return html(
      'The library',
      markup`<h1>The library</h1>
<p>What the dependencies of this project say about themselves, in ${length} pages.</p><ul>${letters}</ul>`,
    );
  }

  #letter(letter: string): ServedPage | undefined {
    const list = this.#letters.get(letter);
    if (list === undefined) return undefined;
    const items = list.map((document) => markup`<li>${link(document.path, document.path.slice(1))}</li>\n`);
    return html(letter.toUpperCase(), markup`<h1>${letter.toUpperCase()}</h1><ul>${items}</ul>`);
  }

  #document(document: LibraryDocument): ServedPage {
    const text = renderMarkdown(readFileSync(document.file, 'utf8'));
    const letter = letterOf(document);
    const more = this.#faults
      .filter((fault) => fault.page === document.path)
      .map((fault) => link(fault.link, fault.link));
    return html(
      text.title ?? document.owner,
      markup`<nav>${link('/', 'The library')} / ${link(`/index/${letter}`, letter.toUpperCase())} / ${document.owner}</nav>
<main>${trusted(text.html)}</main>
<footer>${more.length > 0 && markup`<p>See also ${more}.</p>`}</footer>`,
    );
  }

  /** A file of a package as it is, or what a folder holds. */
  #entry(sitePath: string, entry: LibraryEntry): ServedPage {
    if (entry.kind === 'file') {
      const type = TYPES[path.extname(entry.file).toLowerCase()] ?? 'text/plain; charset=utf-8';
      return { type, body: readFileSync(entry.file) };
    }
    const base = sitePath.endsWith('/') ? sitePath : `${sitePath}/`;
    const names = readdirSync(entry.file).filter((name) => /\.md$/i.test(name));
    const items = names.sort().map((name) => markup`<li>${link(base + encodeURIComponent(name), name)}</li>\n`);
    return html(sitePath, markup`<nav>${link('/', 'The library')}</nav><h1>${sitePath}</h1><ul>${items}</ul>`);
  }
}

/** The page of an error answer. */
export function errorPage(status: number, sitePath: string): ServedPage {
  return html(`Error ${status}`, markup`<h1>Error ${status}</h1><p>${sitePath}</p>`);
}

function letterOf(document: LibraryDocument): string {
  return /[a-z0-9]/i.exec(document.owner)?.[0].toLowerCase() ?? '0';
}

function link(target: string, text: string): Markup {
  return markup`<a href="${target}">${text}</a> `;
}

function html(title: string, content: Markup): ServedPage {
  const text = markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title><style>${trusted(STYLE)}</style></head>
<body>
${content}
</body></html>
`;
  return { type: 'text/html; charset=utf-8', body: new TextEncoder().encode(String(text)) };
}
