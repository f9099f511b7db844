/** `explore`: reads the options, searches for a schedule that fails, shrinks it, and tells what happened. */

import { describe } from '../../errors.ts';
import { afterHostTurn } from '../../kernel/clock/turns.ts';
import { checkCount, checkFunction, readOptions, show } from '../../kernel/operation/options.ts';
import type { Operation } from '../../kernel/operation/suspension.ts';
import { withoutOurLines } from '../../kernel/stack/trail.ts';
import type { Task } from '../../kernel/task/task.ts';
import { checkSeed } from '../seeded.ts';
import { Traps } from '../traps.ts';
import { Follow } from './choosers.ts';
import type { Deviations } from './decision.ts';
import { ExploreError } from './explore-error.ts';
import { isAlike, type RunFailure } from './failure.ts';
import { formatInterleaving } from './interleaving.ts';
import { Coverage, type ExploreReport } from './report.ts';
import { type Outcome, type Program, runOnce } from './run-once.ts';
import { deviationsOf, type Found, PLAIN, type Search, searchAll, searchSeeds } from './search.ts';
import { shrink } from './shrink.ts';
import { describeStep, sameStep } from './step.ts';
import { formatTrace, parseTrace } from './trace.ts';

/** What `explore` takes. */
export interface ExploreOptions {
  /** How many seeds (1, 2, 3, …), or which; 1,000 by default. Each gives one schedule, and with `cancel` many. */
  seeds?: number | readonly number[] | undefined;
  /**
   * `'random'` (the default) leaves the plain order more or less often; `'pct'` gives tasks random priorities, which finds
   * bugs that need few things in a certain order; `'exhaustive'` runs every schedule, those nearest to the plain one first.
   */
  strategy?: 'random' | 'pct' | 'exhaustive' | undefined;
  /** Cancels tasks at every moment of every schedule: `true` for all but the root, or a function that says which. */
  cancel?: boolean | ((task: Task) => boolean) | undefined;
  /** Repeats one run: the `trace` of an `ExploreError`. */
  replay?: string | undefined;
  /** Whether tasks also give way at operations that could finish at once, as they do when their budget is spent; true by default. */
  preempt?: boolean | undefined;
  /** How many runs there may be in all; 20,000 by default. */
  limit?: number | undefined;
  /** How many steps one run may take before it counts as endless; 100,000 by default. */
  maxSteps?: number | undefined;
  /** How many ordered events a bug may need, for `'pct'`; 3 by default. */
  depth?: number | undefined;
  /** What the host gives (promises, events) may come late, after the next timer, or fail with an `InjectedHostError`; neither by default. */
  host?: { readonly late?: boolean | undefined; readonly fail?: boolean | undefined } | undefined;
  /** Whether the host's clock, chance and timers fail when a task uses them; false by default. */
  trap?: boolean | undefined;
  /** Whether time stands still while the host is waited for; false by default. */
  holdForHost?: boolean | undefined;
}

const OPTIONS = {
  seeds: 'any',
  strategy: 'string',
  cancel: 'any',
  replay: 'string',
  preempt: 'boolean',
  limit: 'count',
  maxSteps: 'count',
  depth: 'count',
  host: 'any',
  trap: 'boolean',
  holdForHost: 'boolean',
} as const;

const DEFAULT_SEEDS = 1_000;
const DEFAULT_LIMIT = 20_000;
const DEFAULT_MAX_STEPS = 100_000;
const DEFAULT_DEPTH = 3;
/** How many runs shrinking may take. */
const SHRINK_RUNS = 1_000;
/** How many where each takes a second of real time, since only the host could have gone on. */
const SLOW_SHRINK_RUNS = 5;
/** How many runs go by between two turns of the host. */
const RUNS_PER_TURN = 32;

/**
 * Runs a program under many schedules, and looks for one in which it fails: in which it throws, deadlocks, leaves
 * something behind, or never ends. With `cancel`, tasks are cancelled at every moment: before they begin, at the begin of
 * each wait, and when they have what they waited for and are about to go on.
 *
 * Everything that a schedule is made of is under control: which task runs next, where a task gives way, timers that are
 * due at the same time, `random()`. What foreign code decides is not: a promise settles when it does. The report says so,
 * and a program that goes another way under the same seed is reported at the first step that differs.
 *
 * The same seed gives the same run, on every engine. A failure is made as short as possible before it is reported.
 *
 * Cancellation: an error that is only what an injected cancel leads to (`CancelledError` from a join) is not a failure.
 *
 * @param program makes a new operation for every run; it must not keep anything from one run to the next
 * @param options `seeds`, `strategy`, `cancel`, `replay`, and limits
 * @returns what was covered
 * @throws ExploreError (as rejection) with `seed`, `trace`, `interleaving` and the program's own error as `cause`
 * @example
 * ```ts
 * import { spawn, tick } from '@coloop/core';
 * import { explore } from '@coloop/core/testing';
 *
 * function* transfer() {
 *   let balance = 0;
 *   function* deposit() {
 *     const before = balance;
 *     yield* tick();
 *     balance = before + 1;
 *   }
 *   const first = spawn(deposit());
 *   yield* first;
 *   yield* spawn(deposit());
 *   if (balance !== 2) throw new Error('a deposit was lost');
 * }
 *
 * const report = await explore(transfer, { strategy: 'exhaustive' });
 * console.log(report.exhausted); //> true
 * ```
 * Source: CHESS (iterative context bounding), PCT, Rust's loom and shuttle.
 */
