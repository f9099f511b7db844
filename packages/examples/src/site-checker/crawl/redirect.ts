/** Where an answer leads instead. */
import type { Problem } from '../report/findings.ts';
import { withoutCredentials } from './address.ts';
import type { Answer } from './ask.ts';

export interface Redirect {
  /** With its fragment; none for what no link checker can follow. */
  readonly to: URL | undefined;
  readonly setsCookie: boolean;
  readonly problem: Problem | undefined;
}

/** 300 offers a choice and 304 answers a condition: neither names a place to go. */
const FOLLOWED: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** `undefined` for what is not a redirect. */
export function redirectOf({ status, headers }: Pick<Answer, 'status' | 'headers'>, from: URL): Redirect | undefined {
  const location = headers.get('location');
  if (!FOLLOWED.has(status) || location === null) return undefined;
  const setsCookie = headers.has('set-cookie');
  const to = resolve(asUtf8(location), from);
  if (to?.protocol === 'http:' || to?.protocol === 'https:') {
    return { to: withoutCredentials(to), setsCookie, problem: undefined };
  }
  // To another program, such as one for mail: that is the end of what can be checked.
  if (to !== undefined && to.protocol !== 'file:') return { to: undefined, setsCookie, problem: undefined };
  return { to: undefined, setsCookie, problem: { why: 'redirects', text: 'redirects to what is no address' } };
}

/** Headers come as one character per byte; a Location beyond ASCII is UTF-8 in practice. */
function asUtf8(location: string): string {
  if (!/[\x80-\xff]/.test(location)) return location;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(location, 'latin1'));
  } catch {
    return location;
  }
}

function resolve(location: string, from: URL): URL | undefined {
  try {
    return new URL(location, from);
  } catch {
    return undefined;
  }
}
