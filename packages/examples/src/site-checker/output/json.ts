/** Everything a program may want to know, as JSON; the shape is kept, and `version` grows if it cannot be. */
import { type Findings, incomplete, totals } from '../report/findings.ts';

export function renderJson(findings: Findings): string {
  const { pages, requests, bytes, redirected } = totals(findings);
  const { sites, date, elapsed, links, external, left, known, broken } = findings;
  const value = {
    version: 1,
    sites,
    date: date.toISOString(),
    elapsed: Math.round(elapsed),
    complete: incomplete(findings).length === 0,
    incomplete: incomplete(findings),
    totals: { pages, requests, bytes, links, external, redirected, broken: broken.length, known, left },
    findings: broken.map(({ page, link, problem }) => ({ page, link, why: problem.why, text: problem.text })),
  };
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
