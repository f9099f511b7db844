/** What an exploration has covered, and what it could not. */
export interface ExploreReport {
  /** How often the program was run. */
  readonly runs: number;
  /** In how many different orders of steps, moments of cancels counted. */
  readonly schedules: number;
  /** How many steps were run in all. */
  readonly steps: number;
  /** The most decisions that one run had: points at which it could have gone on in more than one way. */
  readonly decisions: number;
  /** Moments at which a task could be cancelled, over all schedules that were asked for: how many were found, and how many were tried. */
  readonly cancels: { readonly found: number; readonly tried: number };
  /** Whether every schedule there is was run; only `strategy: 'exhaustive'` can say so. */
  readonly exhausted: boolean;
  /** With `strategy: 'exhaustive'`, the number of deviations from the plain order up to which every schedule was run. */
  readonly bound: number | null;
  /** What decided about the order and was not under control: waits that only the host could end. */
  readonly uncontrolled: readonly string[];
  /** All of this in a few sentences. */
  toString(): string;
}

/** Counts while the exploration goes on. */
export class Coverage {
  runs = 0;
  steps = 0;
  decisions = 0;
  found = 0;
  tried = 0;
  exhausted = false;
  bound: number | null = null;
  readonly #schedules = new Set<string>();
  readonly #uncontrolled = new Set<string>();

  add(outcome: {
    readonly steps: readonly { readonly kind: string; readonly task?: number; readonly to?: string }[];
    readonly taken: readonly unknown[];
    readonly hostWaits: ReadonlySet<string>;
  }): void {
    this.runs++;
    this.steps += outcome.steps.length;
    this.decisions = Math.max(this.decisions, outcome.taken.length);
    this.#schedules.add(digest(outcome.steps.map((step) => `${step.kind[0]}${step.task ?? ''}`).join()));
    for (const wait of outcome.hostWaits) this.#uncontrolled.add(wait);
  }

  report(): ExploreReport {
    const { runs, steps, decisions, found, tried, exhausted, bound } = this;
    const uncontrolled = [...this.#uncontrolled].sort();
    const schedules = this.#schedules.size;
    const sentences = [
      `${count(runs, 'run')} in ${count(schedules, 'different order')}, ${count(steps, 'step')}, at most ${count(decisions, 'decision')} in one run.`,
    ];
    if (found > 0) sentences.push(`Cancelled at ${tried} of ${count(found, 'moment')} that were found.`);
    if (exhausted) sentences.push('Every schedule there is was run.');
    else if (bound !== null) sentences.push(`Every schedule with up to ${count(bound, 'deviation')} was run.`);
    if (uncontrolled.length > 0) {
      sentences.push(
        `Not under control: when the host ends ${uncontrolled.join(', ')}; other moments are possible there.`,
      );
    }
    return {
      runs,
      schedules,
      steps,
      decisions,
      cancels: { found, tried },
      exhausted,
      bound,
      uncontrolled,
      toString: () => sentences.join(' '),
    };
  }
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}

/** Two 32-bit sums (FNV-1a with different bases), short enough to keep one for every run. */
function digest(text: string): string {
  let a = 0x811c9dc5;
  let b = 0x01234567;
  for (let i = 0; i < text.length; i++) {
    a = Math.imul(a ^ text.charCodeAt(i), 0x01000193);
    b = Math.imul(b ^ text.charCodeAt(i), 0x01000193) ^ (b >>> 15);
  }
  return `${a >>> 0}.${b >>> 0}`;
}
