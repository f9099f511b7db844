/**
 * What is wrong with the embedded site on purpose.
 *
 * The world knows each fault and what a correct run must say about it, so that a run which overlooks one can be told
 * from a run that found them all.
 */
import type { LibraryDocument } from './library.ts';

/** How the server behaves at the fault's path. */
export type Behaviour =
  | { readonly kind: 'normal' }
  | { readonly kind: 'slow'; readonly delay: number }
  | { readonly kind: 'drip'; readonly duration: number }
  | { readonly kind: 'redirect'; readonly status: 301 | 302 | 307 | 308; readonly to: string }
  | { readonly kind: 'error'; readonly status: number }
  | { readonly kind: 'silent' }
  | { readonly kind: 'stall' }
  | { readonly kind: 'cut' }
  | { readonly kind: 'members' };

/** Why a link is broken, in the words that a correct run must use. */
export type Breakage = 'status' | 'timeout' | 'redirects' | 'truncated' | 'fragment';

export type Expectation =
  /** The page is fine, however it was reached; `atLeast` is in milliseconds. */
  | { readonly outcome: 'reached'; readonly atLeast?: number; readonly redirects?: number }
  | { readonly outcome: 'broken'; readonly why: Breakage; readonly status?: number };

export interface Fault {
  /** One sentence for people. */
  readonly what: string;
  /** The page that holds the link, as a path on the site. */
  readonly page: string;
  /** The link as it is written there; it may carry a fragment. */
  readonly link: string;
  readonly behaviour: Behaviour;
  readonly expected: Expectation;
}

const SLOW = 600;

/** Places the faults over the documents: the same documents always give the same faults. */
export function plantFaults(documents: readonly LibraryDocument[]): readonly Fault[] {
  const at = (fraction: number): string => {
    const document = documents[Math.floor(fraction * (documents.length - 1))];
    if (document === undefined) throw new Error('Faults need at least one document to be planted in');
    return document.path;
  };
  const reached = (more: { atLeast?: number; redirects?: number } = {}): Expectation => ({
    outcome: 'reached',
    ...more,
  });
  const broken = (why: Breakage, status?: number): Expectation =>
    status === undefined ? { outcome: 'broken', why } : { outcome: 'broken', why, status };
  const fault = (what: string, page: string, link: string, behaviour: Behaviour, expected: Expectation): Fault => ({
    what,
    page,
    link,
    behaviour,
    expected,
  });
  const hop = (to: string, status: 301 | 302 | 307 | 308 = 301): Behaviour => ({ kind: 'redirect', status, to });
  const slow = (delay: number): Behaviour => ({ kind: 'slow', delay });
  return [
    fault('a slow page', at(0.02), '/reports/yearly', slow(SLOW), reached({ atLeast: SLOW })),
    fault('a slower page', at(0.31), '/reports/history', slow(2 * SLOW), reached({ atLeast: 2 * SLOW })),
    fault(
      'a body that drips in',
      at(0.12),
      '/reports/daily',
      { kind: 'drip', duration: SLOW },
      reached({ atLeast: SLOW }),
    ),
    fault('a moved page', at(0.22), '/old/start', hop(at(0.5)), reached({ redirects: 1 })),
    fault('a page that moved twice', at(0.41), '/old/guide', hop('/old/guide-2', 302), reached({ redirects: 2 })),
    fault(
      'the second hop of the page that moved twice',
      at(0.41),
      '/old/guide-2',
      hop(at(0.7), 308),
      reached({ redirects: 1 }),
    ),
    fault('a redirect to itself', at(0.52), '/old/loop', hop('/old/loop', 307), broken('redirects')),
    fault('a redirect to nowhere', at(0.56), '/old/lost', hop('/old/nowhere'), broken('status', 404)),
    fault('a page that fails', at(0.61), '/reports/live', { kind: 'error', status: 500 }, broken('status', 500)),
    fault(
      'a page that is overloaded',
      at(0.66),
      '/reports/queue',
      { kind: 'error', status: 503 },
      broken('status', 503),
    ),
    fault('a page that never answers', at(0.17), '/reports/forecast', { kind: 'silent' }, broken('timeout')),
    fault('another page that never answers', at(0.75), '/reports/outlook', { kind: 'silent' }, broken('timeout')),
    fault('a body that stops half way', at(0.26), '/reports/archive', { kind: 'stall' }, broken('timeout')),
    fault('a connection closed in the middle', at(0.82), '/reports/export', { kind: 'cut' }, broken('truncated')),
    fault('a page that does not exist', at(0.87), '/reports/2019', { kind: 'normal' }, broken('status', 404)),
    fault(
      'a heading that does not exist',
      at(0.92),
      `${at(0.35)}#no-such-heading`,
      { kind: 'normal' },
      broken('fragment'),
    ),
    fault(
      'a page for visitors with the cookie of the start page',
      at(0.97),
      '/members/',
      { kind: 'members' },
      reached(),
    ),
  ];
}
