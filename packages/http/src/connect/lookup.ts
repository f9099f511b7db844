/*
 * One lookup of a name, shared by all tasks that want the name while it is under way. It lives as long as one of them waits:
 * the first one begins it, the last one to leave cancels it.
 */
import dns from 'node:dns';
import { bare } from '../checks.ts';
import { HostWait, type SchedulerView, Timer } from '../waits.ts';
import { NameServers } from './name-servers.ts';
import type { Address, AddressRecord, Network, Question } from './network.ts';

/** How a lookup ended. */
export interface LookupOutcome {
  readonly addresses: readonly Address[];
  /** Milliseconds. */
  readonly ttl: number;
  readonly at: number;
  readonly error: NodeJS.ErrnoException | undefined;
  /** The family whose answer is still to come; to be released by the task that got it. */
  readonly late: LateFamily | undefined;
}

/** What a family brings whose answer comes after the other one's, for one task. */
export class LateFamily {
  readonly #release: (late: LateFamily) => void;
  #addresses: readonly Address[] | undefined;
  #take: ((addresses: readonly Address[]) => void) | undefined;

  constructor(release: (late: LateFamily) => void) {
    this.#release = release;
  }

  /** Calls back once: with the addresses, or with none if they never come. */
  whenCome(take: (addresses: readonly Address[]) => void): void {
    if (this.#addresses === undefined) this.#take = take;
    else take(this.#addresses);
  }

  /** @internal The lookup has ended. */
  come(addresses: readonly Address[]): void {
    this.#addresses = addresses;
    this.#take?.(addresses);
  }

  /** The task needs it no more. */
  release(): void {
    this.#take = undefined;
    this.#release(this);
  }
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
   * @param limit - how long the task waits for it, in milliseconds
   * @param network - whose names are asked for; null: the platform's
   */
  wait(question: Question, limit: number, network: Network | null): HostWait<LookupOutcome> {
    return new LookupWait(this, { question, limit, network });
  }

  /** Joins the lookup that is under way, or begins one. */
  join(wait: LookupWait, { question, limit, network }: LookupTerms, scheduler: SchedulerView): SharedLookup {
    const { name } = question;
    const underWay = this.#underWay.get(name);
    if (underWay !== undefined) {
      underWay.add(wait);
      return underWay;
    }
    const lookup = new SharedLookup(scheduler, (outcome) => {
      if (this.#underWay.get(name) === lookup) this.#underWay.delete(name);
      this.#settled(name, outcome);
    });
    this.#underWay.set(name, lookup);
    lookup.add(wait);
    lookup.begin(question, limit, network);
    return lookup;
  }
}

/** What one task asks for. */
interface LookupTerms {
  readonly question: Question;
  /** Milliseconds. */
  readonly limit: number;
  readonly network: Network | null;
}

/** One task's part in a lookup. */
class LookupWait extends HostWait<LookupOutcome> {
  readonly #lookups: Lookups;
  readonly #terms: LookupTerms;
  #lookup: SharedLookup | undefined;

  constructor(lookups: Lookups, terms: LookupTerms) {
    super();
    this.#lookups = lookups;
    this.#terms = terms;
  }

  get label(): string {
    return `dns(${this.#terms.question.name})`;
  }

  protected begin(): void {
    this.#lookup = this.#lookups.join(this, this.#terms, this.scheduler as SchedulerView);
  }

  protected end(): void {
    this.#lookup?.remove(this);
  }
}

/**
 * One lookup, and all tasks that wait for it.
 *
 * | state   | meaning                                                                            | leaves to     |
 * | asking  | no answer yet, or none that is of use                                              | partial, done |
 * | partial | one family came and the tasks have it; the other may come while a task can use it  | done          |
 * | done    | all answers came, the limit passed, or nobody wants them any more                  | -             |
 */
class SharedLookup {
  readonly #waits = new Set<LookupWait>();
  /** The tasks that can use what comes late. */
  readonly #late = new Set<LateFamily>();
  readonly #scheduler: SchedulerView;
  readonly #settled: (outcome: LookupOutcome) => void;
  readonly #delay: Timer;
  readonly #lateEnd: Timer;
  readonly #found: { readonly address: Address; readonly ttl: number }[] = [];
  /** When the late answer is waited for no more. */
  #due = 0;
  /** How many addresses the tasks have. */
  #given = 0;
  #open = 0;
  #error: NodeJS.ErrnoException | undefined;
  #withdraw: () => void = nothing;
  #state: 'asking' | 'partial' | 'done' = 'asking';

  /** @param settled - is called with the outcome once all answers came */
  constructor(scheduler: SchedulerView, settled: (outcome: LookupOutcome) => void) {
    this.#scheduler = scheduler;
    this.#settled = settled;
    this.#delay = new Timer(scheduler, () => this.#givePart());
    this.#lateEnd = new Timer(scheduler, () => this.#finish(false));
  }

  add(wait: LookupWait): void {
    if (this.#state === 'partial') this.#giveTo(wait);
    else this.#waits.add(wait);
  }

  /** A task left: the last one to leave ends it. */
  remove(user: LookupWait | LateFamily): void {
    this.#waits.delete(user as LookupWait);
    this.#late.delete(user as LateFamily);
    if (this.#waits.size === 0 && this.#late.size === 0) this.#finish(false);
  }

  begin(question: Question, limit: number, network: Network | null): void {
    this.#due = this.#scheduler.now() + limit;
    if (question.nameservers.length > 0) this.#askServers(question, limit, network);
    else if (network !== null) this.#askNetwork(question, network);
    else this.#askSystem(question);
  }

  #askServers({ name, nameservers, family }: Question, limit: number, network: Network | null): void {
    const servers = new NameServers(nameservers, limit, this.#scheduler, network);
    this.#withdraw = () => servers.cancel();
    const families = family === 0 ? ([6, 4] as const) : [family];
    this.#open = families.length;
    for (const each of families) servers.ask(name, each, (error, records) => this.#answer(error, records));
  }

  // getaddrinfo cannot be stopped: the answer of a lookup that was cancelled is ignored.
  #askSystem({ name, family }: Question): void {
    this.#open = 1;
    dns.lookup(name, bare({ all: true as const, family, verbatim: true }), (error, addresses) => {
      const records = (error ? [] : addresses).map(
        ({ address, family: kind }): AddressRecord => ({ address, family: kind === 6 ? 6 : 4, ttl: SYSTEM_TTL }),
      );
      this.#answer(error ?? undefined, records);
    });
  }

  #askNetwork(question: Question, network: Network): void {
    this.#open = 1;
    this.#withdraw = network.lookup(question, this.#scheduler, (error, records) => this.#answer(error, records));
  }

  #answer(error: NodeJS.ErrnoException | undefined, records: readonly AddressRecord[]): void {
    if (this.#state === 'done') return;
    this.#open -= 1;
    // ENODATA only says that the name has no address of this family: any other error tells more.
    if (error !== undefined && (this.#error === undefined || this.#error.code === 'ENODATA')) this.#error = error;
    for (const { address, family, ttl } of records) this.#found.push({ address: { address, family }, ttl });
    if (this.#open === 0) this.#finish(true);
    else if (this.#found.length > 0) this.#delay.set(RESOLUTION_DELAY);
  }

  /** The tasks go on with what is there; the rest is theirs when it comes. */
  #givePart(): void {
    this.#state = 'partial';
    this.#given = this.#found.length;
    this.#lateEnd.set(Math.max(0, this.#due - this.#scheduler.now()));
    for (const wait of this.#waits) this.#giveTo(wait);
    this.#waits.clear();
  }

  #giveTo(wait: LookupWait): void {
    const late = new LateFamily((user) => this.remove(user));
    if (wait.wake({ ...this.#outcome(false), late })) this.#late.add(late);
  }

  #outcome(complete: boolean): LookupOutcome {
    return {
      addresses: this.#found.map(({ address }) => address),
      // An answer for one family alone serves the tasks that wait for it, and is not kept.
      ttl: complete ? Math.min(...this.#found.map(({ ttl }) => ttl)) : 0,
      at: this.#scheduler.now(),
      error: this.#error,
      late: undefined,
    };
  }

  /** @param complete - whether every answer came */
  #finish(complete: boolean): void {
    if (this.#state === 'done') return;
    this.#state = 'done';
    this.#delay.stop();
    this.#lateEnd.stop();
    this.#withdraw();
    const outcome = this.#outcome(complete);
    this.#settled(outcome);
    for (const wait of this.#waits) wait.wake(outcome);
    this.#waits.clear();
    const rest = outcome.addresses.slice(this.#given);
    for (const late of this.#late) late.come(rest);
    this.#late.clear();
  }
}

function nothing(): void {}
