/*
 * One question of each family to a list of nameservers: they are asked one after another, so that the silence of one costs a part
 * of the limit, and the first answer counts, whoever gives it.
 */
import dns from 'node:dns';
import { bare } from '../checks.ts';
import { type SchedulerView, Timer } from '../waits.ts';
import type { AddressRecord, NameServer, Network } from './network.ts';

/** What a list of nameservers said about one family of a name. */
export type TakeRecords = (error: NodeJS.ErrnoException | undefined, records: readonly AddressRecord[]) => void;

/** How long a nameserver may be silent before the next one is asked too. */
const PATIENCE = 2_000;
/** That there is no such name, or no such address, is an answer; anything else only says that this server has none. */
const FINAL_CODES: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA']);

/** The nameservers of one lookup. */
export class NameServers {
  readonly #servers: readonly string[];
  readonly #scheduler: SchedulerView;
  readonly #patience: number;
  readonly #network: Network | null;
  readonly #asked: NameServer[] = [];
  readonly #questions: FamilyQuestion[] = [];

  /**
   * @param limit - within which every server is asked, with time left for the last one's answer; milliseconds
   * @param network - whose nameservers they are; null: the platform's
   */
  constructor(servers: readonly string[], limit: number, scheduler: SchedulerView, network: Network | null) {
    this.#servers = servers;
    this.#scheduler = scheduler;
    this.#network = network;
    this.#patience = Math.min(PATIENCE, limit / (servers.length + 1));
  }

  ask(name: string, family: 4 | 6, answer: TakeRecords): void {
    const question = new FamilyQuestion(this, name, family, answer);
    this.#questions.push(question);
    question.askNext();
  }

  /** Ends every question without an answer. */
  cancel(): void {
    for (const question of this.#questions) question.end();
    for (const server of this.#asked) server.cancel();
  }

  /** @internal The server at a place of the list; undefined behind its end. */
  at(index: number): NameServer | undefined {
    const server = this.#servers[index];
    if (server === undefined) return undefined;
    this.#asked[index] ??= this.#network === null ? new SystemNameServer(server) : this.#network.nameServer(server);
    return this.#asked[index];
  }

  /** @internal A timer for when the next server is asked. */
  timer(ring: () => void): { start(): void; stop(): void } {
    const timer = new Timer(this.#scheduler, ring);
    return { start: () => timer.set(this.#patience), stop: () => timer.stop() };
  }
}

class FamilyQuestion {
  readonly #servers: NameServers;
  readonly #name: string;
  readonly #family: 4 | 6;
  readonly #answer: TakeRecords;
  readonly #timer: { start(): void; stop(): void };
  #asked = 0;
  #silent = 0;
  #failure: NodeJS.ErrnoException | undefined;
  #over = false;

  constructor(servers: NameServers, name: string, family: 4 | 6, answer: TakeRecords) {
    this.#servers = servers;
    this.#name = name;
    this.#family = family;
    this.#answer = answer;
    this.#timer = servers.timer(() => this.askNext());
  }

  askNext(): void {
    const server = this.#servers.at(this.#asked);
    if (server === undefined) return;
    this.#asked += 1;
    this.#silent += 1;
    this.#timer.start();
    server.ask(this.#name, this.#family, (error, records) => this.#answered(error, records));
  }

  end(): void {
    this.#over = true;
    this.#timer.stop();
  }

  #answered(error: NodeJS.ErrnoException | undefined, records: readonly AddressRecord[]): void {
    if (this.#over) return;
    this.#silent -= 1;
    if (error === undefined || FINAL_CODES.has(error.code ?? '')) {
      this.#finish(error, records);
      return;
    }
    this.#failure ??= error;
    if (this.#servers.at(this.#asked) !== undefined) this.askNext();
    else if (this.#silent === 0) this.#finish(this.#failure, []);
  }

  #finish(error: NodeJS.ErrnoException | undefined, records: readonly AddressRecord[]): void {
    this.end();
    this.#answer(error, records);
  }
}

/** A real nameserver. It is of one lookup alone: `cancel` ends every question that a resolver has. */
class SystemNameServer implements NameServer {
  readonly #resolver = new dns.Resolver(bare({ timeout: PATIENCE, tries: 3 }));

  constructor(server: string) {
    this.#resolver.setServers([server]);
  }

  ask(name: string, family: 4 | 6, answer: TakeRecords): void {
    const withTtl = bare({ ttl: true as const });
    const answered = (error: NodeJS.ErrnoException | null, found: readonly dns.RecordWithTtl[] | undefined): void =>
      answer(
        error ?? undefined,
        (found ?? []).map(({ address, ttl }) => ({ address, family, ttl: ttl * 1_000 })),
      );
    if (family === 6) this.#resolver.resolve6(name, withTtl, answered);
    else this.#resolver.resolve4(name, withTtl, answered);
  }

  cancel(): void {
    this.#resolver.cancel();
  }
}
