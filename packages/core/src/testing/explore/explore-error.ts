/** What an `ExploreError` is made of. */
export interface ExploreFailure {
  readonly seed: number;
  readonly trace: string;
  readonly interleaving: string;
  readonly cause: unknown;
}

/**
 * `explore` found an order of events, or a moment of a cancel, in which the program fails: `cause` is the program's own
 * error, `trace` repeats the run with `explore(program, { replay: trace })`.
 */
export class ExploreError extends Error {
  override readonly name = 'ExploreError';
  /** The seed of the run that failed. */
  readonly seed: number;
  /** The whole run, in one line of text. */
  readonly trace: string;
  /** The run step by step, as text. */
  readonly interleaving: string;

  constructor(message: string, failure: ExploreFailure) {
    super(message, { cause: failure.cause });
    this.seed = failure.seed;
    this.trace = failure.trace;
    this.interleaving = failure.interleaving;
  }
}
