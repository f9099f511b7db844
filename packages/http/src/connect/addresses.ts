/** An IP address as 16 bytes; IPv4 takes its mapped place ::ffff:0:0/96, so that both forms of an address are equal. */
export type AddressBytes = Uint8Array;

/** All addresses that share the first `bits` bits with `address`. */
export interface AddressRange {
  readonly address: AddressBytes;
  readonly bits: number;
}

/**
 * Reads an IP address in any form that a URL takes: dotted, numeric (`2130706433`, `0x7f.1`, `0177.0.0.1`), IPv6 with or without brackets.
 *
 * @returns undefined if the text is not an address but, for example, a name.
 */
export function parseAddress(text: string): AddressBytes | undefined {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  if (bare.includes(':')) return parseIpv6(bare);
  return LOOKS_NUMERIC.test(bare) ? parseIpv4(bare) : undefined;
}

/** Reads `192.168.0.0/16`, `fd00::/8` or a single address. */
export function parseRange(text: string): AddressRange | undefined {
  const slash = text.lastIndexOf('/');
  if (slash === -1) {
    const address = parseAddress(text);
    return address === undefined ? undefined : { address, bits: 128 };
  }
  const address = parseAddress(text.slice(0, slash));
  const length = text.slice(slash + 1);
  if (address === undefined || !/^\d{1,3}$/.test(length)) return undefined;
  const isV6 = text.slice(0, slash).includes(':');
  const bits = Number(length) + (isV6 ? 0 : 96);
  return bits <= 128 ? { address, bits } : undefined;
}

export function contains(range: AddressRange, address: AddressBytes): boolean {
  const whole = range.bits >> 3;
  for (let index = 0; index < whole; index++) if (range.address[index] !== address[index]) return false;
  const rest = range.bits & 7;
  if (rest === 0) return true;
  const mask = (0xff << (8 - rest)) & 0xff;
  return ((range.address[whole] as number) & mask) === ((address[whole] as number) & mask);
}

/** 127.0.0.0/8 and ::1. */
export function isLoopback(address: AddressBytes): boolean {
  return contains(IPV4_LOOPBACK, address) || contains(IPV6_LOOPBACK, address);
}

// The last label decides, as in the URL standard's "ends in a number" checker.
const LOOKS_NUMERIC = /^(?:[^.]*\.)*(?:\d+|0x[\da-f]*)\.?$/i;

function parseIpv4(text: string): AddressBytes | undefined {
  const parts = (text.endsWith('.') ? text.slice(0, -1) : text).split('.');
  if (parts.length > 4) return undefined;
  const numbers: number[] = [];
  for (const part of parts) {
    const number = parsePart(part);
    if (number === undefined) return undefined;
    numbers.push(number);
  }
  const last = numbers.pop() as number;
  if (numbers.some((number) => number > 255) || last >= 256 ** (4 - numbers.length)) return undefined;
  let value = last;
  numbers.forEach((number, index) => {
    value += number * 256 ** (3 - index);
  });
  const bytes = new Uint8Array(16);
  bytes.fill(0xff, 10, 12);
  new DataView(bytes.buffer).setUint32(12, value);
  return bytes;
}

function parsePart(part: string): number | undefined {
  if (/^0x[\da-f]*$/i.test(part)) return Number.parseInt(part.slice(2) || '0', 16);
  if (/^0[0-7]*$/.test(part)) return Number.parseInt(part, 8);
  return /^[1-9]\d*$/.test(part) ? Number.parseInt(part, 10) : undefined;
}

function parseIpv6(text: string): AddressBytes | undefined {
  const zone = text.indexOf('%');
  const expanded = expandTail(zone === -1 ? text : text.slice(0, zone));
  if (expanded === undefined) return undefined;
  const halves = expanded.split('::');
  if (halves.length > 2) return undefined;
  const head = groupsOf(halves[0] as string);
  const tail = halves.length === 2 ? groupsOf(halves[1] as string) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  head.forEach((group, index) => {
    view.setUint16(index * 2, group);
  });
  tail.forEach((group, index) => {
    view.setUint16((8 - tail.length + index) * 2, group);
  });
  return bytes;
}

// ::ffff:1.2.3.4 becomes ::ffff:102:304; the dotted tail is always decimal there (RFC 4291, section 2.2).
function expandTail(text: string): string | undefined {
  const colon = text.lastIndexOf(':');
  const tail = text.slice(colon + 1);
  if (!tail.includes('.')) return text;
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(tail);
  if (match === null) return undefined;
  const [a, b, c, d] = match.slice(1).map(Number) as [number, number, number, number];
  if (Math.max(a, b, c, d) > 255) return undefined;
  return `${text.slice(0, colon + 1)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

function groupsOf(text: string): number[] | undefined {
  if (text === '') return [];
  const groups = text.split(':');
  return groups.every((group) => /^[\da-f]{1,4}$/i.test(group))
    ? groups.map((group) => Number.parseInt(group, 16))
    : undefined;
}

const IPV4_LOOPBACK = parseRange('127.0.0.0/8') as AddressRange;
const IPV6_LOOPBACK = parseRange('::1') as AddressRange;
