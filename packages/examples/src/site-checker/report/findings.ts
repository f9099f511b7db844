/** What a run found out: plain data, from which every form of the report is made. */

import { plural, printable } from './format.ts';

/** Why a link is broken. */
export type Why =
  | 'status'
  /** The server does not want a link checker, or no GET: a person may find the address in order. */
  | 'refused'
  | 'timeout'
  | 'redirects'
  | 'truncated'
  | 'unreadable'
  | 'fragment'
  | 'connection'
  | 'url';

/** Why an address was not asked for. */
export type Left = 'excluded' | 'limit' | 'robots' | 'endless';

export interface Problem {
  readonly why: Why;
  /** A short sentence for people. */
  readonly text: string;
}

/** Where the time of a request went, in milliseconds. */
export interface Phases {
  /** Until the request was on a connection: queue, DNS, proxy, connect, TLS. */
  readonly setup: number;
  /** Until the head of the answer came, redirects included. */
  readonly wait: number;
  readonly body: number;
}

/** One address that was asked for. */
export interface Visit {
  /** Without a fragment. */
  readonly url: string;
  /** A page is read for its links; anything else is only asked whether it is there. */
  readonly kind: 'page' | 'other';
  readonly title: string | undefined;
  readonly status: number | undefined;
  /** Redirects followed on the way. */
  readonly redirects: number;
  /** Bytes of the body that were read. */
  readonly bytes: number;
  /** Milliseconds since the run began. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly phases: Phases | undefined;
  readonly problem: Problem | undefined;
}

export interface BrokenLink {
  /** The page that holds the link. */
  readonly page: string;
  /** Where the link leads, with its fragment. */
  readonly link: string;
  readonly problem: Problem;
}

/** The same pages asked for one after the other and together, both in milliseconds. */
export interface Sample {
  readonly requests: number;
  readonly oneByOne: number;
  readonly together: number;
}

export interface Findings {
  /** The start page, and with several the first of them; without credentials. */
  readonly site: string;
  readonly sites: readonly string[];
  /** When the run began. */
  readonly date: Date;
  /** Milliseconds from the first request to the end of the last. */
  readonly elapsed: number;
  readonly concurrency: number;
  /** The run was ended before it was through. */
  readonly interrupted: boolean;
  readonly visits: readonly Visit[];
  readonly broken: readonly BrokenLink[];
  /** Links read, each as often as it is written. */
  readonly links: number;
  /** Links to other sites. */
  readonly external: number;
  /** Links that were not followed, by reason. */
  readonly left: Readonly<Record<Left, number>>;
  /** Where the site seems to grow for ever, one example. */
  readonly endless: string | undefined;
  /** Pages that are larger than what is read of one. */
  readonly unread: readonly string[];
  /** What the baseline knew already: in none of the lists above. */
  readonly known: number;
  readonly sample: Sample | undefined;
}

/** Why the run cannot say that all is well though nothing was found: one sentence each, without its full stop. */
export function incomplete(findings: Findings): string[] {
  const { interrupted, left, endless, unread } = findings;
  const reasons: string[] = [];
  if (interrupted) reasons.push('the run was ended by --total-timeout, or interrupted');
  if (left.limit > 0) reasons.push(`limit reached, ${plural(left.limit, 'link')} left out; --limit asks for more`);
  if (left.endless > 0) {
    reasons.push(`the site seems to grow for ever by relative links, as with ${printable(endless ?? '')}`);
  }
  if (unread.length > 0) {
    const [first = ''] = unread;
    reasons.push(
      `${plural(unread.length, 'page')} too large to be read whole, as ${printable(first)}; --max-page reads more`,
    );
  }
  return reasons;
}

/** The figures that every form of the report opens with. */
export interface Totals {
  readonly pages: number;
  readonly requests: number;
  readonly bytes: number;
  readonly broken: number;
  readonly redirected: number;
  readonly perSecond: number;
}

export function totals(findings: Findings): Totals {
  const { visits, elapsed } = findings;
  return {
    pages: visits.filter((visit) => visit.kind === 'page' && visit.problem === undefined).length,
    requests: visits.length,
    bytes: visits.reduce((sum, visit) => sum + visit.bytes, 0),
    broken: findings.broken.length,
    redirected: visits.filter((visit) => visit.redirects > 0).length,
    perSecond: elapsed > 0 ? (visits.length * 1000) / elapsed : 0,
  };
}

/** The slowest answers, the slowest first; what was never answered is among the broken links. */
export function slowest(findings: Findings, count: number): readonly Visit[] {
  return findings.visits
    .filter((visit) => visit.problem === undefined)
    .sort((a, b) => b.endedAt - b.startedAt - (a.endedAt - a.startedAt))
    .slice(0, count);
}

/** Links by the page that holds them, in the order in which they were found. */
export function linksByPage(links: readonly BrokenLink[]): ReadonlyMap<string, readonly BrokenLink[]> {
  const pages = new Map<string, BrokenLink[]>();
  for (const link of links) {
    const list = pages.get(link.page);
    if (list === undefined) pages.set(link.page, [link]);
    else list.push(link);
  }
  return pages;
}

/** What else there is to say of the run, beside its figures: one phrase each. */
export function notes({ external, left, known }: Findings): string[] {
  const said: string[] = [];
  if (external > 0) said.push(`${plural(external, 'link')} to other sites`);
  if (known > 0) said.push(`${plural(known, 'finding')} known from the baseline`);
  if (left.excluded > 0) said.push(`${plural(left.excluded, 'link')} left out by --include and --exclude`);
  if (left.robots > 0) said.push(`${plural(left.robots, 'address', 'addresses')} left out: robots.txt asks for it`);
  if (left.limit > 0) said.push(`${plural(left.limit, 'link')} left out: limit reached`);
  return said;
}
