/*
 * Which addresses are public: one table of what is kept apart, and the forms of IPv6 that carry an IPv4 address. Such an
 * address is as public as the one inside, since that is where a packet ends.
 */
import { type AddressBytes, contains, parseAddress, parseRange } from './addresses.ts';

/**
 * Addresses that no public host has.
 *
 * Source: the IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and its additions until 2025), whole, entries
 * that are globally reachable included; an entry within another one is not repeated. What is not in them is said so.
 */
const SPECIAL = rangesOf({
  '0.0.0.0/8': 'this network',
  '10.0.0.0/8': 'private use',
  '100.64.0.0/10': 'shared address space of carriers',
  '127.0.0.0/8': 'loopback',
  '169.254.0.0/16': 'link local; the metadata of clouds',
  '172.16.0.0/12': 'private use',
  '192.0.0.0/24': 'IETF protocol assignments: DS-Lite, PCP, TURN, discovery of NAT64',
  '192.0.2.0/24': 'documentation',
  '192.31.196.0/24': 'AS112',
  '192.52.193.0/24': 'AMT',
  '192.88.99.0/24': 'relays of 6to4 and 6a44',
  '192.168.0.0/16': 'private use',
  '192.175.48.0/24': 'AS112',
  '198.18.0.0/15': 'benchmarking',
  '198.51.100.0/24': 'documentation',
  '203.0.113.0/24': 'documentation',
  '224.0.0.0/4': 'multicast: in a registry of its own, RFC 5771',
  '240.0.0.0/4': 'reserved; the limited broadcast',
});

const SPECIAL_V6 = rangesOf({
  '::/128': 'unspecified',
  '::1/128': 'loopback',
  '100::/64': 'discard only',
  '100:0:0:1::/64': 'dummy prefix',
  '2001::/23': 'IETF protocol assignments: PCP, TURN, benchmarking, AMT, AS112, ORCHID, DRIP',
  '2001:db8::/32': 'documentation',
  '2620:4f:8000::/48': 'AS112',
  '3fff::/20': 'documentation',
  '5f00::/16': 'identifiers of segment routing',
  'fc00::/7': 'unique local',
  'fe80::/10': 'link local',
  // Hosts have addresses of 2000::/3 alone: the IANA Internet Protocol Version 6 Address Space. IPv4-compatible, site-local and
  // multicast addresses are among the others, and those of a network's own NAT64 (64:ff9b:1::/48, RFC 8215): where in them an IPv4
  // address is, and where it leads, that network alone knows.
  '::/3': 'not for hosts',
  '4000::/2': 'not for hosts',
  '8000::/1': 'not for hosts',
});

const MAPPED = rangesOf({ '::ffff:0:0/96': 'IPv4-mapped' });

/** Where the four bytes of an IPv4 address may be in an IPv6 address of the prefix; all that it may mean has to be public. */
type Reading = (address: AddressBytes) => readonly (readonly number[])[];

/** The forms that carry an IPv4 address, apart from mapped ones, which have the same bytes as the address itself. */
const FORMS: readonly (readonly [prefix: string, reading: Reading])[] = [
  // NAT64: RFC 6052.
  ['64:ff9b::/96', (address) => [pick(address, 12, 13, 14, 15)]],
  // 6to4: RFC 3056.
  ['2002::/16', (address) => [pick(address, 2, 3, 4, 5)]],
  // Teredo, with its server and its client, whose bits are inverted: RFC 4380.
  ['2001::/32', (address) => [pick(address, 4, 5, 6, 7), pick(address, 12, 13, 14, 15).map((byte) => byte ^ 0xff)]],
];

const CARRIERS = FORMS.map(([prefix, reading]) => ({ ranges: rangesOf({ [prefix]: '' }), reading }));

/**
 * Whether a host of the public internet has this address.
 *
 * @param text - an address in any form; one with a zone, as in `fe80::1%eth0`, belongs to a link and is not public
 */
export function isPublicAddress(text: string): boolean {
  const address = text.includes('%') ? undefined : parseAddress(text);
  return address !== undefined && isPublic(address);
}

function isPublic(address: AddressBytes): boolean {
  if (isWithin(MAPPED, address)) return !isWithin(SPECIAL, address);
  const carrier = CARRIERS.find(({ ranges }) => isWithin(ranges, address));
  if (carrier !== undefined) return carrier.reading(address).every((bytes) => isPublic(mapped(bytes)));
  return !isWithin(SPECIAL_V6, address);
}

function pick(address: AddressBytes, ...places: readonly number[]): readonly number[] {
  return places.map((place) => address[place] as number);
}

function mapped(bytes: readonly number[]): AddressBytes {
  return Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...bytes);
}

type Ranges = readonly NonNullable<ReturnType<typeof parseRange>>[];

function rangesOf(table: Readonly<Record<string, string>>): Ranges {
  return Object.keys(table).map((text) => parseRange(text) as Ranges[number]);
}

function isWithin(ranges: Ranges, address: AddressBytes): boolean {
  return ranges.some((range) => contains(range, address));
}
