/**
 * How many requests one host gets at the same time: few at first, more while it answers as fast as before, fewer as soon as
 * it slows down, so that no request fails only because the others stand before it.
 *
 * Source: TCP's slow start and additive increase, multiplicative decrease (RFC 5681), with the time of an answer as the
 * sign of congestion, as in TCP Vegas.
 */

const FIRST = 4;
/** Answers that took this long are slow only if the host is usually much faster, in milliseconds. */
const NEVER_SLOW = 400;
/** A slow answer takes this many times what a host that has little to do takes. */
const SLOWDOWN = 4;
/** Of the timeout: far enough from it that a queue of twice the length still fits. */
const PART_OF_TIMEOUT = 4;

export class HostLimit {
  readonly #most: number;
  readonly #timeout: number;
  #limit: number;
  #growsFast = true;
  /** What an answer takes while few are under way, smoothed. */
  #usual: number | undefined;
  /** What began before the limit was lowered says nothing about the lower one. */
  #loweredAt = Number.NEGATIVE_INFINITY;

  /**
   * @param most never more than this
   * @param timeout of one request, in milliseconds
   */
  constructor(most: number, timeout: number) {
    this.#most = most;
    this.#timeout = timeout;
    this.#limit = Math.min(FIRST, most);
  }

  get limit(): number {
    return Math.floor(this.#limit);
  }

  /**
   * Notes an answer.
   *
   * @param inFlight how many requests were under way when it was asked for, itself included
   */
  answered(startedAt: number, took: number, inFlight: number, now: number): void {
    if (inFlight <= FIRST) this.#usual = this.#usual === undefined ? took : this.#usual + (took - this.#usual) / 4;
    if (took > this.#slowFrom()) {
      if (startedAt >= this.#loweredAt) this.lower(now);
    } else if (inFlight >= this.#limit / 2) {
      // Only a limit that is used has proved itself.
      this.#limit = Math.min(this.#most, this.#limit + (this.#growsFast ? 1 : 1 / this.#limit));
    }
  }

  /** The host is overloaded, or says so. */
  lower(now: number): void {
    this.#limit = Math.max(1, this.#limit / 2);
    this.#growsFast = false;
    this.#loweredAt = now;
  }

  #slowFrom(): number {
    const relative = Math.max(NEVER_SLOW, SLOWDOWN * (this.#usual ?? 0));
    return Math.min(relative, Math.max(50, this.#timeout / PART_OF_TIMEOUT));
  }
}
