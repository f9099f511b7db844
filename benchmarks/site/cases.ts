/** What one address of a case answers: a page as HTML, or all of it. */
export type Answer =
  | string
  | {
      readonly status?: number;
      readonly type?: string;
      readonly location?: string;
      readonly body?: string;
    };

/** One thing that pages do, as a small site in a folder of its own whose first page is `index.html`. */
export interface Case {
  readonly title: string;
  readonly site: Readonly<Record<string, Answer>>;
  /** The addresses, as seen from the folder, that a reader with a browser would call broken. */
  readonly broken: readonly string[];
}

const page = (body: string, head = ''): string => `<!doctype html><head>${head}</head><body>${body}</body>`;
const css = (body: string): Answer => ({ type: 'text/css', body });
const svg = '<svg xmlns="http://www.w3.org/2000/svg"><g id="icon"/></svg>';

/** A page with one thing that leads nowhere. */
const missing = (title: string, body: string, head = ''): Case => ({
  title,
  site: { 'index.html': page(body, head) },
  broken: ['gone'],
});

/** A page on which nothing is broken. */
const sound = (title: string, body: string, more: Case['site'] = {}, head = ''): Case => ({
  title,
  site: { 'index.html': page(body, head), ...more },
  broken: [],
});

/** What browsers load or follow, and what they do not. */
export const CASES: readonly Case[] = [
  missing('a link', '<a href="gone">x</a>'),
  missing('an area of a map', '<map name="m"><area href="gone" alt="x"></map>'),
  missing('a picture', '<img src="gone" alt="">'),
  {
    title: 'the second candidate of a srcset',
    site: { 'index.html': page('<img src="a.svg" srcset="a.svg 1x, gone 2x" alt="">'), 'a.svg': svg },
    broken: ['gone'],
  },
  missing('a source of a picture element', '<picture><source srcset="gone"></picture>'),
  missing('the poster of a video', '<video poster="gone"></video>'),
  missing('a track of a video', '<video><track src="gone"></video>'),
  missing('an object', '<object data="gone"></object>'),
  missing('an embed', '<embed src="gone">'),
  missing('a frame', '<iframe src="gone"></iframe>'),
  missing('a button with a picture', '<input type="image" src="gone" alt="x">'),
  missing('a picture within SVG', '<svg><image href="gone"/></svg>'),
  {
    title: 'a symbol of another SVG',
    site: { 'index.html': page('<svg><use xlink:href="gone#x"/></svg>') },
    broken: ['gone#x'],
  },
  missing('a script', '<script src="gone"></script>'),
  missing('a style sheet', '', '<link rel="stylesheet" href="gone">'),
  missing('an icon that is preloaded', '', '<link rel="preload" as="image" imagesrcset="gone 1x">'),
  missing('a refresh', '', '<meta http-equiv="refresh" content="30; url=gone">'),
  missing('an address in a style element', '', '<style>body { background: url(gone) }</style>'),
  missing('an address in a style attribute', '<p style="background: url(\'gone\')">x</p>'),
  {
    title: 'a sheet that a sheet imports',
    site: { 'index.html': page('', '<link rel="stylesheet" href="a.css">'), 'a.css': css('@import "gone";') },
    broken: ['gone'],
  },
  {
    title: 'a base that stands behind the link',
    site: { 'index.html': page('<a href="a.html">x</a><base href="deeper/">'), 'deeper/a.html': page('x') },
    broken: [],
  },
  sound('a comment and a template', '<!-- <a href="gone">x</a> --><template><a href="gone">x</a></template>'),
  sound('blanks and line ends around an address', '<a href="\n a.html\t ">x</a>', { 'a.html': page('x') }),
  sound('an address with references of characters', '<a href="a.html?b=1&amp;c=2">x</a>', {
    'a.html?b=1&c=2': page('x'),
  }),
  sound('links to people and telephones', '<a href="mailto:a@example.org">x</a><a href="tel:+49123">x</a>'),
  {
    title: 'a fragment that no element has',
    site: { 'index.html': page('<a href="a.html#nowhere">x</a>'), 'a.html': page('<p id="here">x</p>') },
    broken: ['a.html#nowhere'],
  },
  sound('a fragment that is a name', '<a href="a.html#here">x</a>', { 'a.html': page('<a name="here">x</a>') }),
  sound('a fragment in Chinese, encoded', '<a href="a.html#%E7%AB%A0">x</a>', { 'a.html': page('<p id="章">x</p>') }),
  sound('the top, and a fragment of text', '<a href="a.html#top">x</a><a href="a.html#:~:text=some">x</a>', {
    'a.html': page('some text'),
  }),
  sound('a route of a page with scripts', '<a href="a.html#/users/1">x</a>', { 'a.html': page('x') }),
  {
    title: 'an answer of 500',
    site: { 'index.html': page('<a href="a.html">x</a>'), 'a.html': { status: 500 } },
    broken: ['a.html'],
  },
  {
    title: 'a redirect to what is not there',
    site: { 'index.html': page('<a href="a.html">x</a>'), 'a.html': { status: 301, location: 'gone' } },
    broken: ['a.html'],
  },
  {
    title: 'a redirect in a circle',
    site: {
      'index.html': page('<a href="a.html">x</a>'),
      'a.html': { status: 302, location: 'b.html' },
      'b.html': { status: 302, location: 'a.html' },
    },
    broken: ['a.html'],
  },
  {
    title: 'a redirect to a page whose links are broken',
    site: {
      'index.html': page('<a href="a.html">x</a>'),
      'a.html': { status: 301, location: 'deeper/b.html' },
      'deeper/b.html': page('<a href="gone">x</a>'),
    },
    broken: ['deeper/gone'],
  },
  {
    title: 'a page as XML',
    site: {
      'index.html': page('<a href="a.xhtml">x</a>'),
      'a.xhtml': {
        type: 'application/xhtml+xml',
        body: '<html xmlns="http://www.w3.org/1999/xhtml"><body><a href="gone"/></body></html>',
      },
    },
    broken: ['gone'],
  },
];
