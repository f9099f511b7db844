import { parseHttpDate } from '../response/http-date.ts';

/**
 * How long a Retry-After header asks to wait, in milliseconds; undefined if it says nothing that can be understood.
 *
 * Of several that were joined the first counts.
 *
 * @param now - milliseconds since 1970
 *
 * Source: RFC 9110, sections 10.2.3 and 5.6.7 (all three forms of a date).
 */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const text = firstOf(header.trim());
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const date = parseHttpDate(text, now);
  return date === undefined ? undefined : Math.max(0, date - now);
}

/** Of several that were joined, the first. */
function firstOf(text: string): string {
  return /^(?:\d+|.*?GMT)(?=[ \t]*,)/.exec(text)?.[0] ?? text;
}
