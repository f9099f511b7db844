/** Paths that grow by themselves. */

/** No path that people make says the same word this often. */
const MOST_REPEATS = 6;
/** Servers refuse longer addresses, most of them far shorter ones. */
const LONGEST = 8_000;

/**
 * Whether an address looks like the end of a site that grows for ever: a relative link on a page that the server shows at
 * any depth gives `/docs/docs/docs/…`.
 */
export function looksEndless(url: URL): boolean {
  if (url.href.length > LONGEST) return true;
  const times = new Map<string, number>();
  for (const segment of url.pathname.split('/')) {
    if (segment === '') continue;
    const count = (times.get(segment) ?? 0) + 1;
    if (count >= MOST_REPEATS) return true;
    times.set(segment, count);
  }
  return false;
}
