/** The addresses in a sitemap. */
import sax from 'sax';

export interface Sitemap {
  readonly pages: readonly string[];
  /** Further sitemaps, where this one is an index. */
  readonly sitemaps: readonly string[];
}

/** As many as the protocol allows in one file. */
const MOST = 50_000;

/**
 * Reads a sitemap, an index of sitemaps, or a text with one address in a line.
 *
 * Source: sitemaps.org, protocol 0.9.
 */
export function readSitemap(text: string): Sitemap {
  if (!/^\s*</.test(text))
    return {
      pages: text
        .split(/\s+/)
        .filter((line) => /^https?:/.test(line))
        .slice(0, MOST),
      sitemaps: [],
    };
  const pages: string[] = [];
  const sitemaps: string[] = [];
  const path: string[] = [];
  let value = '';
  const parser = sax.parser(false, { lowercase: true, trim: true, position: false });
  const take = (chars: string): void => {
    value += chars;
  };
  parser.onerror = () => void parser.resume();
  parser.onopentag = ({ name }) => {
    path.push(name.replace(/^.*:/, ''));
    value = '';
  };
  parser.ontext = take;
  parser.oncdata = take;
  parser.onclosetag = () => {
    const [name, parent] = [path.pop(), path.at(-1)];
    if (name !== 'loc' || value.trim() === '' || pages.length + sitemaps.length >= MOST) return;
    if (parent === 'sitemap') sitemaps.push(value.trim());
    else if (parent === 'url') pages.push(value.trim());
  };
  parser.write(text).close();
  return { pages, sitemaps };
}
