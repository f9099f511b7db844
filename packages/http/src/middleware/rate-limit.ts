/* The middleware that holds requests back, so that a host gets no more of them than the limit allows. */
import { now, type Operation, sleep } from '@coloop/core';
import { checkCallback, checkNames, invalidOption, own } from '../checks.ts';
import type { Middleware, Next, Request } from '../request/request.ts';
import type { Response } from '../response/response.ts';

/** How many requests may begin in how much time. */
export interface RateLimitOptions {
  readonly permits: number;
  /** In milliseconds. */
  readonly per: number;
  /** How many may begin at once after a pause. Default: `permits`. */
  readonly burst?: number | undefined;
  /** What shares a limit; by default the host with its port. */
  readonly key?: ((request: Request) => string) | undefined;
}

/**
 * Holds back requests, so that no host gets more of them than the limit allows. Those held back begin in the order
 * in which they came.
 *
 * As a session's middleware it stands outside of redirects and retries and counts calls. Connections at once are
 * limited by the pool's `limitPerHost`.
 *
 * Cancellation: a request that gives up while it is held back gives its place back where nobody stands behind it.
 *
 * @throws InvalidOptionError for numbers that make no sense
 * @example
 * ```ts no-run
 * const session = yield* Session.open({ middleware: [rateLimit({ permits: 10, per: 1000 })] });
 * ```
 *
 * Source: the generic cell rate algorithm (ITU-T I.371), in its virtual scheduling form.
 */
export function rateLimit(options: RateLimitOptions): Middleware {
  const rates = new Rates(options);
  return (request, next) => limited(rates, request, next);
}

function* limited(rates: Rates, request: Request, next: Next): Operation<Response> {
  const place = rates.take(request);
  if (place.wait > 0) {
    let waited = false;
    request.call.enter('queue');
    try {
      yield* sleep(place.wait);
      waited = true;
    } finally {
      if (!waited) rates.giveBack(place);
    }
  }
  return yield* next(request);
}

/** A turn that was given to a request. */
interface Place {
  readonly key: string;
  /** When the next one may begin, as far as this one knows. */
  readonly due: number;
  readonly wait: number;
}

/** When each host may be asked again. */
class Rates {
  readonly #interval: number;
  readonly #tolerance: number;
  readonly #key: (request: Request) => string;
  /** By key: when the host will have forgotten all requests up to now. */
  readonly #due = new Map<string, number>();

  constructor(options: RateLimitOptions) {
    checkNames('rateLimit', options, RATE_LIMIT_OPTIONS);
    const permits = positive('permits', own(options, 'permits'));
    const per = positive('per', own(options, 'per'));
    const burst = positive('burst', own(options, 'burst') ?? permits);
    this.#interval = per / permits;
    this.#tolerance = this.#interval * (burst - 1);
    this.#key = checkCallback('rateLimit.key', own(options, 'key')) ?? hostOf;
  }

  take(request: Request): Place {
    const key = this.#key(request);
    const time = now();
    const due = Math.max(this.#due.get(key) ?? 0, time) + this.#interval;
    if (this.#due.size >= MOST_KEYS) this.#forget(time);
    this.#due.set(key, due);
    return { key, due, wait: due - this.#interval - this.#tolerance - time };
  }

  giveBack({ key, due }: Place): void {
    if (this.#due.get(key) === due) this.#due.set(key, due - this.#interval);
  }

  // A crawler meets many hosts: those whose time has passed need no entry.
  #forget(time: number): void {
    for (const [key, due] of this.#due) if (due <= time) this.#due.delete(key);
  }
}

const RATE_LIMIT_OPTIONS: readonly (keyof RateLimitOptions)[] = ['permits', 'per', 'burst', 'key'];
const MOST_KEYS = 1_000;

function hostOf(request: Request): string {
  return request.url.host;
}

function positive(name: string, value: unknown): number {
  if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value;
  throw invalidOption(`rateLimit.${name}`, value, 'give a number above 0');
}
