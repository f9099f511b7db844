import { describe, expect, test } from 'vitest';
import { isPublicAddress } from './special-addresses.ts';

const PUBLIC = [
  '1.1.1.1',
  '8.8.8.8',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '126.255.255.255',
  '172.15.255.255',
  '172.32.0.0',
  '192.0.1.0',
  '198.17.255.255',
  '198.20.0.0',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2001:200::1',
  '2001:4860:4860::8888',
  '2a00:1450:4001::1',
];

const SPECIAL = [
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '100.64.0.1',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.1',
  '192.0.0.9',
  '192.0.0.170',
  '192.0.2.1',
  '192.31.196.1',
  '192.52.193.1',
  '192.88.99.1',
  '192.168.1.1',
  '192.175.48.1',
  '198.18.0.1',
  '198.19.255.255',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::127.0.0.1',
  '::808:808',
  // NAT64 of a network of its own, RFC 8215: its addresses lead wherever that network says.
  '64:ff9b:1::1',
  '64:ff9b:1::8.8.8.8',
  '64:ff9b:1:fffe:0:7:8.8.8.8',
  '64:ff9b:1:808:8:800::',
  '64:ff9b:1:ffff:ffff:ffff:ffff:ffff',
  '100::1',
  '100:0:0:1::1',
  '2001:1::1',
  '2001:2::1',
  '2001:3::1',
  '2001:4:112::1',
  '2001:10::1',
  '2001:20::1',
  '2001:30::1',
  '2001:db8::1',
  '2620:4f:8000::1',
  '3fff::1',
  '5f00::1',
  'fc00::1',
  'fd12:3456::1',
  'fe80::1',
  'fec0::1',
  'ff02::1',
];

describe('an address', () => {
  test.each(PUBLIC)('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  test.each(SPECIAL)('%s is not public', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test.each([
    ['mapped', (v4: string) => [`::ffff:${v4}`, `0:0:0:0:0:ffff:${hex(v4)}`]],
    ['of NAT64', (v4: string) => [`64:ff9b::${v4}`, `64:ff9b::${hex(v4)}`]],
    ['of 6to4', (v4: string) => [`2002:${hex(v4)}::1`, `2002:${hex(v4)}:1:2:3:4:5`]],
    ['of Teredo', (v4: string) => [`2001:0:${hex('8.8.4.4')}:8000:63bf:${hex(v4, 0xff)}`]],
    ['of a Teredo server', (v4: string) => [`2001:0:${hex(v4)}:8000:63bf:${hex('8.8.4.4', 0xff)}`]],
  ])('%s is judged by the IPv4 address inside', (_, carry) => {
    for (const inside of ['8.8.8.8', '93.184.215.14']) {
      for (const address of carry(inside)) expect([address, isPublicAddress(address)]).toEqual([address, true]);
    }
    for (const inside of ['127.0.0.1', '10.1.2.3', '169.254.169.254', '192.168.0.1', '100.64.3.4']) {
      for (const address of carry(inside)) expect([address, isPublicAddress(address)]).toEqual([address, false]);
    }
  });

  test.each(['0x7f.1', '0177.0.0.1', '2130706433', '127.1', '127.0.0.1.', '[::ffff:7f00:1]', '[::1]', '0', '0x0'])(
    'in the form %s is loopback all the same',
    (address) => {
      expect(isPublicAddress(address)).toBe(false);
    },
  );

  test.each(['134744072', '0x08.8.8.8', '010.010.010.010', '8.8.8.8.', '[::ffff:808:808]'])(
    'in the form %s is public all the same',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  test.each(['', 'localhost', 'example.com', '8.8.8.8.8', '256.1.1.1', ':::1', 'fe80::1%eth0', '2606:4700::1%eth0'])(
    '%j is none that is public',
    (text) => {
      expect(isPublicAddress(text)).toBe(false);
    },
  );
});

/** Two groups of IPv6, with the bits of `mask` turned. */
function hex(v4: string, mask = 0): string {
  const [a, b, c, d] = v4.split('.').map((part) => Number(part) ^ mask) as [number, number, number, number];
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}