export async function explore(program: () => Operation<unknown>, options: ExploreOptions = {}): Promise<ExploreReport> {
  checkFunction('explore', program);
  const given = readOptions('explore', options, OPTIONS);
  const search = makeSearch(program, given);
  if (given.replay !== undefined) return await replay(search, given.replay);
  const strategy = checkStrategy(given.strategy ?? 'random');
  const plain = await runTwice(search, search.seeds[0] as number);
  if (plain.outcome.failure !== null) throw await explain(search, plain);
  if (!usesHost(plain.outcome)) {
    const quick = { ...search, program: { ...search.program, quick: true }, coverage: new Coverage() };
    const found = await searchBy(quick, strategy, plain.outcome);
    if (found === null) return quick.coverage.report();
    // What only fails because the host was given no time does not fail.
    const slow = await runOnce(search.program, found.seed, new Follow(deviationsOf(found.outcome)));
    if (isAlike(found.outcome.failure as RunFailure, slow.failure)) throw await explain(quick, found);
  }
  const found = await searchBy(search, strategy, plain.outcome);
  if (found !== null) throw await explain(search, found);
  return search.coverage.report();
}

/** Searches by a strategy. */
async function searchBy(
  search: Search,
  strategy: 'random' | 'pct' | 'exhaustive',
  plain: Outcome,
): Promise<Found | null> {
  return strategy === 'exhaustive' ? await searchEverySeed(search) : await searchSeeds(search, strategy, plain);
}

function usesHost({ steps, hostWaits }: Outcome): boolean {
  return hostWaits.size > 0 || steps.some(({ kind }) => kind === 'host');
}

function makeSearch(body: () => Operation<unknown>, given: ExploreOptions): Search {
  const program: Program = {
    body,
    cancel: readCancel(given.cancel ?? false),
    preempt: given.preempt ?? true,
    host: readHost(given.host ?? {}),
    maxSteps: given.maxSteps ?? DEFAULT_MAX_STEPS,
    holdForHost: given.holdForHost ?? false,
    quick: false,
    traps: given.trap === true ? new Traps() : null,
  };
  let runs = 0;
  return {
    program,
    seeds: readSeeds(given.seeds ?? (given.strategy === 'exhaustive' ? 1 : DEFAULT_SEEDS)),
    limit: given.limit ?? DEFAULT_LIMIT,
    depth: given.depth ?? DEFAULT_DEPTH,
    coverage: new Coverage(),
    async yieldToHost() {
      if (++runs % RUNS_PER_TURN === 0) await new Promise<void>((resolve) => afterHostTurn(resolve));
    },
  };
}

function readCancel(cancel: unknown): ((task: Task) => boolean) | null {
  if (cancel === false) return null;
  if (cancel === true) return () => true;
  if (typeof cancel === 'function') return (task) => Boolean(cancel(task));
  throw new TypeError(`explore: the option 'cancel' takes a boolean or a function of a task, not ${show(cancel)}.`);
}

function readHost(host: NonNullable<ExploreOptions['host']>): Program['host'] {
  const { late = false, fail = false } = readOptions("explore: the option 'host'", host, {
    late: 'boolean',
    fail: 'boolean',
  });
  return { late, fail };
}

function readSeeds(seeds: unknown): readonly number[] {
  if (Array.isArray(seeds)) {
    if (seeds.length === 0)
      throw new RangeError("explore: the option 'seeds' needs at least one seed, not an empty array.");
    return seeds.map((seed) => checkSeed('explore', seed));
  }
  const count = checkCount("explore: the option 'seeds'", seeds);
  return Array.from({ length: count }, (_, i) => i + 1);
}

function checkStrategy(strategy: string): 'random' | 'pct' | 'exhaustive' {
  if (strategy === 'random' || strategy === 'pct' || strategy === 'exhaustive') return strategy;
  throw new TypeError(`explore knows the strategies 'random', 'pct' and 'exhaustive', not ${show(strategy)}.`);
}

async function searchEverySeed(search: Search): Promise<Found | null> {
  let exhausted = true;
  for (const seed of search.seeds) {
    const found = await searchAll(search, seed, ({ failure }) => failure !== null);
    if (found !== null) return found;
    exhausted &&= search.coverage.exhausted;
  }
  search.coverage.exhausted = exhausted;
  return null;
}

