/** When an address is asked for again. */
import type { Answer } from './ask.ts';

/** Before the first new attempt, in milliseconds; doubled each time. */
const FIRST_DELAY = 500;
/** Who asks for more patience than this is told of as it answered, in milliseconds. */
const LONGEST_DELAY = 60_000;

/**
 * How long to wait before asking again, in milliseconds: after a lost connection, or, with its answer, where a server asks
 * for it; `undefined` where asking again would change nothing.
 *
 * @param attempts how many were made before this one
 * Source: RFC 9110, 10.2.3 (Retry-After), and RFC 6585, 4 (status 429).
 */
export function retryDelay(attempts: number): number;
export function retryDelay(attempts: number, answer: Pick<Answer, 'status' | 'headers'>): number | undefined;
export function retryDelay(attempts: number, answer?: Pick<Answer, 'status' | 'headers'>): number | undefined {
  const usual = FIRST_DELAY * 2 ** attempts;
  if (answer === undefined) return usual;
  if (answer.status !== 429 && answer.status !== 503) return undefined;
  const asked = retryAfter(answer.headers);
  if (asked === undefined) return answer.status === 429 ? usual : undefined;
  return asked <= LONGEST_DELAY ? asked : undefined;
}

/** A date counts from the server's own clock where it tells it. */
function retryAfter(headers: Headers): number | undefined {
  const text = headers.get('retry-after')?.trim();
  if (text === undefined || text === '') return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const until = Date.parse(text) - Date.parse(headers.get('date') ?? '');
  return Number.isNaN(until) ? undefined : Math.max(0, until);
}
