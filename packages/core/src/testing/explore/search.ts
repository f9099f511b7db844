/** Which schedules are run, and in which order. Each run is a function of its seed alone, so that one seed is enough to repeat it. */
import { Follow, Force, Priorities, RandomWalk } from './choosers.ts';
import type { Chooser, Deviations } from './decision.ts';
import type { Coverage } from './report.ts';
import { type Outcome, type Program, runOnce } from './run-once.ts';

export const PLAIN: Deviations = new Map();

/** A run that failed. */
export interface Found {
  readonly seed: number;
  readonly outcome: Outcome;
}

export interface Search {
  readonly program: Program;
  readonly seeds: readonly number[];
  /** How many runs there may be. */
  readonly limit: number;
  readonly depth: number;
  readonly coverage: Coverage;
  /** Lets the host have a turn now and then. */
  yieldToHost(): Promise<void>;
}

export function deviationsOf(outcome: Outcome): Deviations {
  return new Map(outcome.taken.filter(({ choice }) => choice > 0).map(({ key, choice }) => [key, choice]));
}

/** Runs once and counts. */
async function run(search: Search, seed: number, chooser: Chooser): Promise<Outcome> {
  const outcome = await runOnce(search.program, seed, chooser);
  search.coverage.add(outcome);
  await search.yieldToHost();
  return outcome;
}

/** The schedules of a strategy for all seeds; then each of them again with a cancel, at every moment that it has. */
export async function searchSeeds(search: Search, strategy: 'random' | 'pct', plain: Outcome): Promise<Found | null> {
  const { coverage, seeds, limit, program } = search;
  coverage.add(plain);
  // The plain schedule first: what fails there is easiest to understand.
  const found = await sweep(search, seeds[0] as number, () => new Follow(PLAIN), plain.moments);
  if (found !== null) return found;
  const schedules = new Map<string, { seed: number; make: () => Chooser; moments: readonly string[] }>();
  for (const seed of seeds) {
    if (coverage.runs >= limit) break;
    const make = strategy === 'random' ? () => new RandomWalk(seed, false) : await priorities(search, seed);
    if (typeof make !== 'function') return make;
    const outcome = await run(search, seed, make());
    if (outcome.failure !== null) return { seed, outcome };
    if (program.cancel === null) continue;
    // Two seeds that led to the same run lead to the same runs with cancels.
    const schedule = `${outcome.random ? seed : ''} ${[...deviationsOf(outcome)].join()}`;
    if (!schedules.has(schedule)) schedules.set(schedule, { seed, make, moments: outcome.moments });
    const several = await run(search, seed, new RandomWalk(seed, true));
    if (several.failure !== null) return { seed, outcome: several };
  }
  for (const { seed, make, moments } of schedules.values()) {
    const found = await sweep(search, seed, make, moments);
    if (found !== null) return found;
  }
  return null;
}

/** Priorities need to know how long a run is, so the plain one goes before: its own failure counts too. */
async function priorities(search: Search, seed: number): Promise<Found | (() => Chooser)> {
  const outcome = await run(search, seed, new Follow(PLAIN));
  if (outcome.failure !== null) return { seed, outcome };
  return () => new Priorities(seed, outcome.points, search.depth);
}

/** The same schedule once for each moment, with the task cancelled there. */
async function sweep(
  search: Search,
  seed: number,
  make: () => Chooser,
  moments: readonly string[],
): Promise<Found | null> {
  search.coverage.found += moments.length;
  for (const key of moments) {
    if (search.coverage.runs >= search.limit) return null;
    search.coverage.tried++;
    const outcome = await run(search, seed, new Force(key, make()));
    if (outcome.failure !== null) return { seed, outcome };
  }
  return null;
}

/**
 * All schedules, those with the fewest deviations from the plain one first (as in iterative context bounding; Musuvathi
 * and Qadeer, PLDI 2007), so that what is found first is as short as it can be.
 *
 * @param alike tells which failure is meant
 * @param most up to how many deviations
 */
export async function searchAll(
  search: Search,
  seed: number,
  alike: (outcome: Outcome) => boolean,
  most = Number.POSITIVE_INFINITY,
): Promise<Found | null> {
  const { coverage, limit } = search;
  let level: Deviations[] = [PLAIN];
  for (let deviations = 0; level.length > 0; deviations++) {
    const next: Deviations[] = [];
    for (const each of level) {
      if (coverage.runs >= limit) return null;
      const outcome = await run(search, seed, new Follow(each));
      if (alike(outcome)) return { seed, outcome };
      if (deviations < most && next.length < limit) next.push(...successors(each, outcome));
    }
    coverage.bound = deviations;
    coverage.exhausted = next.length === 0 && deviations < most;
    level = next;
  }
  return null;
}

/** One deviation more, after the last. */
function successors(deviations: Deviations, outcome: Outcome): Deviations[] {
  const { taken } = outcome;
  const list: Deviations[] = [];
  for (let at = taken.findLastIndex(({ choice }) => choice > 0) + 1; at < taken.length; at++) {
    const { key, choices } = taken[at] as (typeof taken)[number];
    for (let choice = 1; choice < choices; choice++) list.push(new Map([...deviations, [key, choice]]));
  }
  return list;
}
