/** What the checker wants to know of a page: where it leads to, and what can be led to inside it. */
import { Parser } from 'htmlparser2';

export interface PageContent {
  readonly title: string | undefined;
  /** Every link as often as it is written: absolute, with its fragment. */
  readonly links: readonly URL[];
  /** What is written as a link and is no address. */
  readonly unusable: readonly string[];
  /** What a fragment can point at. */
  readonly anchors: ReadonlySet<string>;
}

const ATTRIBUTES: Record<string, string> = {
  a: 'href',
  area: 'href',
  audio: 'src',
  iframe: 'src',
  img: 'src',
  link: 'href',
  script: 'src',
  source: 'src',
  video: 'src',
};

/** Link relations that name no document to load. */
const HINTS = /(^|\s)(preconnect|dns-prefetch)(\s|$)/i;

/**
 * Reads a page as a browser would: the first `<base>` counts, entities are decoded, other schemes are left out.
 *
 * @param html the text of the page
 * @param url where it came from
 */
export function readHtml(html: string, url: string): PageContent {
  const links: URL[] = [];
  const unusable: string[] = [];
  const anchors = new Set<string>();
  let base: string | undefined;
  let title: string | undefined;
  let inTitle = false;

  const addLink = (target: string): void => {
    const absolute = parseUrl(target.trim(), base ?? url);
    if (absolute === undefined) unusable.push(target);
    else if (absolute.protocol === 'https:' || absolute.protocol === 'http:') links.push(absolute);
  };

  const parser = new Parser({
    onopentag(name, attributes) {
      inTitle = name === 'title' && title === undefined;
      if (attributes.id) anchors.add(attributes.id);
      if (name === 'a' && attributes.name) anchors.add(attributes.name);
      if (name === 'base' && attributes.href) base ??= parseUrl(attributes.href, url)?.href;
      const target = attributes[ATTRIBUTES[name] ?? ''];
      if (target === undefined || (name === 'link' && HINTS.test(attributes.rel ?? ''))) return;
      addLink(target);
    },
    ontext(text) {
      if (inTitle) title = (title ?? '') + text;
    },
    onclosetag() {
      inTitle = false;
    },
  });
  parser.end(html);
  return { title: title?.trim().replace(/\s+/g, ' ') || undefined, links, unusable, anchors };
}

/**
 * Whether a fragment leads somewhere on a page with these anchors.
 *
 * @param fragment as in `URL.hash`, with or without its `#`
 */
export function hasAnchor(anchors: ReadonlySet<string>, fragment: string): boolean {
  const raw = fragment.replace(/^#/, '');
  // The empty fragment and `top` are the top of any page; `:~:` addresses text, which no id is needed for.
  if (raw === '' || raw.toLowerCase() === 'top' || raw.startsWith(':~:')) return true;
  const [name = ''] = raw.split(':~:');
  return anchors.has(name) || anchors.has(decode(name));
}

function parseUrl(text: string, base: string): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
