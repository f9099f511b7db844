/* `allowAddress`, asked about one address at a time: what it says, and what it says instead of an answer. */
import { show } from '@coloop/core/lowlevel';
import { AddressNotAllowedError, messageOf } from '../errors.ts';
import type { AddressCandidate, AllowAddress, ResolvedAddress } from '../request/connection-options.ts';
import { ignore } from '../waits.ts';
import { isPublicAddress } from './special-addresses.ts';

/** What the addresses are for that a rule is asked about. */
export type AddressPlace = Omit<AddressCandidate, keyof ResolvedAddress>;

/** Decides about addresses; one for each value of `allowAddress`. */
export class AddressRule {
  /** Equal for the same rule only: a connection that was opened under another one is not reused. */
  readonly key: string;
  readonly allow: AllowAddress;

  constructor(allow: AllowAddress, key: string) {
    this.allow = allow;
    this.key = key;
  }

  /** @throws AddressNotAllowedError, which says why this address is refused */
  check({ address, family }: ResolvedAddress, place: AddressPlace): void {
    if (this.allow === 'public') {
      if (!isPublicAddress(address)) throw new AddressNotAllowedError(`${address} is not public`);
      return;
    }
    let answer: unknown;
    try {
      answer = this.allow(Object.freeze({ address, family, ...place }));
    } catch (cause) {
      throw new AddressNotAllowedError(`allowAddress threw at ${address}: ${messageOf(cause)}`, { cause });
    }
    if (answer === true) return;
    if (answer === false) throw new AddressNotAllowedError(`allowAddress refuses ${address}`);
    // Of an async function: nobody else waits for it.
    if (answer instanceof Promise) answer.catch(ignore);
    throw new AddressNotAllowedError(`allowAddress answered ${show(answer)} for ${address}, which is not a boolean`);
  }

  /** The addresses that are refused, each with its error. */
  refusals(addresses: readonly ResolvedAddress[], place: AddressPlace): AddressNotAllowedError[] {
    return addresses.flatMap((address) => {
      try {
        this.check(address, place);
        return [];
      } catch (error) {
        return [error as AddressNotAllowedError];
      }
    });
  }
}

/**
 * The error for a host of which no address is left.
 *
 * @param display - the host, for the message
 * @param refusals - why each of its addresses is refused, at least one
 */
export function notAllowed(display: string, refusals: readonly AddressNotAllowedError[]): AddressNotAllowedError {
  const why = refusals.map(({ message }) => message).join(', ');
  return new AddressNotAllowedError(
    `Nothing was sent to ${display}: ${why}. Ask for another host, or let allowAddress allow it.`,
    { phase: 'connect', cause: refusals.find(({ cause }) => cause !== undefined)?.cause },
  );
}

const PUBLIC = new AddressRule('public', 'public');
const byFunction = new WeakMap<object, AddressRule>();
let lastNumber = 0;

/** The rule for a value of `allowAddress`; the same one for the same value. */
export function addressRule(allow: AllowAddress): AddressRule {
  if (allow === 'public') return PUBLIC;
  let rule = byFunction.get(allow);
  if (rule === undefined) {
    lastNumber += 1;
    rule = new AddressRule(allow, `function ${lastNumber}`);
    byFunction.set(allow, rule);
  }
  return rule;
}
