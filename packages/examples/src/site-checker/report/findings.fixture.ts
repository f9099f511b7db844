/** Findings for the tests of the report. */
import type { Findings, Visit } from './findings.ts';

export const SITE = 'https://site.test/';

export function visit(path: string, startedAt: number, endedAt: number, more: Partial<Visit> = {}): Visit {
  return {
    url: new URL(path, SITE).href,
    kind: 'page',
    title: undefined,
    status: 200,
    redirects: 0,
    bytes: 1_000,
    startedAt,
    endedAt,
    phases: undefined,
    problem: undefined,
    ...more,
  };
}

export function findings(more: Partial<Findings> = {}): Findings {
  return {
    site: SITE,
    sites: [SITE],
    date: new Date('2026-05-04T03:02:01Z'),
    elapsed: 1_000,
    concurrency: 4,
    interrupted: false,
    visits: [],
    broken: [],
    links: 0,
    external: 0,
    left: { excluded: 0, limit: 0, robots: 0, endless: 0 },
    endless: undefined,
    unread: [],
    known: 0,
    sample: undefined,
    ...more,
  };
}
