/** The command line: what it says, or the sentence that tells what is wrong with it. */
import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { UsageError } from './usage-error.ts';

export interface Options {
  /** The start page; none means the embedded world. */
  readonly site: URL | undefined;
  readonly concurrency: number;
  /** How many clicks from the start page pages are read. */
  readonly depth: number;
  /** How many addresses are asked for at most. */
  readonly limit: number;
  /** For one request, in milliseconds. */
  readonly timeout: number;
  /** For the whole run, in milliseconds. */
  readonly totalTimeout: number;
  readonly external: boolean;
  readonly proxy: string | undefined;
  readonly nameservers: readonly string[];
  /** A file of certificates to trust. */
  readonly ca: string | undefined;
  readonly insecure: boolean;
  /** Where the HTML report goes. */
  readonly report: string;
}

export const HELP = `Checks every link of a site and draws what happened.

  start                      checks a site made of your installed dependencies' docs,
                             served on loopback behind a proxy, a CA and a DNS server of its own
  start https://any.site/    checks that site

Options
  --concurrency N        requests at the same time                              (20)
  --report FILE          where the HTML report goes                             (site-report.html)
  --help                 shows this

Options for a site that you name
  --depth N              reads pages up to N clicks from the start page         (no limit)
  --limit N              asks for at most N addresses                           (10000)
  --timeout TIME         for one request, such as 500ms, 10s or 2m              (10s)
  --total-timeout TIME   for the whole run                                      (10m)
  --external             asks for links to other sites too, without reading them
  --proxy URL            http://user:password@host:port, also https and socks5
  --nameserver IP        asks this DNS server, also IP:PORT; may be repeated
  --ca FILE              trusts the certificates in this PEM file too
  --insecure             does not check certificates

Exit code: 0 all is well (on the site made here: every planted fault was found),
1 broken links (there: a fault was missed), 2 it could not be done, 130 interrupted.
`;

const DECLARATIONS = {
  ca: { type: 'string' },
  concurrency: { type: 'string' },
  depth: { type: 'string' },
  external: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  insecure: { type: 'boolean' },
  limit: { type: 'string' },
  nameserver: { type: 'string', multiple: true },
  proxy: { type: 'string' },
  report: { type: 'string' },
  timeout: { type: 'string' },
  'total-timeout': { type: 'string' },
} as const;

/** What also makes sense without a site: the rest would change what the embedded world must show. */
const ALWAYS: ReadonlySet<string> = new Set(['concurrency', 'report', 'help']);
const PROXY_SCHEMES: ReadonlySet<string> = new Set(['http:', 'https:', 'socks5:', 'socks5h:', 'socks4:']);
const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/**
 * Reads the arguments; `help` means that nothing else was looked at.
 *
 * @param args without the program's name
 * Throws a UsageError that says which argument is wrong and what to write instead.
 */
export function readOptions(args: readonly string[]): Options | 'help' {
  // npm takes the `--` of `start -- --help` away, pnpm hands it on.
  const { values, positionals } = parse(args[0] === '--' ? args.slice(1) : args);
  if (values.help === true) return 'help';
  const [site, ...more] = positionals;
  if (more.length > 0) throw new UsageError(`One site at a time, and "${more[0]}" is a second one`);
  if (site === undefined) {
    const lonely = Object.keys(values).find((name) => !ALWAYS.has(name));
    if (lonely !== undefined)
      throw new UsageError(`--${lonely} is for a site that you name: start https://any.site/ --${lonely}`);
  }
  const nameservers = values.nameserver ?? [];
  nameservers.forEach(checkNameserver);
  if (values.proxy !== undefined) checkProxy(values.proxy);
  if (values.ca !== undefined && values.insecure === true) {
    throw new UsageError('--ca and --insecure contradict each other: give one of them');
  }
  return {
    site: site === undefined ? undefined : readSite(site),
    concurrency: readCount('concurrency', values.concurrency, 20, 1, 1_000),
    depth: readCount('depth', values.depth, Number.POSITIVE_INFINITY, 0, Number.MAX_SAFE_INTEGER),
    limit: readCount('limit', values.limit, 10_000, 1, 1_000_000),
    timeout: readTime('timeout', values.timeout, 10_000),
    totalTimeout: readTime('total-timeout', values['total-timeout'], 600_000),
    external: values.external ?? false,
    proxy: values.proxy,
    nameservers,
    ca: readPath('ca', values.ca),
    insecure: values.insecure ?? false,
    report: readPath('report', values.report) ?? 'site-report.html',
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: DECLARATIONS, allowPositionals: true, strict: true });
  } catch (error) {
    // Node's own sentence is good up to its first full stop; what follows advises on positional arguments.
    const [sentence] = error instanceof Error ? error.message.split(/\.\s/) : [];
    throw new UsageError(`${sentence ?? 'The arguments make no sense'}; --help shows what there is`);
  }
}

function readSite(text: string): URL {
  const url = parseUrl(text);
  if (url === undefined) {
    throw new UsageError(`"${text}" is no address of a site: write it whole, such as https://any.site/`);
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new UsageError(`"${text}" is not an address of the web: it must begin with https:// or http://`);
  }
  url.hash = '';
  return url;
}

function checkProxy(text: string): void {
  const url = parseUrl(text);
  if (url === undefined || url.hostname === '' || !PROXY_SCHEMES.has(url.protocol)) {
    // The text itself is not repeated: it may hold a password.
    throw new UsageError('--proxy is no address of a proxy: write it like http://user:password@host:3128');
  }
}

function checkNameserver(text: string): void {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(text) ?? [];
  const valid =
    isIP(text) !== 0 || (isIP(bracketed ?? plain ?? '') !== 0 && Number(port ?? 53) <= 65_535 && port !== '0');
  if (!valid)
    throw new UsageError(`--nameserver ${text} is no IP address: write it like 9.9.9.9, 127.0.0.1:5353 or [::1]:53`);
}

function readCount(name: string, text: string | undefined, otherwise: number, least: number, most: number): number {
  if (text === undefined) return otherwise;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `from ${least} to ${most}`;
  throw new UsageError(`--${name} ${text} is no usable count: write a whole number, ${range}`);
}

function readTime(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const value = Number(amount) * (UNITS[unit] ?? Number.NaN);
  if (value > 0) return value;
  throw new UsageError(`--${name} ${text} is no time: write it with its unit, such as 500ms, 10s or 2m`);
}

function readPath(name: string, text: string | undefined): string | undefined {
  if (text === '') throw new UsageError(`--${name} needs the name of a file`);
  return text;
}

function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
