/** Whether a run found what the embedded world had hidden from it. */
import type { BrokenLink, Findings, Visit } from '../report/findings.ts';
import type { Fault } from '../world/faults.ts';

/** Timers may fire a little early by another clock. */
const TOLERANCE = 5;

/** The faults of which the run did not say what is true of them. */
export function missedFaults(faults: readonly Fault[], findings: Findings): readonly Fault[] {
  const visits = new Map(findings.visits.map((visit) => [visit.url, visit]));
  const broken = new Map(findings.broken.map((link) => [keyOf(link.page, link.link), link]));
  return faults.filter((fault) => {
    const page = new URL(fault.page, findings.site).href;
    const link = new URL(fault.link, findings.site).href;
    const visit = visits.get(link.replace(/#.*$/, ''));
    return !isFound(fault, visit, broken.get(keyOf(page, link)));
  });
}

/** How many of the broken links are planted ones. */
export function plantedLinks(faults: readonly Fault[], findings: Findings): number {
  const planted = new Set(
    faults
      .filter(({ expected }) => expected.outcome === 'broken')
      .map(({ page, link }) => keyOf(new URL(page, findings.site).href, new URL(link, findings.site).href)),
  );
  return findings.broken.filter(({ page, link }) => planted.has(keyOf(page, link))).length;
}

function isFound({ expected }: Fault, visit: Visit | undefined, broken: BrokenLink | undefined): boolean {
  if (visit === undefined) return false;
  if (expected.outcome === 'broken') {
    if (broken?.problem.why !== expected.why) return false;
    return expected.status === undefined || visit.status === expected.status;
  }
  if (visit.problem !== undefined || broken !== undefined) return false;
  if (expected.redirects !== undefined && visit.redirects !== expected.redirects) return false;
  return expected.atLeast === undefined || visit.endedAt - visit.startedAt >= expected.atLeast - TOLERANCE;
}

function keyOf(page: string, link: string): string {
  return `${page} ${link}`;
}
