import type { Address } from './network.ts';

/**
 * Orders addresses for connecting: the families take turns, and the family of the first address begins.
 *
 * Source: RFC 8305, section 4, with a "First Address Family Count" of 1.
 */
export function interleave(addresses: readonly Address[]): Address[] {
  const first = addresses.filter(({ family }) => family === addresses[0]?.family);
  const second = addresses.filter(({ family }) => family !== addresses[0]?.family);
  const ordered: Address[] = [];
  for (let index = 0; index < Math.max(first.length, second.length); index++) {
    for (const list of [first, second]) {
      const address = list[index];
      if (address !== undefined) ordered.push(address);
    }
  }
  return ordered;
}
