/** The file that the HTML report goes to. */
import { accessSync, constants, existsSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Findings } from '../report/findings.ts';
import { renderPage } from '../report/page.ts';
import { UsageError } from '../usage-error.ts';

/** Throws a UsageError where the report could not be written, before any work is done for it. */
export function checkReportFile(file: string): void {
  try {
    if (existsSync(file)) {
      if (statSync(file).isDirectory()) throw new Error('it is a folder');
      accessSync(file, constants.W_OK);
    } else {
      accessSync(path.dirname(path.resolve(file)), constants.W_OK);
    }
  } catch (error) {
    throw unwritable(file, error);
  }
}

/** Throws a UsageError where it cannot be written. */
export function writeReportFile(file: string, findings: Findings): void {
  try {
    writeFileSync(file, renderPage(findings));
  } catch (error) {
    throw unwritable(file, error);
  }
}

function unwritable(file: string, error: unknown): UsageError {
  const reason = error instanceof Error ? error.message : String(error);
  return new UsageError(`The report cannot be written to ${file}: ${reason}`);
}
