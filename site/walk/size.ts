/** What a reader loads before the first page stands: its HTML, styles and scripts, gzipped. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const LOADED =
  /<(?:link rel="(?:stylesheet|preload stylesheet|modulepreload|preload)"|script)[^>]*?(?:href|src)="([^"]+)"/g;

export function firstPageSize(dist: string): number {
  const html = readFileSync(join(dist, 'index.html'), 'utf8');
  const files = new Set([...html.matchAll(LOADED)].map(([, file = '']) => file));
  const weigh = (text: string | Buffer): number => gzipSync(text).length;
  return [...files].reduce((sum, file) => sum + weigh(readFileSync(join(dist, file))), weigh(html));
}
