/** Links of the built pages that lead nowhere: to a page, a file or a place on a page that is not there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

interface Built {
  readonly links: readonly string[];
  readonly places: ReadonlySet<string>;
}

function read(file: string): Built {
  const html = readFileSync(file, 'utf8');
  return {
    links: [...html.matchAll(/<a\b[^>]*?\shref="([^"]*)"/g)].map(([, link = '']) => link.replaceAll('&amp;', '&')),
    places: new Set([...html.matchAll(/\s(?:id|name)="([^"]*)"/g)].map(([, id = '']) => id)),
  };
}

export function brokenLinks(dist: string): string[] {
  const names = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.html'));
  const built = new Map(names.map((name) => [name, read(join(dist, name))]));
  const problems = new Set<string>();
  for (const [name, { links }] of built) {
    for (const link of links) {
      if (/^(https?|mailto):/.test(link)) continue;
      const url = new URL(link, `http://site/${name}`);
      const path = decodeURIComponent(url.pathname).slice(1);
      const target = [path, `${path}.html`, join(path, 'index.html')].find((one) => built.has(one));
      if (target === undefined) {
        if (!existsSync(join(dist, path)) || path.endsWith('/')) problems.add(`${name}: ${link} does not exist`);
        continue;
      }
      const place = decodeURIComponent(url.hash.slice(1));
      if (place !== '' && built.get(target)?.places.has(place) !== true) {
        problems.add(`${name}: ${relative('.', target)} has no #${place}`);
      }
    }
  }
  return [...problems];
}