/** The plain run, twice: a program that goes two ways by itself cannot be explored. */
async function runTwice(search: Search, seed: number): Promise<Found> {
  const first = await runOnce(search.program, seed, new Follow(PLAIN));
  const second = await runOnce(search.program, seed, new Follow(PLAIN));
  checkSame(seed, PLAIN, first, second);
  return { seed, outcome: first };
}

function checkSame(seed: number, deviations: Deviations, first: Outcome, second: Outcome): void {
  const length = Math.max(first.steps.length, second.steps.length);
  for (let i = 0; i < length; i++) {
    const [a, b] = [first.steps[i], second.steps[i]];
    if (sameStep(a, b)) continue;
    const text = (step: typeof a): string =>
      step === undefined ? 'the end' : `${describeStep(step)}, at ${step.time} ms`;
    const hosts = [...first.hostWaits, ...second.hostWaits];
    const why =
      hosts.length > 0
        ? `It waits for the host (${[...new Set(hosts)].join(', ')}), which decides for itself.`
        : 'Use now() and random() for time and chance, keep nothing from one run to the next, and try `trap: true`.';
    const cause = new Error(
      `The program went another way in a second run with the same seed, first at step ${i + 1}:\n` +
        `  first run:  ${text(a)}\n  second run: ${text(b)}\n${why}`,
    );
    const trace = formatTrace({ seed, deviations });
    const interleaving = formatInterleaving(second.steps.slice(0, i + 1));
    throw withoutOurLines(new ExploreError(cause.message, { seed, trace, interleaving, cause }));
  }
}

async function replay(search: Search, trace: string): Promise<ExploreReport> {
  const { seed, deviations } = parseTrace(trace);
  const has = (kind: string): boolean => [...deviations.keys()].some((key) => key.startsWith(kind));
  // A trace says by itself what it takes.
  const { cancel } = search.program;
  const program: Program = {
    ...search.program,
    preempt: true,
    cancel: cancel ?? (has('c') ? () => true : null),
    host: { late: has('l'), fail: has('f') },
  };
  const follow = new Follow(deviations);
  const outcome = await runOnce(program, seed, follow, true);
  search.coverage.add(outcome);
  if (outcome.failure !== null) throw toError(search, { seed, outcome }, outcome.failure, deviations.size);
  if (follow.unmet.size > 0) {
    throw new TypeError(
      `explore cannot replay ${JSON.stringify(trace)}: the program has changed since, and ${[...follow.unmet].join(', ')} ` +
        'did not come up. The run went well otherwise.',
    );
  }
  return search.coverage.report();
}

/** Makes a failure as short as possible, checks that it can be repeated, and says what happened. */
async function explain(search: Search, found: Found): Promise<ExploreError> {
  const { program } = search;
  const { seed } = found;
  const failure = found.outcome.failure as RunFailure;
  const slow = failure.kind === 'deadlock' && found.outcome.hostWaits.size > 0;
  const attempt = async (deviations: Deviations): Promise<Deviations | null> => {
    const outcome = await runOnce(program, seed, new Follow(deviations));
    return isAlike(failure, outcome.failure) ? deviationsOf(outcome) : null;
  };
  const original = deviationsOf(found.outcome);
  const again = await runOnce(program, seed, new Follow(original));
  checkSame(seed, original, found.outcome, again);
  let shortest = await shrink(original, attempt, slow ? SLOW_SHRINK_RUNS : SHRINK_RUNS);
  if (shortest.size > 1 && !slow) {
    // Nothing that is nearer to the plain order may fail alike.
    const nearer = { ...search, coverage: new Coverage(), limit: SHRINK_RUNS };
    const better = await searchAll(nearer, seed, (each) => isAlike(failure, each.failure), shortest.size - 1);
    if (better !== null) shortest = deviationsOf(better.outcome);
  }
  const last = await runOnce(program, seed, new Follow(shortest), true);
  return toError(search, { seed, outcome: last }, last.failure ?? failure, original.size);
}

function toError(search: Search, { seed, outcome }: Found, failure: RunFailure, before: number): ExploreError {
  const deviations = deviationsOf(outcome);
  const trace = formatTrace({ seed, deviations });
  const interleaving = formatInterleaving(outcome.steps);
  const shrunk = before > deviations.size ? `, shrunk from ${before}` : '';
  const where =
    deviations.size === 0
      ? 'It fails in the plain order of events.'
      : `It takes ${deviations.size} ${deviations.size === 1 ? 'deviation' : 'deviations'} from the plain order of events${shrunk}; each is marked with *.`;
  const message = [
    `Found in run ${Math.max(1, search.coverage.runs)}, with seed ${seed}: ${describe(failure.error)}`,
    where,
    interleaving,
    ...[...outcome.places].map(([name, place]) => `(${name} was made at ${place})`),
    `To run it again: explore(program, { replay: '${trace}' })`,
  ];
  if (outcome.hostWaits.size > 0) {
    message.push(`Not under control: when the host ends ${[...outcome.hostWaits].join(', ')}.`);
  }
  return withoutOurLines(new ExploreError(message.join('\n'), { seed, trace, interleaving, cause: failure.error }));
}
