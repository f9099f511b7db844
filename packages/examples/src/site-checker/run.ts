/** A run from its first request to its report. */
import path from 'node:path';
import { group, isCancelled, moveOnAfter, now, type Operation } from '@coloop/core';
import { checkSite, type Reach } from './checker.ts';
import { Ledger } from './ledger.ts';
import { type Output, showProgress } from './progress.ts';
import type { Findings, Sample } from './report/findings.ts';
import { renderTable } from './report/table.ts';
import { writeReportFile } from './report-file.ts';
import { measureGain } from './sample.ts';
import { type Access, openSession } from './session.ts';

export interface RunOptions {
  readonly site: URL;
  readonly access: Access;
  readonly reach: Reach;
  /** For all requests together, in milliseconds. */
  readonly totalTimeout: number;
  /** Where the HTML report goes. */
  readonly report: string;
  readonly output: Output;
}

interface Progress {
  readonly ledger: Ledger;
  readonly date: Date;
  readonly startedAt: number;
  elapsed: number | undefined;
  sample: Sample | undefined;
}

/**
 * Checks a site, prints the table and writes the report.
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
  const { output, reach, site, totalTimeout } = options;
  const { ledger, startedAt } = progress;
  const session = yield* openSession(options.access);
  const { timedOut } = yield* group(function* (tasks) {
    tasks.spawn(showProgress(ledger, output), { name: 'progress', daemon: true });
    return yield* moveOnAfter(totalTimeout, checkSite(session, site, reach, ledger));
  });
  progress.elapsed = now() - startedAt;
  if (timedOut) return false;
  progress.sample = yield* measureGain(session, ledger.visits, reach.concurrency);
  return true;
}

function report(options: RunOptions, progress: Progress, interrupted: boolean): Findings {
  const { ledger, date, startedAt, elapsed, sample } = progress;
  const findings: Findings = {
    site: options.site.href,
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
    broken: ledger.broken,
    links: ledger.links,
    external: ledger.external,
    skipped: ledger.skipped,
    sample,
  };
  const { output, report: file } = options;
  const width = Math.min(Math.max(output.columns || 100, 60), 140);
  const color = output.isTTY === true && process.env.NO_COLOR === undefined;
  output.write(`${renderTable(findings, { width, color, maxBroken: 24, maxSlowest: 6 })}\n`);
  writeReportFile(file, findings);
  output.write(`\nReport: ${path.resolve(file)}\n`);
  return findings;
}
