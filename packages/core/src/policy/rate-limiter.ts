/** `rateLimiter`: permits that are earned over time and given in order of arrival. */
import type { TimerEntry } from '../kernel/clock/timers.ts';
import { checkCount, checkDuration, readOptions, show } from '../kernel/operation/options.ts';
import { sameScheduler } from '../kernel/operation/same-scheduler.ts';
import type { Operation, SuspensionHost, Waiter } from '../kernel/operation/suspension.ts';
import { ListedWait, WaitList } from '../kernel/operation/waitlist.ts';
import { taskOf } from '../kernel/task/current.ts';
import type { Task } from '../kernel/task/task.ts';

/** What `rateLimiter` takes. */
export interface RateLimiterOptions {
  /** How many permits come in `per` milliseconds. */
  permits: number;
  /** In how many milliseconds. */
  per: number;
  /** How many permits can be saved up and used at once; as many as `permits` by default, 1 for an even pace. */
  burst?: number | undefined;
}

/** Lets so much happen in so much time: made by `rateLimiter`. */
export interface RateLimiter {
  /**
   * Takes `n` permits, waiting until they are there. Waiting calls are served in order of arrival.
   *
   * Cancellation: has taken nothing.
   *
   * @throws RangeError when `n` is not a whole number from 1 to `burst`, at the call.
   */
  acquire(n?: number): Operation<void>;
}

class RateWait extends ListedWait<void> implements TimerEntry {
  due = 0;
  slot = -1;
  readonly permits: number;
  task: Task | null = null;
  readonly #limiter: SlidingLimiter;

  constructor(limiter: SlidingLimiter, permits: number) {
    super();
    this.#limiter = limiter;
    this.permits = permits;
  }

  get label(): string {
    return `rateLimiter.acquire(${this.permits})`;
  }

  poll(waiter: Waiter): boolean {
    this.task = taskOf(waiter);
    return this.#limiter.tryTake(this, waiter.scheduler);
  }

  arm(): void {
    this.#limiter.enter(this);
  }

  override disarm(): void {
    this.#limiter.leave(this);
  }

  fire(): void {
    this.#limiter.fired(this);
  }
}

/**
 * The generic cell rate algorithm (ITU-T I.371): one number, the time at which all permits given so far will have been
 * earned, stands for the whole bucket. It is kept as a count from an anchor, so that no rounding adds up.
 */
class SlidingLimiter implements RateLimiter {
  readonly #permits: number;
  readonly #per: number;
  readonly #burst: number;
  readonly #waiting = new WaitList<RateWait>();
  #scheduler: SuspensionHost | null = null;
  #anchor = Number.NEGATIVE_INFINITY;
  #given = 0;

  constructor(permits: number, per: number, burst: number) {
    this.#permits = permits;
    this.#per = per;
    this.#burst = burst;
  }

  acquire(n = 1): Operation<void> {
    const permits = checkCount('rateLimiter.acquire', n);
    if (permits > this.#burst) {
      throw new RangeError(
        `rateLimiter.acquire takes at most as many permits as the burst of ${this.#burst}, not ${permits}. Give a larger \`burst\`, or take them in parts.`,
      );
    }
    return new RateWait(this, permits);
  }

  tryTake(wait: RateWait, host: SuspensionHost): boolean {
    if (this.#scheduler !== host) this.#scheduler = sameScheduler(this.#scheduler, 'This rate limiter');
    const now = (wait.task as Task).scheduler.now();
    if (this.#waiting.size > 0 || this.#dueFor(wait.permits) > now) return false;
    this.#give(wait.permits, now);
    return true;
  }

  /** When so many permits can be given. */
  #dueFor(permits: number): number {
    return this.#anchor + ((this.#given + permits - this.#burst) * this.#per) / this.#permits;
  }

  #give(permits: number, now: number): void {
    // All were earned before now: the count begins anew. Earned just now, it goes on, or rounding would add up after all.
    if (this.#dueFor(this.#burst) < now) {
      this.#anchor = now;
      this.#given = 0;
    }
    this.#given += permits;
  }

  enter(wait: RateWait): void {
    this.#waiting.push(wait);
    if (this.#waiting.first === wait) this.#startTimer(wait);
  }

  leave(wait: RateWait): void {
    const wasFirst = this.#waiting.first === wait;
    wait.task?.scheduler.removeTimer(wait);
    this.#waiting.remove(wait);
    if (wasFirst) this.#next((wait.task as Task).scheduler.now());
  }

  fired(wait: RateWait): void {
    this.#waiting.remove(wait);
    // At the very time that was computed: `now` may be later on a busy host, and earlier permits stay earned.
    this.#give(wait.permits, wait.due);
    wait.wake(undefined);
    this.#next((wait.task as Task).scheduler.now());
  }

  /** Serves the wait that is oldest, and all whose time has come already. */
  #next(now: number): void {
    for (let first = this.#waiting.first; first !== null; first = this.#waiting.first) {
      if (this.#dueFor(first.permits) > now) {
        this.#startTimer(first);
        return;
      }
      this.#waiting.remove(first);
      this.#give(first.permits, now);
      first.wake(undefined);
    }
  }

  #startTimer(first: RateWait): void {
    first.due = this.#dueFor(first.permits);
    if (first.due !== Number.POSITIVE_INFINITY) (first.task as Task).scheduler.addTimer(first, first.due);
  }
}

const LIMITER_OPTIONS = { permits: 'any', per: 'duration', burst: 'any' } as const;

/**
 * Makes a rate limiter: `permits` in `per` milliseconds, earned evenly, of which up to `burst` can be saved up. It begins
 * with all of them.
 *
 * It is fair: a call that needs many permits is not overtaken by those that need few.
 *
 * Cancellation: a call that is cancelled while it waits has taken nothing.
 *
 * @param options `permits` and `per`; `burst`, as many as `permits` by default
 * @throws RangeError or TypeError for numbers that make no sense, at the call.
 * @example
 * ```ts
 * import { rateLimiter, run } from '@coloop/core';
 *
 * const limiter = rateLimiter({ permits: 100, per: 1_000, burst: 1 });
 *
 * await run(function* () {
 *   for (let i = 0; i < 3; i++) yield* limiter.acquire(); // at 0, 10 and 20 ms
 * });
 * ```
 * Source: the generic cell rate algorithm; Go's `rate.Limiter`, Python's `aiolimiter`.
 */
export function rateLimiter(options: RateLimiterOptions): RateLimiter {
  const { permits, per, burst } = readOptions('rateLimiter', options, LIMITER_OPTIONS);
  const count = checkCount('rateLimiter: permits', permits);
  if (per === undefined || !(per > 0) || per === Number.POSITIVE_INFINITY) {
    throw new RangeError(`rateLimiter: per takes milliseconds above 0, not ${show(options.per)}.`);
  }
  return new SlidingLimiter(
    count,
    checkDuration('rateLimiter: per', per),
    burst === undefined ? count : checkCount('rateLimiter: burst', burst),
  );
}
