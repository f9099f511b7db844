/** What robots.txt asks of us. */
import robotsParser from 'robots-parser';

/** How the checker names itself. */
export const USER_AGENT = 'coloop-site-checker';

/** A longer pause than this would make a check last for days, in milliseconds. */
export const LONGEST_PAUSE = 60_000;

export interface Wishes {
  allows(url: URL): boolean;
  /** Least time from one request to the next, in milliseconds. */
  readonly pause: number;
  readonly sitemaps: readonly string[];
}

export const NO_WISHES: Wishes = { allows: () => true, pause: 0, sitemaps: [] };

/**
 * Reads a robots.txt.
 *
 * @param address where it came from
 * Source: RFC 9309; Crawl-delay and Sitemap are customs beside it.
 */
export function readRobots(address: string, text: string): Wishes {
  const robots = robotsParser(address, text);
  const delay = robots.getCrawlDelay(USER_AGENT) ?? 0;
  return {
    allows: (url) => robots.isAllowed(url.href, USER_AGENT) ?? true,
    pause: Number.isFinite(delay) && delay > 0 ? Math.min(delay * 1000, LONGEST_PAUSE) : 0,
    sitemaps: robots.getSitemaps(),
  };
}
