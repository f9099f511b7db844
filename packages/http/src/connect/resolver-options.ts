/* The settings of a resolver, read and checked. */
import { isIP } from 'node:net';
import { show } from '@coloop/core/lowlevel';
import { checkMilliseconds, checkNames, invalid, invalidOption, own, ownEntries } from '../checks.ts';
import { InvalidOptionError } from '../errors.ts';
import { hostNameOf } from '../request/host-name.ts';
import type { Address } from './network.ts';

/** How names are looked up. */
export interface ResolverOptions {
  /** Addresses of nameservers, with a port unless it is 53: `'1.2.3.4'`, `'1.2.3.4:5353'`, `'[::1]:53'`. Default: the system decides. */
  readonly nameservers?: readonly string[] | undefined;
  /** How long an answer may be used, in milliseconds; caps what the record says. 0 turns the cache off. */
  readonly ttl?: number | undefined;
  /** The limit for one lookup, in milliseconds. Default 5,000. */
  readonly timeout?: number | undefined;
  /** Names that are answered without asking a nameserver. */
  readonly hosts?: Readonly<Record<string, readonly string[]>> | undefined;
  /** 4 or 6 for one family only; 0, the default, for both. */
  readonly family?: 0 | 4 | 6 | undefined;
}

/** The settings of a resolver, checked and complete. */
export interface ResolverSettings {
  /** With ports; empty: the system decides. */
  readonly nameservers: readonly string[];
  readonly ttl: number;
  readonly timeout: number;
  readonly hosts: ReadonlyMap<string, readonly Address[]>;
  readonly family: 0 | 4 | 6;
}

const DEFAULT_TIMEOUT = 5_000;
const RESOLVER_OPTIONS: readonly (keyof ResolverOptions)[] = ['nameservers', 'ttl', 'timeout', 'hosts', 'family'];

/** @throws InvalidOptionError */
export function readResolverOptions(options: ResolverOptions): ResolverSettings {
  checkNames('Resolver', options, RESOLVER_OPTIONS);
  return {
    nameservers: checkNameservers(own(options, 'nameservers')),
    ttl: checkMilliseconds('Resolver.ttl', own(options, 'ttl'), Number.POSITIVE_INFINITY),
    timeout:
      checkMilliseconds('Resolver.timeout', own(options, 'timeout'), DEFAULT_TIMEOUT) || Number.POSITIVE_INFINITY,
    family: checkFamily(own(options, 'family')),
    hosts: readHosts(own(options, 'hosts')),
  };
}

// An empty list would mean that no server may be asked; asking the system then would be a surprise.
function checkNameservers(list: readonly string[] | undefined): readonly string[] {
  if (list === undefined) return [];
  if (Array.isArray(list) && list.length > 0) return (list as readonly string[]).map(checkNameserver);
  const advice = 'give a list of addresses, or leave them out to let the system decide';
  throw invalidOption('Resolver.nameservers', list, advice);
}

function checkNameserver(text: string): string {
  const match = /^(?:\[([^\]]+)\]|([^:]+)|([^[\]]*:[^[\]]*:[^[\]]*))(?::(\d+))?$/.exec(String(text));
  const host = match?.[1] ?? match?.[2] ?? match?.[3] ?? '';
  const port = match?.[4] === undefined ? 53 : Number(match[4]);
  if (isIP(host) === 0 || port < 1 || port > 65_535) {
    throw invalid('A nameserver', text, "write its address as '1.2.3.4', '1.2.3.4:5353' or '[::1]:53'");
  }
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

function checkFamily(family: unknown): 0 | 4 | 6 {
  if (family === undefined) return 0;
  if (family === 0 || family === 4 || family === 6) return family;
  throw invalidOption('Resolver.family', family, 'give 4, 6, or 0 for both');
}

function readHosts(hosts: ResolverOptions['hosts']): Map<string, readonly Address[]> {
  if (hosts === undefined) return new Map();
  if (typeof hosts !== 'object' || hosts === null) {
    throw invalidOption('Resolver.hosts', hosts, 'give a record of lists of addresses');
  }
  return new Map(ownEntries(hosts).map(([name, addresses]) => [hostOf(name), addressesOf(name, addresses)]));
}

function hostOf(name: string): string {
  const host = hostNameOf(name);
  if (host !== undefined) return host;
  throw invalid("A name in the option 'Resolver.hosts'", name, 'give names of hosts, without port and path');
}

function addressesOf(name: string, given: readonly string[] | string): Address[] {
  const addresses = Array.isArray(given) ? (given as readonly string[]) : [given as string];
  if (addresses.length === 0) {
    throw new InvalidOptionError(`The option 'Resolver.hosts' has no address for ${show(name)}: give at least one.`);
  }
  return addresses.map((address) => ({ address, family: familyOf(name, address) }));
}

function familyOf(name: string, address: string): 4 | 6 {
  const family = isIP(address);
  if (family === 4 || family === 6) return family;
  throw invalid(`In the option 'Resolver.hosts' an address of ${show(name)}`, address, 'give IP addresses');
}
