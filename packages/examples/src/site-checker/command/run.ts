/** A run from its first request to its report. */
import path from 'node:path';
import { group, isCancelled, moveOnAfter, now, type Operation } from '@coloop/core';
import { withoutCredentials } from '../crawl/address.ts';
import { crawlSite } from '../crawl/crawl.ts';
import { Ledger } from '../crawl/ledger.ts';
import type { Reach } from '../crawl/options.ts';
import { type Access, openSession } from '../crawl/session.ts';
import { type Baseline, isKnown, writeBaseline } from '../output/baseline.ts';
import { type Format, renderFormat } from '../output/format.ts';
import { type Output, showProgress } from '../output/progress.ts';
import { writeReportFile } from '../output/report-file.ts';
import { closingLines } from '../report/closing.ts';
import type { Findings, Sample } from '../report/findings.ts';
import { wrap } from '../report/format.ts';
import { renderTable } from '../report/table.ts';
import { measureGain } from './sample.ts';

export interface RunOptions {
  readonly sites: readonly URL[];
  readonly access: Access;
  readonly reach: Reach;
  /** For all requests together, in milliseconds. */
  readonly totalTimeout: number;
  /** Whether pages are asked for again, to measure what concurrency gains. */
  readonly gain: boolean;
  readonly format: Format;
  /** Where the HTML report goes, if anywhere. */
  readonly report: string | undefined;
  /** What is known already. */
  readonly known: Baseline;
  /** Where the findings of this run go, to be known by the next. */
  readonly baselineFile: string | undefined;
  readonly output: Output;
  /** What else is told above the last lines, about a run that was not interrupted. */
  readonly details?: (findings: Findings) => readonly string[];
}

/** Characters that every terminal has in a line. */
const LINE = 80;

interface Progress {
  readonly ledger: Ledger;
  readonly date: Date;
  readonly startedAt: number;
  elapsed: number | undefined;
  sample: Sample | undefined;
}

/**
 * Checks a site, prints what was found and writes the report.
 *
 * Cancellation: every connection is closed, then the report of what was found so far is printed and written.
 */
export function* runCheck(options: RunOptions): Operation<Findings> {
  const progress: Progress = {
    ledger: new Ledger(),
    date: new Date(),
    startedAt: now(),
    elapsed: undefined,
    sample: undefined,
  };
  let finished = false;
  try {
    // The group ends before the report is printed, and the session with it.
    finished = yield* group(check(options, progress));
  } catch (error) {
    if (isCancelled(error)) report(options, progress, true);
    throw error;
  }
  return report(options, progress, !finished);
}

function* check(options: RunOptions, progress: Progress): Operation<boolean> {
  const { output, reach, sites, totalTimeout, format } = options;
  const { ledger } = progress;
  const session = yield* openSession(options.access);
  const { timedOut } = yield* group(function* (tasks) {
    // What another program reads is not mixed with what is for people.
    if (format === 'table') tasks.spawn(showProgress(ledger, output), { name: 'progress', daemon: true });
    return yield* moveOnAfter(totalTimeout, crawlSite(session, sites, reach, ledger));
  });
  progress.elapsed = now() - progress.startedAt;
  if (timedOut) return false;
  if (options.gain) {
    const rest = Math.max(0, totalTimeout - progress.elapsed);
    progress.sample = (yield* moveOnAfter(rest, measureGain(session, ledger.visits, reach.concurrency))).value;
  }
  return true;
}

function report(options: RunOptions, progress: Progress, interrupted: boolean): Findings {
  const { format, output, report: file, baselineFile } = options;
  const findings = findingsOf(options, progress, interrupted);
  if (format !== 'table') output.write(renderFormat(format, findings));
  if (baselineFile !== undefined && !interrupted) writeBaseline(baselineFile, progress.ledger.broken);
  if (file !== undefined) writeReportFile(file, findings);
  if (format === 'table') printTable(options, findings);
  return findings;
}

/** The details first, so that a terminal shows the sum of it where the eye is at the end. */
function printTable({ output, report: file, details }: RunOptions, findings: Findings): void {
  const width = Math.min(Math.max(output.columns || LINE, 60), 140);
  const color = output.isTTY === true && process.env.NO_COLOR === undefined;
  output.write(`${renderTable(findings, { width, color, maxBroken: 24, maxSlowest: 6 })}\n\n`);
  const more = findings.interrupted ? [] : (details?.(findings) ?? []);
  for (const text of more) output.write(`${wrap(text, LINE)}\n`);
  if (more.length > 0) output.write('\n');
  for (const text of closingLines(findings, file && path.resolve(file))) output.write(`${text}\n`);
}

function findingsOf(options: RunOptions, progress: Progress, interrupted: boolean): Findings {
  const { ledger, date, startedAt, elapsed, sample } = progress;
  const sites = options.sites.map((site) => withoutCredentials(site).href);
  const broken = ledger.broken.filter((link) => !isKnown(options.known, link));
  return {
    site: sites[0] ?? '',
    sites,
    date,
    elapsed: elapsed ?? now() - startedAt,
    concurrency: options.reach.concurrency,
    interrupted,
    // The times of a run are told from its beginning.
    visits: ledger.visits.map((visit) => ({
      ...visit,
      startedAt: visit.startedAt - startedAt,
      endedAt: visit.endedAt - startedAt,
    })),
    broken,
    known: ledger.broken.length - broken.length,
    links: ledger.links,
    external: ledger.external,
    left: ledger.left,
    endless: ledger.endless,
    unread: ledger.unread,
    sample,
  };
}
