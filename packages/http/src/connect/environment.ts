/* The proxy that the variables of the environment name for a URL, and the exceptions of NO_PROXY. */
import { hostNameOf } from '../request/host-name.ts';
import { type AddressBytes, type AddressRange, contains, isLoopback, parseAddress, parseRange } from './addresses.ts';

/** The variables of the environment, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The proxy that the environment names for a URL. */
export interface EnvironmentProxy {
  /** The name of the variable, for errors. */
  readonly variable: string;
  readonly url: string;
}

/**
 * Says which proxy the environment wants for a URL.
 *
 * HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY are read, the lower-case form first; one that is set but empty turns
 * the proxy off. Upper-case HTTP_PROXY is not read under CGI, where the header `Proxy:` of a request sets it.
 *
 * Source of the semantics: curl's manual, "Environment", and https://httpoxy.org.
 */
export function environmentProxy(url: URL, environment: Environment): EnvironmentProxy | null {
  const scheme = url.protocol === 'https:' || url.protocol === 'wss:' ? 'https' : 'http';
  const found = lookUp(environment, `${scheme}_proxy`) ?? lookUp(environment, 'all_proxy');
  if (found === null || found.url === '') return null;
  const exceptions = lookUp(environment, 'no_proxy');
  return exceptions !== null && noProxyOf(exceptions.url).covers(url) ? null : found;
}

// Every request asks, and the variable hardly ever changes.
let lastNoProxy: { readonly text: string; readonly read: NoProxy } | undefined;

function noProxyOf(text: string): NoProxy {
  if (lastNoProxy?.text !== text) lastNoProxy = { text, read: parseNoProxy(text) };
  return lastNoProxy.read;
}

function lookUp(environment: Environment, lower: string): EnvironmentProxy | null {
  for (const variable of [lower, lower.toUpperCase()]) {
    const value = Object.hasOwn(environment, variable) ? environment[variable] : undefined;
    if (value === undefined) continue;
    if (variable === 'HTTP_PROXY' && Object.hasOwn(environment, 'REQUEST_METHOD')) continue;
    return { variable, url: value.trim() };
  }
  return null;
}

/** The hosts that are reached without a proxy. */
export interface NoProxy {
  covers(url: URL): boolean;
}

interface NoProxyEntry {
  readonly port: number | undefined;
  readonly loopback: boolean;
  readonly range: AddressRange | undefined;
  /** A name as URLs have it, without dots at its ends; undefined: every host. */
  readonly name: string | undefined;
  /** Only hosts below the name, as `.host` and `*.host` ask. */
  readonly below: boolean;
}

/**
 * Reads NO_PROXY, whose names are spelt as those of URLs are: names with their subdomains, `.host` and `*.host` for the subdomains alone, `*`, ports, addresses and networks.
 *
 * Any of localhost, 127.0.0.0/8 and ::1 in the list covers all of them: a service on loopback has no other name for a proxy to use.
 */
export function parseNoProxy(text: string): NoProxy {
  const entries: NoProxyEntry[] = [];
  for (const item of text.split(/[\s,]+/)) {
    const entry = item === '' ? undefined : parseEntry(item.toLowerCase());
    if (entry !== undefined) entries.push(entry);
  }
  return {
    covers(url) {
      const target = targetOf(url);
      return entries.some((entry) => matches(entry, target));
    },
  };
}

/** Undefined for what names no host, such as a lone dot. */
function parseEntry(item: string): NoProxyEntry | undefined {
  if (item === '*') return { port: undefined, loopback: false, range: undefined, name: undefined, below: false };
  const whole = parseRange(item);
  if (whole !== undefined) return rangeEntry(whole, undefined);
  const match = /^(.*):(\d+)$/.exec(item);
  const host = match === null ? item : (match[1] as string);
  const port = match === null ? undefined : Number(match[2]);
  const range = parseRange(host);
  if (range !== undefined) return rangeEntry(range, port);
  const below = host.startsWith('.') || host.startsWith('*.');
  const name = hostNameOf(host.replace(/^\*?\./, ''));
  if (name === undefined) return undefined;
  return { port, loopback: isLocalhost(name), range: undefined, name, below };
}

function rangeEntry(range: AddressRange, port: number | undefined): NoProxyEntry {
  const loopback = contains(range, LOOPBACK_V4) || contains(range, LOOPBACK_V6) || isLoopback(range.address);
  return { port, loopback, range, name: undefined, below: false };
}

/** What of a URL the entries are compared with; read once for all of them. */
interface NoProxyTarget {
  readonly host: string;
  readonly address: AddressBytes | undefined;
  readonly port: number;
}

function targetOf(url: URL): NoProxyTarget {
  const host = url.hostname.toLowerCase().replace(/\.$/, '');
  return { host, address: parseAddress(host), port: portOf(url) };
}

function matches(entry: NoProxyEntry, { host, address, port }: NoProxyTarget): boolean {
  if (entry.port !== undefined && entry.port !== port) return false;
  if (entry.loopback && (address === undefined ? isLocalhost(host) : isLoopback(address))) return true;
  if (entry.range !== undefined) return address !== undefined && contains(entry.range, address);
  if (entry.name === undefined) return true;
  return (host === entry.name && !entry.below) || host.endsWith(`.${entry.name}`);
}

// Names below localhost are loopback too (RFC 6761, section 6.3).
function isLocalhost(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost');
}

function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' || url.protocol === 'wss:' ? 443 : 80;
}

const LOOPBACK_V4 = parseAddress('127.0.0.1') as AddressBytes;
const LOOPBACK_V6 = parseAddress('::1') as AddressBytes;
