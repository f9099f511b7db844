/* Header fields that a message has once, and what to make of them where a server sends several. */
import { HttpResponse } from './response.ts';

/** What has headers: a response, or what is known of one. */
export interface WithHeaders {
  readonly headers: Headers;
}

/**
 * The different values of a field, in order: equal copies count once.
 *
 * The web's `Headers` joins the lines of a field, so they are taken from the response itself where that is at hand.
 */
export function valuesOf(source: WithHeaders, lowerName: string): readonly string[] {
  if (source instanceof HttpResponse) return [...new Set(source.rawHeaders.getAll(lowerName))];
  const joined = source.headers.get(lowerName);
  return joined === null ? [] : [onceOf(joined)];
}

/** The value of a field that a message has once; undefined if there is none, or several that differ. */
export function singleValue(source: WithHeaders, lowerName: string): string | undefined {
  const [value, ...others] = valuesOf(source, lowerName);
  return others.length === 0 ? value : undefined;
}

/** What was joined of equal copies. */
function onceOf(joined: string): string {
  for (let copies = 2; copies <= MOST_COPIES; copies++) {
    const length = (joined.length + SEPARATOR.length) / copies - SEPARATOR.length;
    if (length < 1) break;
    const first = joined.slice(0, length);
    if (Number.isInteger(length) && joined === Array(copies).fill(first).join(SEPARATOR)) return first;
  }
  return joined;
}

const SEPARATOR = ', ';
const MOST_COPIES = 8;
