import dns from 'node:dns';
import { isIP } from 'node:net';
import { now, type Operation, TimeoutError, timeout } from '@coloop/core';
import { DnsError, InvalidOptionError } from '../errors.ts';
import { bare, own, ownEntries } from '../own.ts';
import { HostWait, type SchedulerView, Timer } from '../waits.ts';
import type { AddressRecord, Network, Question } from './network.ts';

/** An address of a host. */
export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

/** How names are looked up. */
export interface ResolverOptions {
  /** Addresses of nameservers, with a port where it is not 53: `'1.2.3.4'`, `'1.2.3.4:5353'`, `'[::1]:53'`. Default: the system decides. */
  readonly nameservers?: readonly string[] | undefined;
  /** How long an answer may be used, in milliseconds; caps what the record says. 0 turns the cache off. */
  readonly ttl?: number | undefined;
  /** The limit for one lookup, in milliseconds. Default 5,000. */
  readonly timeout?: number | undefined;
  /** Names that are answered without asking anybody. */
  readonly hosts?: Readonly<Record<string, readonly string[]>> | undefined;
  /** 4 or 6 for one family only; 0, the default, for both. */
  readonly family?: 0 | 4 | 6 | undefined;
}

/**
 * Looks names up: by the nameservers that it is given (and only by those), or by the system.
 *
 * Answers are kept for as long as they may be, at most 1,000 of them. Requests that want the same name at the same time
 * share one lookup, which lives as long as one of them wants it.
 *
 * @throws InvalidOptionError for nameservers that are no addresses, and other settings that cannot be right.
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
  readonly #cache = new Map<string, Answer>();
  readonly #pending = new Map<string, SharedLookup>();

  constructor(options: ResolverOptions = {}) {
    checkKnown(options);
    this.#nameservers = checkNameservers(own(options, 'nameservers'));
    this.#ttl = duration('ttl', own(options, 'ttl'), Number.POSITIVE_INFINITY);
    this.#timeout = duration('timeout', own(options, 'timeout'), DEFAULT_TIMEOUT) || Number.POSITIVE_INFINITY;
    this.#family = checkFamily(own(options, 'family') ?? 0);
    this.#hosts = readHosts(own(options, 'hosts') ?? {});
    this.key = JSON.stringify([this.#nameservers, this.#family, [...this.#hosts]]);
  }

  /**
   * The addresses of a name, at least one.
   *
   * Cancellation: leaves the lookup to the others who wait for it; the last one to leave ends it.
   *
   * @throws DnsError
   */
  lookup(hostname: string): Operation<readonly Address[]> {
    return this.lookupIn(null, hostname);
  }

  /** @internal @param network - whose names are asked for; null: the platform's */
  lookupIn(network: Network | null, hostname: string): Operation<readonly Address[]> {
    return resolve(this, hostname.toLowerCase().replace(/\.$/, ''), network);
  }

  /** @internal */
  known(name: string, time: number): readonly Address[] | undefined {
    const fixed = this.#hosts.get(name) ?? loopback(name, this.#nameservers.length > 0);
    if (fixed !== undefined) return fixed;
    const answer = this.#cache.get(name);
    if (answer === undefined) return undefined;
    if (answer.expires > time) return answer.addresses;
    this.#cache.delete(name);
    return undefined;
  }

  /** @internal */
  get limit(): number {
    return this.#timeout;
  }

  /** @internal */
  get source(): string {
    return this.#nameservers.length === 0 ? 'the system' : `nameserver ${this.#nameservers.join(', ')}`;
  }

  /** @internal Joins the lookup that is under way, or begins one. */
  join(name: string, wait: LookupWait, scheduler: SchedulerView, network: Network | null): SharedLookup {
    let lookup = this.#pending.get(name);
    if (lookup === undefined) {
      lookup = new SharedLookup(scheduler, (outcome) => this.#settle(name, outcome));
      this.#pending.set(name, lookup);
      lookup.add(wait);
      lookup.begin({ name, nameservers: this.#nameservers, family: this.#family }, network);
    } else {
      lookup.add(wait);
    }
    return lookup;
  }

  /** @internal */
  leave(name: string, wait: LookupWait, lookup: SharedLookup): void {
    if (lookup.remove(wait) > 0) return;
    lookup.cancel();
    if (this.#pending.get(name) === lookup) this.#pending.delete(name);
  }

  #settle(name: string, outcome: Outcome): void {
    this.#pending.delete(name);
    const ttl = Math.min(outcome.ttl, this.#ttl);
    if (outcome.addresses.length === 0 || ttl <= 0) return;
    const oldest = this.#cache.size >= MAX_ANSWERS ? this.#cache.keys().next().value : undefined;
    if (oldest !== undefined) this.#cache.delete(oldest);
    this.#cache.set(name, { addresses: outcome.addresses, expires: outcome.at + ttl });
  }
}

const DEFAULT_TIMEOUT = 5_000;
const MAX_ANSWERS = 1_000;
/** The system does not say how long its answer holds; aiohttp's value. */
const SYSTEM_TTL = 10_000;
/** How long the first family waits for the other (RFC 8305, section 3). */
const RESOLUTION_DELAY = 50;

interface Answer {
  readonly addresses: readonly Address[];
  readonly expires: number;
}

interface Outcome {
  readonly addresses: readonly Address[];
  /** Milliseconds. */
  readonly ttl: number;
  readonly at: number;
  readonly error: NodeJS.ErrnoException | undefined;
}

function* resolve(resolver: Resolver, name: string, network: Network | null): Operation<readonly Address[]> {
  const known = resolver.known(name, now());
  if (known !== undefined) return known;
  let outcome: Outcome;
  try {
    outcome = yield* timeout(resolver.limit, new LookupWait(resolver, name, network));
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    throw new DnsError(`Looking up ${name} took longer than ${resolver.limit} ms: ${resolver.source} did not answer.`, {
      code: 'ETIMEOUT',
      phase: 'dns',
    });
  }
  if (outcome.addresses.length > 0) return outcome.addresses;
  const code = outcome.error?.code ?? 'ENODATA';
  throw new DnsError(`The name ${name} has no address: ${resolver.source} answered ${code}.`, {
    code,
    phase: 'dns',
    cause: outcome.error,
  });
}

/** One task's part in a lookup. */
class LookupWait extends HostWait<Outcome> {
  readonly #resolver: Resolver;
  readonly #name: string;
  readonly #network: Network | null;
  #lookup: SharedLookup | undefined;

  constructor(resolver: Resolver, name: string, network: Network | null) {
    super();
    this.#network = network;
    this.#resolver = resolver;
    this.#name = name;
  }

  get label(): string {
    return `dns(${this.#name})`;
  }

  protected begin(): void {
    this.#lookup = this.#resolver.join(this.#name, this, this.scheduler as SchedulerView, this.#network);
  }

  protected end(): void {
    if (this.#lookup !== undefined) this.#resolver.leave(this.#name, this, this.#lookup);
  }
}

/** One lookup, and all who wait for it. */
class SharedLookup {
  readonly #waits = new Set<LookupWait>();
  readonly #scheduler: SchedulerView;
  readonly #settled: (outcome: Outcome) => void;
  readonly #delay: Timer;
  readonly #found: { readonly address: Address; readonly ttl: number }[] = [];
  #open = 0;
  #error: NodeJS.ErrnoException | undefined;
  #withdraw: () => void = nothing;
  #done = false;

  constructor(scheduler: SchedulerView, settled: (outcome: Outcome) => void) {
    this.#scheduler = scheduler;
    this.#settled = settled;
    this.#delay = new Timer(scheduler, () => this.#finish());
  }

  add(wait: LookupWait): void {
    this.#waits.add(wait);
  }

  /** @returns how many still wait. */
  remove(wait: LookupWait): number {
    this.#waits.delete(wait);
    return this.#waits.size;
  }

  begin(question: Question, network: Network | null): void {
    if (network !== null) this.#askNetwork(question, network);
    else if (question.nameservers.length === 0) this.#askSystem(question);
    else this.#askServers(question);
  }

  cancel(): void {
    this.#done = true;
    this.#delay.stop();
    this.#withdraw();
  }

  #askServers({ name, nameservers, family }: Question): void {
    // One resolver per lookup: cancel() ends every query that a resolver has.
    const resolver = new dns.Resolver(bare({ timeout: 2_000, tries: 3 }));
    resolver.setServers([...nameservers]);
    this.#withdraw = () => resolver.cancel();
    this.#open = family === 0 ? 2 : 1;
    if (family !== 4)
      resolver.resolve6(name, bare({ ttl: true as const }), (error, records) => this.#answer(6, error, records));
    if (family !== 6)
      resolver.resolve4(name, bare({ ttl: true as const }), (error, records) => this.#answer(4, error, records));
  }

  // getaddrinfo cannot be stopped; its answer finds nobody then.
  #askSystem({ name, family }: Question): void {
    dns.lookup(name, bare({ all: true as const, family, verbatim: true }), (error, addresses) => {
      const records = (error ? [] : addresses).map(
        ({ address, family: kind }): AddressRecord => ({ address, family: kind === 6 ? 6 : 4, ttl: SYSTEM_TTL }),
      );
      this.#whole(error ?? undefined, records);
    });
  }

  #askNetwork(question: Question, network: Network): void {
    this.#withdraw = network.lookup(question, this.#scheduler, (error, records) => this.#whole(error, records));
  }

  /** Both families in one answer. */
  #whole(error: NodeJS.ErrnoException | undefined, records: readonly AddressRecord[]): void {
    if (this.#done) return;
    this.#error = error;
    for (const { address, family, ttl } of records) this.#found.push({ address: { address, family }, ttl });
    this.#finish();
  }

  #answer(family: 4 | 6, error: NodeJS.ErrnoException | null, records: readonly dns.RecordWithTtl[] | undefined): void {
    if (this.#done) return;
    this.#open -= 1;
    // That a name has no address of one family says nothing; anything else does.
    if (error !== null && (this.#error === undefined || this.#error.code === 'ENODATA')) this.#error = error;
    for (const { address, ttl } of records ?? []) this.#found.push({ address: { address, family }, ttl: ttl * 1_000 });
    if (this.#open === 0) this.#finish();
    else if (this.#found.length > 0) this.#delay.set(RESOLUTION_DELAY);
  }

  #finish(): void {
    if (this.#done) return;
    const complete = this.#open === 0;
    this.cancel();
    const outcome: Outcome = {
      addresses: this.#found.map(({ address }) => address),
      // Half an answer serves those who wait for it and nobody else.
      ttl: complete ? Math.min(...this.#found.map(({ ttl }) => ttl)) : 0,
      at: this.#scheduler.now(),
      error: this.#error,
    };
    this.#settled(outcome);
    for (const wait of this.#waits) wait.wake(outcome);
    this.#waits.clear();
  }
}

// Names below localhost never leave the machine (RFC 6761); the system's own lookup knows that.
function loopback(name: string, ownNameservers: boolean): readonly Address[] | undefined {
  return ownNameservers && (name === 'localhost' || name.endsWith('.localhost')) ? LOOPBACK : undefined;
}

const LOOPBACK: readonly Address[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

const KNOWN: readonly (keyof ResolverOptions)[] = ['nameservers', 'ttl', 'timeout', 'hosts', 'family'];

function checkKnown(options: ResolverOptions): void {
  for (const name of Object.keys(options)) {
    if (!KNOWN.includes(name as keyof ResolverOptions)) {
      throw new InvalidOptionError(`The resolver's setting ${name} is not known: use one of ${KNOWN.join(', ')}.`);
    }
  }
}

// An empty list would mean that nobody may be asked; that the system is asked then would surprise.
function checkNameservers(list: readonly string[] | undefined): readonly string[] {
  if (list === undefined) return [];
  if (Array.isArray(list) && list.length > 0) return (list as readonly string[]).map(checkNameserver);
  throw new InvalidOptionError(
    `The resolver's nameservers are ${JSON.stringify(list)}: give a list of addresses, or leave them out to let the system decide.`,
  );
}

function checkNameserver(text: string): string {
  const match = /^(?:\[([^\]]+)\]|([^:]+)|([^[\]]*:[^[\]]*:[^[\]]*))(?::(\d+))?$/.exec(String(text));
  const host = match?.[1] ?? match?.[2] ?? match?.[3] ?? '';
  const port = match?.[4] === undefined ? 53 : Number(match[4]);
  if (isIP(host) === 0 || port < 1 || port > 65_535) {
    throw new InvalidOptionError(
      `The nameserver ${JSON.stringify(text)} is no address: write it as '1.2.3.4', '1.2.3.4:5353' or '[::1]:53'.`,
    );
  }
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

function duration(name: string, value: unknown, fallback: number): number {
  if (value === undefined) return fallback;
  if (typeof value !== 'number' || Number.isNaN(value) || value < 0) {
    throw new InvalidOptionError(`The resolver's ${name} is ${String(value)}: give milliseconds, 0 or more.`);
  }
  return value;
}

function checkFamily(family: unknown): 0 | 4 | 6 {
  if (family === 0 || family === 4 || family === 6) return family;
  throw new InvalidOptionError(`The resolver's family is ${String(family)}: give 4, 6, or 0 for both.`);
}

function readHosts(hosts: Readonly<Record<string, readonly string[]>>): Map<string, readonly Address[]> {
  if (typeof hosts !== 'object') throw new InvalidOptionError(`hosts is ${String(hosts)}: give a record of lists.`);
  return new Map(
    ownEntries(hosts).map(([name, addresses]) => [name.toLowerCase().replace(/\.$/, ''), addressesOf(name, addresses)]),
  );
}

function addressesOf(name: string, given: readonly string[] | string): Address[] {
  const addresses = Array.isArray(given) ? (given as readonly string[]) : [given as string];
  if (addresses.length === 0) {
    throw new InvalidOptionError(`hosts[${JSON.stringify(name)}] is empty: give at least one address.`);
  }
  return addresses.map((address) => ({ address, family: familyOf(name, address) }));
}

function familyOf(name: string, address: string): 4 | 6 {
  const family = isIP(address);
  if (family === 4 || family === 6) return family;
  throw new InvalidOptionError(
    `hosts[${JSON.stringify(name)}] has ${JSON.stringify(address)}, which is no IP address.`,
  );
}

function nothing(): void {}
