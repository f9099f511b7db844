/*
 * One lookup of a name, shared by all tasks that want the name while it is under way. It lives as long as one of them waits:
 * the first one begins it, the last one to leave cancels it.
 */
import dns from 'node:dns';
import { bare } from '../checks.ts';
import { HostWait, type SchedulerView, Timer } from '../waits.ts';
import type { Address, AddressRecord, Network, Question } from './network.ts';

/** How a lookup ended. */
export interface LookupOutcome {
  readonly addresses: readonly Address[];
  /** Milliseconds. */
  readonly ttl: number;
  readonly at: number;
  readonly error: NodeJS.ErrnoException | undefined;
}

/** The system does not say how long its answer holds; aiohttp's value. */
const SYSTEM_TTL = 10_000;
/** How long the first family waits for the other (RFC 8305, section 3). */
const RESOLUTION_DELAY = 50;

/** The lookups of a resolver that are under way, by name. */
export class Lookups {
  readonly #underWay = new Map<string, SharedLookup>();
  readonly #settled: (name: string, outcome: LookupOutcome) => void;

  /** @param settled - is called with each outcome, before the tasks that wait for it */
  constructor(settled: (name: string, outcome: LookupOutcome) => void) {
    this.#settled = settled;
  }

  /**
   * Waits for the outcome of a lookup, which may be under way already.
   *
   * Cancellation: leaves the lookup to the other tasks that wait for it; the last one to leave ends it.
   *
   * @param network - whose names are asked for; null: the platform's
   */
  wait(question: Question, network: Network | null): HostWait<LookupOutcome> {
    return new LookupWait(this, question, network);
  }

  /** Joins the lookup that is under way, or begins one. */
  join(wait: LookupWait, question: Question, network: Network | null, scheduler: SchedulerView): SharedLookup {
    const { name } = question;
    let lookup = this.#underWay.get(name);
    if (lookup === undefined) {
      lookup = new SharedLookup(scheduler, (outcome) => {
        this.#underWay.delete(name);
        this.#settled(name, outcome);
      });
      this.#underWay.set(name, lookup);
      lookup.add(wait);
      lookup.begin(question, network);
    } else {
      lookup.add(wait);
    }
    return lookup;
  }

  leave(wait: LookupWait, name: string, lookup: SharedLookup): void {
    if (lookup.remove(wait) > 0) return;
    lookup.cancel();
    if (this.#underWay.get(name) === lookup) this.#underWay.delete(name);
  }
}

/** One task's part in a lookup. */
class LookupWait extends HostWait<LookupOutcome> {
  readonly #lookups: Lookups;
  readonly #question: Question;
  readonly #network: Network | null;
  #lookup: SharedLookup | undefined;

  constructor(lookups: Lookups, question: Question, network: Network | null) {
    super();
    this.#lookups = lookups;
    this.#question = question;
    this.#network = network;
  }

  get label(): string {
    return `dns(${this.#question.name})`;
  }

  protected begin(): void {
    this.#lookup = this.#lookups.join(this, this.#question, this.#network, this.scheduler as SchedulerView);
  }

  protected end(): void {
    if (this.#lookup !== undefined) this.#lookups.leave(this, this.#question.name, this.#lookup);
  }
}

/** One lookup, and all tasks that wait for it. */
class SharedLookup {
  readonly #waits = new Set<LookupWait>();
  readonly #scheduler: SchedulerView;
  readonly #settled: (outcome: LookupOutcome) => void;
  readonly #delay: Timer;
  readonly #found: { readonly address: Address; readonly ttl: number }[] = [];
  #open = 0;
  #error: NodeJS.ErrnoException | undefined;
  #withdraw: () => void = nothing;
  #done = false;

  constructor(scheduler: SchedulerView, settled: (outcome: LookupOutcome) => void) {
    this.#scheduler = scheduler;
    this.#settled = settled;
    this.#delay = new Timer(scheduler, () => this.#finish());
  }

  add(wait: LookupWait): void {
    this.#waits.add(wait);
  }

  /** @returns how many tasks still wait. */
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
    const withTtl = bare({ ttl: true as const });
    if (family !== 4) resolver.resolve6(name, withTtl, (error, records) => this.#answer(6, error, records));
    if (family !== 6) resolver.resolve4(name, withTtl, (error, records) => this.#answer(4, error, records));
  }

  // getaddrinfo cannot be stopped: the answer of a lookup that was cancelled is ignored.
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

  /** Takes one answer for both families. */
  #whole(error: NodeJS.ErrnoException | undefined, records: readonly AddressRecord[]): void {
    if (this.#done) return;
    this.#error = error;
    for (const { address, family, ttl } of records) this.#found.push({ address: { address, family }, ttl });
    this.#finish();
  }

  #answer(family: 4 | 6, error: NodeJS.ErrnoException | null, records: readonly dns.RecordWithTtl[] | undefined): void {
    if (this.#done) return;
    this.#open -= 1;
    // ENODATA only says that the name has no address of this family: any other error tells more.
    if (error !== null && (this.#error === undefined || this.#error.code === 'ENODATA')) this.#error = error;
    for (const { address, ttl } of records ?? []) this.#found.push({ address: { address, family }, ttl: ttl * 1_000 });
    if (this.#open === 0) this.#finish();
    else if (this.#found.length > 0) this.#delay.set(RESOLUTION_DELAY);
  }

  #finish(): void {
    if (this.#done) return;
    const complete = this.#open === 0;
    this.cancel();
    const outcome: LookupOutcome = {
      addresses: this.#found.map(({ address }) => address),
      // An answer for one family alone serves the tasks that wait for it, and is not kept.
      ttl: complete ? Math.min(...this.#found.map(({ ttl }) => ttl)) : 0,
      at: this.#scheduler.now(),
      error: this.#error,
    };
    this.#settled(outcome);
    for (const wait of this.#waits) wait.wake(outcome);
    this.#waits.clear();
  }
}

function nothing(): void {}
