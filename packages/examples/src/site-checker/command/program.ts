/** What the command does, and its exit code. */
import { type Operation, until } from '@coloop/core';
import type { Access } from '../crawl/session.ts';
import { readBaseline } from '../output/baseline.ts';
import type { Output } from '../output/progress.ts';
import { checkReportFile } from '../output/report-file.ts';
import { incomplete } from '../report/findings.ts';
import { wrap } from '../report/format.ts';
import { sentenceOf } from './failures.ts';
import { HELP } from './help.ts';
import { readCaFile } from './input-files.ts';
import { type Options, readOptions } from './options.ts';
import { runCheck } from './run.ts';

const DONE = 0;
const FINDINGS = 1;
const IMPOSSIBLE = 2;

/** Characters that every terminal has in a line. */
const LINE = 80;

/**
 * Runs the command.
 *
 * @param args the command line without the program's name
 * Returns the exit code; a cancel passes through.
 */
export function* program(args: readonly string[], output: Output, errors: Output): Operation<number> {
  try {
    const options = readOptions(args);
    if (options === 'help') {
      output.write(HELP);
      return DONE;
    }
    for (const file of [options.report, options.updateBaseline ? options.baseline : undefined]) {
      if (file !== undefined) checkReportFile(file);
    }
    // Its servers are loaded only if they are needed: they take longer to load than the rest.
    return options.sites.length === 0
      ? yield* (yield* until(import('./embedded.ts'))).checkEmbeddedSite(options, output)
      : yield* checkNamedSite(options, output);
  } catch (error) {
    const sentence = sentenceOf(error);
    if (sentence === undefined) throw error;
    errors.write(`${sentence}.\n`);
    return IMPOSSIBLE;
  }
}

function* checkNamedSite(options: Options, output: Output): Operation<number> {
  const { proxy, nameservers, insecure, reach, baseline, updateBaseline } = options;
  const ca = options.ca === undefined ? undefined : readCaFile(options.ca);
  const known = baseline === undefined ? new Set<string>() : readBaseline(baseline, updateBaseline);
  const { timeout, concurrency } = reach;
  const access: Access = { proxy, nameservers, ca, insecure, timeout, concurrency };
  const findings = yield* runCheck({
    ...options,
    access,
    output,
    known,
    baselineFile: updateBaseline ? baseline : undefined,
  });
  const rest = incomplete(findings);
  if (options.format === 'table')
    for (const text of rest) output.write(`${wrap(`Not all was checked: ${text}.`, LINE)}\n`);
  return findings.broken.length > 0 || rest.length > 0 ? FINDINGS : DONE;
}
