/* The DNS of a simulated network: answers, errors and silence, by script. */
import { isIP } from 'node:net';
import type { Operation } from '@coloop/core';
import type { AddressRecord, Question } from '../connect/network.ts';
import { InvalidOptionError } from '../errors.ts';
import { systemError } from './system-error.ts';
import type { Outside } from './world.ts';

/**
 * The answer for a name: addresses, the code of an error (`'ENOTFOUND'`, `'ESERVFAIL'`), null for no answer at all, or a
 * coroutine that returns one of these each time.
 */
export type NameAnswer = readonly string[] | string | null | (() => Operation<readonly string[] | string | null>);

/** The times of an answer, in milliseconds. */
export interface NameOptions {
  /** How long the answer takes. Default: there and back over the network. */
  readonly delay?: number | undefined;
  /** How long the answer may be kept. Default 60,000. */
  readonly ttl?: number | undefined;
  /** Which nameserver answers so, as a resolver names it: `'10.0.0.53'`. Default: the system's, and every other one. */
  readonly nameserver?: string | undefined;
}

const DEFAULT_TTL = 60_000;

type GiveRecords = (error: NodeJS.ErrnoException | undefined, records: readonly AddressRecord[]) => void;

/** The DNS of a simulated network. */
export class Names {
  /** Every question that was asked, by name. */
  readonly asked: string[] = [];
  readonly #outside: Outside;
  readonly #delay: number;
  readonly #entries = new Map<string, { readonly answer: NameAnswer; readonly options: NameOptions }>();

  constructor(outside: Outside, delay: number) {
    this.#outside = outside;
    this.#delay = delay;
  }

  set(name: string, answer: NameAnswer, options: NameOptions = {}): void {
    if (Array.isArray(answer)) checkAddresses(name, answer);
    this.#entries.set(keyOf(options.nameserver, name.toLowerCase()), { answer, options });
  }

  /** The first address of a name that has no script; for connections between machines of the network. */
  addressOf(name: string): string | undefined {
    if (isIP(name) !== 0) return name;
    const answer = this.#entries.get(keyOf(undefined, name.toLowerCase()))?.answer;
    return Array.isArray(answer) ? (answer[0] as string | undefined) : undefined;
  }

  ask({ name, family, nameservers: [server] }: Question, answer: GiveRecords): () => void {
    this.asked.push(name);
    const entry = this.#entries.get(keyOf(server, name)) ?? this.#entries.get(keyOf(undefined, name));
    const { delay = this.#delay, ttl = DEFAULT_TTL } = entry?.options ?? {};
    const given = entry === undefined ? 'ENOTFOUND' : entry.answer;
    let over = false;
    const settle = (value: readonly string[] | string | null): void => {
      if (!over && value !== null) give(value, { name, family }, ttl, answer);
    };
    const withdraw = this.#outside.after(delay, `dns(${name})`, () => {
      if (typeof given === 'function') this.#outside.start(`dns(${name})`, () => scripted(given, settle));
      else settle(given);
    });
    return () => {
      over = true;
      withdraw();
    };
  }
}

/** The same for a nameserver with and without the usual port. */
function keyOf(server: string | undefined, name: string): string {
  return server === undefined ? name : `${server.replace(/:53$/, '').replace(/^\[(.*)\]$/, '$1')} ${name}`;
}

function* scripted(
  script: () => Operation<readonly string[] | string | null>,
  settle: (value: readonly string[] | string | null) => void,
): Operation<void> {
  settle(yield* script());
}

function give(
  value: readonly string[] | string,
  { name, family }: Pick<Question, 'name' | 'family'>,
  ttl: number,
  answer: GiveRecords,
): void {
  if (typeof value === 'string') {
    answer(systemError(value, 'query', name), []);
    return;
  }
  const records = value
    .map((address): AddressRecord => ({ address, family: isIP(address) === 6 ? 6 : 4, ttl }))
    .filter((record) => family === 0 || record.family === family);
  answer(records.length === 0 ? systemError('ENODATA', 'query', name) : undefined, records);
}

function checkAddresses(name: string, addresses: readonly string[]): void {
  const wrong = addresses.find((address) => isIP(address) === 0);
  if (wrong === undefined) return;
  throw new InvalidOptionError(
    `The name ${name} is given the address ${JSON.stringify(wrong)}, which is not an IP address: give IPv4 or IPv6 addresses.`,
  );
}
