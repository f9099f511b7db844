/** How decisions are taken: as written down, at random, by priorities. */
import { SeededRandom } from '../seeded.ts';
import type { Chooser, Decision, Deviations, Next } from './decision.ts';

/** Follows what is written down, and does what is plain everywhere else. */
export class Follow implements Chooser {
  readonly #deviations: Deviations;
  /** What was written down for decisions that did not come up, or not with so many choices. */
  readonly unmet: Set<string>;

  constructor(deviations: Deviations) {
    this.#deviations = deviations;
    this.unmet = new Set(deviations.keys());
  }

  choose({ key, choices }: Decision): number {
    const choice = this.#deviations.get(key) ?? 0;
    if (choice >= choices) return 0;
    this.unmet.delete(key);
    return choice;
  }
}

/** Takes some decisions as written down and leaves the others to another chooser. */
export class Force implements Chooser {
  readonly #key: string;
  readonly #rest: Chooser;

  constructor(key: string, rest: Chooser) {
    this.#key = key;
    this.#rest = rest;
  }

  choose(decision: Decision): number {
    return decision.key === this.#key ? 1 : this.#rest.choose(decision);
  }
}

/** Streams of random numbers that have nothing to do with those that the program gets. */
const RANDOM_STREAM = 1;
const PCT_STREAM = 2;

/** How often a run leaves the plain order: some runs everywhere, most only here and there, where many bugs are. */
const NEXT_RATES = [1, 0.5, 0.2, 0.05] as const;
const PREEMPT_RATES = [0, 0.02, 0.1, 0.3] as const;
const CANCEL_RATES = [0.02, 0.1, 0.3] as const;
const HOST_RATE = 0.3;

/** Random choices, decided by a seed. */
export class RandomWalk implements Chooser {
  readonly #chance: SeededRandom;
  readonly #nextRate: number;
  readonly #preemptRate: number;
  readonly #cancelRate: number;

  constructor(seed: number, cancels: boolean) {
    this.#chance = new SeededRandom(seed, RANDOM_STREAM);
    this.#nextRate = this.#pick(NEXT_RATES);
    this.#preemptRate = this.#pick(PREEMPT_RATES);
    this.#cancelRate = cancels ? this.#pick(CANCEL_RATES) : 0;
  }

  #pick(rates: readonly number[]): number {
    return rates[this.#chance.below(rates.length)] as number;
  }

  choose({ kind, choices }: Decision): number {
    if (kind === 'next') return this.#chance.next() < this.#nextRate ? this.#chance.below(choices) : 0;
    if (kind === 'host') return this.#chance.next() < HOST_RATE ? 1 : 0;
    return this.#chance.next() < (kind === 'preempt' ? this.#preemptRate : this.#cancelRate) ? 1 : 0;
  }
}

/**
 * Probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte, ASPLOS 2010): everything has a random
 * priority, the highest that can run does, and at `depth - 1` random points the one that runs falls below all others.
 * A bug that needs `depth` ordered events is found with a probability of at least 1 / (tasks * points^(depth - 1)).
 */
export class Priorities implements Chooser {
  readonly #chance: SeededRandom;
  readonly #priorities = new Map<Next, number>();
  readonly #changes = new Set<number>();
  #points = 0;
  #lowest = 0;

  /** @param points how many points a run has, about */
  constructor(seed: number, points: number, depth: number) {
    this.#chance = new SeededRandom(seed, PCT_STREAM);
    for (let i = 1; i < depth; i++) this.#changes.add(this.#chance.below(Math.max(1, points)));
  }

  #priorityOf(next: Next): number {
    let priority = this.#priorities.get(next);
    if (priority === undefined) {
      priority = 1 + this.#chance.next();
      this.#priorities.set(next, priority);
    }
    return priority;
  }

  choose({ kind, candidates, task }: Decision): number {
    if (kind === 'cancel') return 0;
    if (kind === 'host') return this.#chance.next() < HOST_RATE ? 1 : 0;
    const change = this.#changes.has(this.#points++);
    if (kind === 'preempt') {
      if (change && task !== null) this.#fall(task);
      const own = task === null ? 0 : this.#priorityOf(task);
      return candidates.some((other) => this.#priorityOf(other) > own) ? 1 : 0;
    }
    if (change) this.#fall(candidates[this.#highest(candidates)] as Next);
    return this.#highest(candidates);
  }

  #fall(next: Next): void {
    this.#priorities.set(next, --this.#lowest);
  }

  #highest(candidates: readonly Next[]): number {
    let best = 0;
    for (let i = 1; i < candidates.length; i++) {
      if (this.#priorityOf(candidates[i] as Next) > this.#priorityOf(candidates[best] as Next)) best = i;
    }
    return best;
  }
}
