/** Values of options, each with the sentence for what is none. */
import { isIP } from 'node:net';
import type { Credentials } from '../crawl/options.ts';
import { UsageError } from '../usage-error.ts';

const PROXY_SCHEMES: ReadonlySet<string> = new Set(['http:', 'https:', 'socks5:', 'socks5h:', 'socks4:']);
const TIMES: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const SIZES: Record<string, number> = { b: 1, kb: 1_000, mb: 1_000_000, gb: 1_000_000_000 };

export function readSite(text: string): URL {
  const url = parseUrl(text);
  if (url === undefined) {
    throw new UsageError(
      `${JSON.stringify(text)} is not an address of a site: write it whole, such as https://any.site/`,
    );
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new UsageError(`"${text}" is not an address of the web: it must begin with https:// or http://`);
  }
  url.hash = '';
  return url;
}

export function checkProxy(text: string): void {
  const url = parseUrl(text);
  if (url === undefined || url.hostname === '' || !PROXY_SCHEMES.has(url.protocol)) {
    // The text itself is not repeated: it may hold a password.
    throw new UsageError('--proxy is not an address of a proxy: write it like http://user:password@host:3128');
  }
}

export function checkNameserver(text: string): void {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(text) ?? [];
  const valid =
    isIP(text) !== 0 || (isIP(bracketed ?? plain ?? '') !== 0 && Number(port ?? 53) <= 65_535 && port !== '0');
  if (!valid)
    throw new UsageError(
      `--nameserver ${text} is not an IP address: write it like 9.9.9.9, 127.0.0.1:5353 or [::1]:53`,
    );
}

export interface Range {
  readonly least: number;
  readonly most?: number;
}

export function readCount(name: string, text: string, { least, most }: Range): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= (most ?? Number.MAX_SAFE_INTEGER)) return value;
  const range = most === undefined ? `${least} or more` : `from ${least} to ${most}`;
  throw new UsageError(`--${name} ${text} is not a usable count: write a whole number, ${range}`);
}

/** In milliseconds. */
export function readTime(name: string, text: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const value = Number(amount) * (TIMES[unit] ?? Number.NaN);
  if (value > 0) return value;
  throw new UsageError(`--${name} ${text} is not a time: write it with its unit, such as 500ms, 10s or 2m`);
}

/** In bytes. */
export function readSize(name: string, text: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(b|kb|mb|gb)$/i.exec(text) ?? [];
  const value = Math.floor(Number(amount) * (SIZES[unit.toLowerCase()] ?? Number.NaN));
  if (value > 0) return value;
  throw new UsageError(`--${name} ${text} is not a size: write it with its unit, such as 500kB or 20MB`);
}

export function readPattern(name: string, text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^Invalid regular expression: /, '') : String(error);
    throw new UsageError(`${name} is not a regular expression: ${reason}`);
  }
}

export function readUser(text: string): Credentials {
  const colon = text.indexOf(':');
  // Neither is repeated: one of them is the password.
  if (colon < 1) throw new UsageError('--user needs a name and a password: write it like name:password');
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

export function readPath(name: string, text: string): string {
  if (text === '') throw new UsageError(`--${name} needs the name of a file`);
  return text;
}

export function readChoice<T extends string>(name: string, text: string, choices: readonly T[]): T {
  const choice = choices.find((other) => other === text);
  if (choice !== undefined) return choice;
  throw new UsageError(`--${name} ${text} is not known: it is one of ${choices.join(', ')}`);
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
