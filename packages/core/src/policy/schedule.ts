/** A schedule of `retry`: from the failures so far to the pause before the next call, refined step by step. */
import { checkCount, checkDuration, checkFunction } from '../kernel/operation/options.ts';

/** What is known after a call has failed. */
export interface Failure {
  readonly error: unknown;
  /** How many calls were made so far, this one included. */
  readonly attempt: number;
  /** How long it is since the first call began, in ms. */
  readonly elapsed: number;
  /** A number from 0 up to 1, from the scheduler. */
  random(): number;
}

/** The pause before the next call, in ms, or null for "give up". */
type Rule = (failure: Failure) => number | null;

/**
 * When to call again, and when to give up: made by `exponential` and `fixed`, refined by its methods. A schedule never
 * changes, so it can be kept and shared: each method makes a new one.
 */
export class Schedule {
  readonly #rule: Rule;

  /** @internal Use `exponential` or `fixed`. */
  constructor(rule: Rule) {
    this.#rule = rule;
  }

  /** The pause after this failure, in ms, or null for "give up". */
  delay(failure: Failure): number | null {
    return this.#rule(failure);
  }

  #then(refine: (delay: number, failure: Failure) => number | null): Schedule {
    const rule = this.#rule;
    return new Schedule((failure) => {
      const delay = rule(failure);
      return delay === null ? null : refine(delay, failure);
    });
  }

  /**
   * Full jitter: each pause is a random part of what it would be, so that callers which failed together do not come back
   * together. A `maxDelay` before it caps what it is a part of.
   *
   * Source: "Exponential Backoff and Jitter", M. Brooker, 2015.
   */
  jitter(): Schedule {
    return this.#then((delay, failure) => delay * failure.random());
  }

  /** No pause is longer than `ms` milliseconds. */
  maxDelay(ms: number): Schedule {
    const most = checkDuration('schedule.maxDelay', ms);
    return this.#then((delay) => Math.min(delay, most));
  }

  /** At most `count` calls in all, the first included. */
  attempts(count: number): Schedule {
    const most = checkCount('schedule.attempts', count, 1, true);
    return this.#then((delay, { attempt }) => (attempt < most ? delay : null));
  }

  /** No call begins later than `ms` milliseconds after the first; to end one that runs, use `timeout`. */
  elapsed(ms: number): Schedule {
    const most = checkDuration('schedule.elapsed', ms);
    return this.#then((delay, { elapsed }) => (elapsed + delay <= most ? delay : null));
  }

  /** Only failures for which a function says true are tried again. */
  when(isTemporary: (error: unknown) => boolean): Schedule {
    checkFunction('schedule.when', isTemporary);
    return this.#then((delay, { error }) => (isTemporary(error) ? delay : null));
  }
}
