/* A resolver that the user wrote: its answers are checked before anything is connected to. */
import { isIP } from 'node:net';
import { isCancelled, type Operation } from '@coloop/core';
import { show } from '@coloop/core/lowlevel';
import { ClientError, DnsError, InvalidOptionError, messageOf } from '../errors.ts';
import type { NameResolver } from '../request/connection-options.ts';
import { ignore } from '../waits.ts';
import type { Address, Network } from './network.ts';
import type { FoundAddresses } from './resolver.ts';
import type { NameLookup } from './route.ts';

/** Asks a resolver of the user's own; one for each of them. */
export class CustomResolver implements NameResolver, NameLookup {
  readonly key: string;
  readonly #resolver: NameResolver;

  constructor(resolver: NameResolver, key: string) {
    this.#resolver = resolver;
    this.key = key;
  }

  *lookupIn(_network: Network | null, hostname: string): Operation<FoundAddresses> {
    return { addresses: yield* this.lookup(hostname), late: undefined };
  }

  /**
   * The addresses of a name, at least one.
   *
   * @throws DnsError if there is none, or the resolver throws; InvalidOptionError for what is not a list of addresses
   */
  *lookup(hostname: string): Operation<readonly Address[]> {
    const answer = yield* this.#ask(hostname);
    if (!Array.isArray(answer)) throw wrongResult(hostname, answer);
    if (answer.length === 0) {
      throw new DnsError(`The name ${hostname} has no address: the resolver answered an empty list.`, {
        code: 'ENODATA',
        phase: 'dns',
      });
    }
    return (answer as readonly unknown[]).map((entry) => addressOf(hostname, entry, answer));
  }

  *#ask(hostname: string): Operation<unknown> {
    try {
      const lookup: unknown = this.#resolver.lookup(hostname);
      if (!isOperation(lookup)) throw wrongResult(hostname, lookup);
      return yield* lookup;
    } catch (error) {
      if (error instanceof ClientError || isCancelled(error)) throw error;
      throw new DnsError(`The name ${hostname} was not found: the resolver threw ${messageOf(error)}`, {
        code: (error as NodeJS.ErrnoException | null)?.code,
        phase: 'dns',
        cause: error,
      });
    }
  }
}

function addressOf(hostname: string, entry: unknown, answer: unknown): Address {
  if (typeof entry !== 'object' || entry === null) throw wrongResult(hostname, answer);
  const { address, family } = entry as Partial<Address>;
  if (typeof address !== 'string' || isIP(address) === 0 || isIP(address) !== family)
    throw wrongResult(hostname, answer);
  return { address, family };
}

function isOperation(value: unknown): value is Operation<unknown> {
  // Nobody else waits for it.
  if (value instanceof Promise) value.catch(ignore);
  return typeof value === 'object' && value !== null && Symbol.iterator in value && !Array.isArray(value);
}

function wrongResult(hostname: string, answer: unknown): InvalidOptionError {
  return new InvalidOptionError(
    `The resolver answered ${shown(answer)} for ${hostname}: lookup is an operation, as of a generator function, that returns a list as in [{ address: '10.0.0.7', family: 4 }].`,
  );
}

function shown(answer: unknown): string {
  if (!Array.isArray(answer)) return show(answer);
  try {
    const text = JSON.stringify(answer);
    return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
  } catch {
    return show(answer);
  }
}

const MOST_SHOWN = 200;

const known = new WeakMap<NameResolver, CustomResolver>();
let lastNumber = 0;

/** The same one for the same object, so that its connections are found again; undefined if it is no resolver. */
export function customResolver(option: NameResolver): CustomResolver | undefined {
  if (typeof option !== 'object' || option === null || typeof option.lookup !== 'function') return undefined;
  let made = known.get(option);
  if (made === undefined) {
    lastNumber += 1;
    made = new CustomResolver(option, `resolver ${lastNumber}`);
    known.set(option, made);
  }
  return made;
}
