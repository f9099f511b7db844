/* The addresses of names: fixed ones, cached ones, and those of a lookup that tasks share. */
import { now, type Operation, TimeoutError, timeout } from '@coloop/core';
import { DnsError } from '../errors.ts';
import { hostNameOf } from '../request/host-name.ts';
import { type LateFamily, type LookupOutcome, Lookups } from './lookup.ts';
import type { Address, Network } from './network.ts';
import { type ResolverOptions, readResolverOptions } from './resolver-options.ts';

/**
 * Looks names up: by the nameservers that it is given (and only by those), or by the system.
 *
 * Answers are kept for as long as they may be, at most 1,000 of them. Requests that want the same name at the same time
 * share one lookup, which lives as long as one of them wants it.
 *
 * @throws InvalidOptionError if a nameserver is not an address, and for other settings that cannot be right.
 * @example
 * ```ts
 * import { Resolver } from '@coloop/http';
 *
 * const resolver = new Resolver({ nameservers: ['9.9.9.9', '[2620:fe::fe]:53'], hosts: { 'api.test': ['127.0.0.1'] } });
 * ```
 *
 * Source of the semantics: aiohttp's AsyncResolver and TCPConnector (`use_dns_cache`, `ttl_dns_cache`, `family`); RFC 6761, section 6.3.
 */
export class Resolver {
  /** Equal for resolvers that answer alike: a connection made by one may serve the other. */
  readonly key: string;
  readonly #nameservers: readonly string[];
  readonly #ttl: number;
  readonly #timeout: number;
  readonly #hosts: ReadonlyMap<string, readonly Address[]>;
  readonly #family: 0 | 4 | 6;
  readonly #cache = new Map<string, CachedAnswer>();
  readonly #lookups = new Lookups((name, outcome) => this.#keep(name, outcome));

  constructor(options: ResolverOptions = {}) {
    const { nameservers, ttl, timeout, hosts, family } = readResolverOptions(options);
    this.#nameservers = nameservers;
    this.#ttl = ttl;
    this.#timeout = timeout;
    this.#family = family;
    this.#hosts = hosts;
    this.key = JSON.stringify([nameservers, family, [...hosts]]);
  }

  /**
   * The addresses of a name, at least one.
   *
   * Cancellation: leaves the lookup to the other tasks that wait for it; the last one to leave ends it.
   *
   * @throws DnsError
   */
  *lookup(hostname: string): Operation<readonly Address[]> {
    const { addresses, late } = yield* this.lookupIn(null, hostname, Number.POSITIVE_INFINITY);
    late?.release();
    return addresses;
  }

  /**
   * @internal The same, with the family whose answer is late; it is to be released.
   *
   * @param network - whose names are asked for; null: the platform's
   * @param limit - how long the caller waits, in milliseconds
   */
  *lookupIn(network: Network | null, hostname: string, limit: number): Operation<FoundAddresses> {
    const name = hostNameOf(hostname);
    if (name === undefined) {
      throw new DnsError(`${JSON.stringify(hostname)} is not the name of a host: check it.`, {
        code: 'ENOTFOUND',
        phase: 'dns',
      });
    }
    const known = this.#known(name, now());
    if (known !== undefined) return { addresses: known, late: undefined };
    const outcome = yield* this.#ask(name, network, limit);
    if (outcome.addresses.length > 0) return outcome;
    const code = outcome.error?.code ?? 'ENODATA';
    throw new DnsError(`The name ${name} has no address: ${this.#source} answered ${code}.`, {
      code,
      phase: 'dns',
      cause: outcome.error,
    });
  }

  *#ask(name: string, network: Network | null, limit: number): Operation<LookupOutcome> {
    const question = { name, nameservers: this.#nameservers, family: this.#family };
    const within = Math.min(limit, this.#timeout);
    try {
      return yield* timeout(this.#timeout, this.#lookups.wait(question, within, network));
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
      throw new DnsError(`Looking up ${name} took longer than ${this.#timeout} ms: ${this.#source} did not answer.`, {
        code: 'ETIMEOUT',
        phase: 'dns',
      });
    }
  }

  /** The addresses that can be given without asking. */
  #known(name: string, time: number): readonly Address[] | undefined {
    const fixed = this.#hosts.get(name) ?? loopback(name, this.#nameservers.length > 0);
    if (fixed !== undefined) return fixed;
    const answer = this.#cache.get(name);
    if (answer === undefined) return undefined;
    if (answer.expires > time) return answer.addresses;
    this.#cache.delete(name);
    return undefined;
  }

  #keep(name: string, outcome: LookupOutcome): void {
    const ttl = Math.min(outcome.ttl, this.#ttl);
    if (outcome.addresses.length === 0 || ttl <= 0) return;
    const oldest = this.#cache.size >= MAX_ANSWERS ? this.#cache.keys().next().value : undefined;
    if (oldest !== undefined) this.#cache.delete(oldest);
    this.#cache.set(name, { addresses: outcome.addresses, expires: outcome.at + ttl });
  }

  get #source(): string {
    return this.#nameservers.length === 0 ? 'the system' : `nameserver ${this.#nameservers.join(', ')}`;
  }
}

/** The addresses to begin with, and those that may come while they are tried. */
export interface FoundAddresses {
  readonly addresses: readonly Address[];
  readonly late: LateFamily | undefined;
}

const MAX_ANSWERS = 1_000;

interface CachedAnswer {
  readonly addresses: readonly Address[];
  readonly expires: number;
}

// Names below localhost never leave the machine (RFC 6761); the system's own lookup knows that.
function loopback(name: string, ownNameservers: boolean): readonly Address[] | undefined {
  return ownNameservers && (name === 'localhost' || name.endsWith('.localhost')) ? LOOPBACK : undefined;
}

const LOOPBACK: readonly Address[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];
