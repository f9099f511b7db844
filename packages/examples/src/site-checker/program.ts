/** What the command does, and its exit code. */
import { acquire, type Operation } from '@coloop/core';
import { readCaFile } from './ca-file.ts';
import { sentenceOf } from './failures.ts';
import { HELP, type Options, readOptions } from './options.ts';
import { missedFaults } from './planted.ts';
import type { Output } from './progress.ts';
import { plural } from './report/format.ts';
import { checkReportFile } from './report-file.ts';
import { type RunOptions, runCheck } from './run.ts';
import { findRoot } from './world/library.ts';
import { embeddedWorld } from './world/resource.ts';

const DONE = 0;
const FINDINGS = 1;
const IMPOSSIBLE = 2;

/** Far longer than its slow pages take, also on a busy machine, and short enough to be waited for, in milliseconds. */
const EMBEDDED_TIMEOUT = 6_000;

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
    checkReportFile(options.report);
    return options.site === undefined
      ? yield* checkEmbeddedSite(options, output)
      : yield* checkNamedSite(options, options.site, output);
  } catch (error) {
    const sentence = sentenceOf(error);
    if (sentence === undefined) throw error;
    errors.write(`${sentence}.\n`);
    return IMPOSSIBLE;
  }
}

function* checkNamedSite(options: Options, site: URL, output: Output): Operation<number> {
  const ca = options.ca === undefined ? undefined : readCaFile(options.ca);
  const findings = yield* runCheck(runOptions(options, site, { ...options, ca }, output));
  if (findings.interrupted) output.write('The run was ended by --total-timeout, so this is not all.\n');
  return findings.broken.length > 0 || findings.interrupted ? FINDINGS : DONE;
}

function* checkEmbeddedSite(options: Options, output: Output): Operation<number> {
  const world = yield* acquire(embeddedWorld(findRoot(import.meta.dirname)));
  output.write(`A library of ${plural(world.documents, 'document')} is open at ${world.url}\n`);
  output.write(`behind a proxy with a password, under names that only the DNS server ${world.nameserver} knows.\n\n`);
  const access = {
    proxy: world.proxy,
    nameservers: [world.nameserver],
    ca: world.ca,
    insecure: false,
    timeout: EMBEDDED_TIMEOUT,
  };
  const findings = yield* runCheck(runOptions(options, new URL(world.url), access, output));
  const stats = world.stats();
  output.write(
    `On the way: ${plural(stats.tunnels, 'tunnel')} through the proxy carried ${plural(stats.requests, 'request')}, ` +
      `and the DNS server was asked ${plural(stats.queries, 'question')}.\n`,
  );
  const missed = missedFaults(world.faults, findings);
  for (const fault of missed) output.write(`Missed: ${fault.what}, ${fault.link} on ${fault.page}\n`);
  if (missed.length === 0) output.write(`All ${world.faults.length} faults that were planted there were found.\n`);
  return missed.length > 0 ? FINDINGS : DONE;
}

function runOptions(
  options: Options,
  site: URL,
  access: Omit<RunOptions['access'], 'concurrency'>,
  output: Output,
): RunOptions {
  const { concurrency, depth, limit, external, totalTimeout, report } = options;
  return {
    site,
    access: {
      proxy: access.proxy,
      nameservers: access.nameservers,
      ca: access.ca,
      insecure: access.insecure,
      timeout: access.timeout,
      concurrency,
    },
    reach: { concurrency, depth, limit, external },
    totalTimeout,
    report,
    output,
  };
}
