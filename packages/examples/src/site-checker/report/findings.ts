/** What a run found out: plain data, from which every form of the report is made. */

/** Why a link is broken. */
export type Why = 'status' | 'timeout' | 'redirects' | 'truncated' | 'unreadable' | 'fragment' | 'connection' | 'url';

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
  /** The start page. */
  readonly site: string;
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
  /** Links left out because the run had reached its limit. */
  readonly skipped: number;
  readonly sample: Sample | undefined;
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

/** The broken links by the page that holds them, in the order in which they were found. */
export function brokenByPage(findings: Findings): ReadonlyMap<string, readonly BrokenLink[]> {
  const pages = new Map<string, BrokenLink[]>();
  for (const link of findings.broken) {
    const list = pages.get(link.page);
    if (list === undefined) pages.set(link.page, [link]);
    else list.push(link);
  }
  return pages;
}
