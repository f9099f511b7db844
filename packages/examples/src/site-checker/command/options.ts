/** What the command line says, or the sentence that tells what is wrong with it. */
import { DEFAULTS, type Reach } from '../crawl/options.ts';
import { FORMATS, type Format } from '../output/format.ts';
import { UsageError } from '../usage-error.ts';
import { readArguments, type Values } from './arguments.ts';
import { readPatternFile } from './input-files.ts';
import {
  checkNameserver,
  checkProxy,
  readChoice,
  readCount,
  readPath,
  readPattern,
  readSite,
  readSize,
  readTime,
  readUser,
} from './values.ts';

export interface Options {
  /** The start pages; none means the embedded world. */
  readonly sites: readonly URL[];
  readonly reach: Reach;
  /** For the whole run, in milliseconds. */
  readonly totalTimeout: number;
  readonly proxy: string | undefined;
  readonly nameservers: readonly string[];
  /** A file of certificates to trust. */
  readonly ca: string | undefined;
  readonly insecure: boolean;
  /** Whether pages are asked for again, to measure what concurrency gains. */
  readonly gain: boolean;
  readonly format: Format;
  /** Where the HTML report goes; nowhere where a format for machines is printed and no file was named. */
  readonly report: string | undefined;
  /** A file of known findings. */
  readonly baseline: string | undefined;
  readonly updateBaseline: boolean;
}

/** What also makes sense without a site: the rest would change what the embedded world must show. */
const ALWAYS: ReadonlySet<string> = new Set(['concurrency', 'threads', 'report', 'help', 'config']);

/**
 * Reads the arguments; `help` means that nothing else was looked at.
 *
 * @param args without the program's name
 * Throws a UsageError that says which argument is wrong and what to write instead.
 */
export function readOptions(args: readonly string[]): Options | 'help' {
  const { values, sites } = readArguments(args);
  if (values.help === true) return 'help';
  if (sites.length === 0) {
    const lonely = Object.keys(values).find((name) => !ALWAYS.has(name));
    if (lonely !== undefined)
      throw new UsageError(`--${lonely} is for a site that you name: start https://any.site/ --${lonely}`);
  }
  const nameservers = values.nameserver ?? [];
  nameservers.forEach(checkNameserver);
  if (values.proxy !== undefined) checkProxy(values.proxy);
  checkContradictions(values);
  const format = values.format === undefined ? 'table' : readChoice('format', values.format, FORMATS);
  return {
    sites: sites.map(readSite),
    reach: readReach(values),
    totalTimeout: values['total-timeout'] === undefined ? 600_000 : readTime('total-timeout', values['total-timeout']),
    proxy: values.proxy,
    nameservers,
    ca: pathOf('ca', values.ca),
    insecure: values.insecure ?? false,
    gain: values.gain ?? false,
    format,
    report: pathOf('report', values.report) ?? (format === 'table' ? 'site-report.html' : undefined),
    baseline: pathOf('baseline', values.baseline),
    updateBaseline: values['update-baseline'] ?? false,
  };
}

function checkContradictions(values: Values): void {
  if (values.ca !== undefined && values.insecure === true) {
    throw new UsageError('--ca and --insecure contradict each other: give one of them');
  }
  if (values['update-baseline'] === true && values.baseline === undefined) {
    throw new UsageError('--update-baseline needs to know the file: give --baseline FILE too');
  }
}

function readReach(values: Values): Reach {
  const count = (
    name: 'concurrency' | 'depth' | 'limit' | 'retries' | 'threads',
    least: number,
    most?: number,
  ): number => {
    const text = values[name];
    return text === undefined ? DEFAULTS[name] : readCount(name, text, { least, ...(most !== undefined && { most }) });
  };
  const file = pathOf('exclude-file', values['exclude-file']);
  return {
    concurrency: count('concurrency', 1, 1_000),
    depth: count('depth', 0),
    limit: count('limit', 1, 1_000_000),
    retries: count('retries', 0, 10),
    threads: count('threads', 0, 64),
    external: values.external ?? false,
    fragments: !(values['no-fragments'] ?? false),
    robots: !(values['ignore-robots'] ?? false),
    sitemap: values.sitemap ?? false,
    include: (values.include ?? []).map((text) => readPattern(`--include ${text}`, text)),
    exclude: [
      ...(values.exclude ?? []).map((text) => readPattern(`--exclude ${text}`, text)),
      ...(file === undefined ? [] : readPatternFile(file)),
    ],
    accept: (values.accept ?? []).map((text) => readCount('accept', text, { least: 100, most: 999 })),
    maxPage: values['max-page'] === undefined ? DEFAULTS.maxPage : readSize('max-page', values['max-page']),
    timeout: values.timeout === undefined ? DEFAULTS.timeout : readTime('timeout', values.timeout),
    ...(values.user !== undefined && { user: readUser(values.user) }),
  };
}

function pathOf(name: string, text: string | undefined): string | undefined {
  return text === undefined ? undefined : readPath(name, text);
}
