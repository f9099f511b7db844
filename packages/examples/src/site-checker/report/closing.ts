/** The last lines of a run: what was checked and is broken, what concurrency gained, and where the report is. */
import { type Findings, totals } from './findings.ts';
import { count, duration, factor, plural } from './format.ts';

/** Each is one line; `report` is the path of the HTML report, if one was written. */
export function closingLines(findings: Findings, report: string | undefined): string[] {
  return [summary(findings), ...gain(findings), ...(report === undefined ? [] : [`Report: ${report}`])];
}

function summary(findings: Findings): string {
  const { interrupted, links, elapsed, broken } = findings;
  const start = interrupted ? 'Interrupted: checked' : 'Checked';
  const pages = plural(totals(findings).pages, 'page');
  return `${start} ${pages} with ${plural(links, 'link')} in ${duration(elapsed)}: ${brokenCount(broken.length)}.`;
}

function brokenCount(broken: number): string {
  if (broken === 0) return 'none is broken';
  return broken === 1 ? '1 is broken' : `${count(broken)} are broken`;
}

/** Measured on a sample of the site, right after the check. */
function gain({ sample, concurrency }: Findings): string[] {
  if (sample === undefined) return [];
  const { requests, oneByOne, together } = sample;
  return [
    `Gain: ${plural(requests, 'page')} one at a time took ${duration(oneByOne)}, ` +
      `${concurrency} at a time ${duration(together)}: ${factor(oneByOne / together)} faster.`,
  ];
}
