/** The sitemaps of a host: those that robots.txt names, else the one at the usual place. */
import { gunzipSync } from 'node:zlib';
import { attempt, type Operation } from '@coloop/core';
import { ClientError, type Session } from '@coloop/http';
import { readSitemap } from './sitemap.ts';

/** The protocol allows 50 MB for one of them. */
const LONGEST = 52_428_800;
/** An index may name 50,000 more: that would be a crawl of its own. */
const MOST = 100;

export interface SitemapPages {
  readonly sitemap: string;
  readonly pages: readonly string[];
}

/**
 * Reads them all, indexes included.
 *
 * @param named what robots.txt says
 */
export function* pagesOfSitemaps(
  session: Session,
  origin: string,
  named: readonly string[],
): Operation<SitemapPages[]> {
  const waiting = named.length > 0 ? [...named] : [`${origin}/sitemap.xml`];
  const seen = new Set<string>();
  const found: SitemapPages[] = [];
  for (let address = waiting.shift(); address !== undefined && seen.size < MOST; address = waiting.shift()) {
    // A sitemap speaks for its own host only.
    if (seen.has(address) || !URL.canParse(address) || new URL(address).origin !== origin) continue;
    seen.add(address);
    const answer = yield* attempt(fetchSitemap(session, address));
    if (!answer.ok && !(answer.error instanceof ClientError)) throw answer.error;
    if (!answer.ok || answer.value === undefined) continue;
    const { pages, sitemaps } = readSitemap(answer.value);
    found.push({ sitemap: address, pages });
    waiting.push(...sitemaps);
  }
  return found;
}

function* fetchSitemap(session: Session, address: string): Operation<string | undefined> {
  using response = yield* session.get(address, { limits: { buffered: LONGEST } });
  if (!response.ok) return undefined;
  const bytes = yield* response.bytes();
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return new TextDecoder().decode(isGzip ? unpacked(bytes) : bytes);
}

function unpacked(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: LONGEST });
  } catch {
    return new Uint8Array();
  }
}
