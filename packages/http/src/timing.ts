/** The part of a request's life in which it is, or in which it failed. */
export type Phase =
  | 'prepare'
  | 'queue'
  | 'dns'
  | 'connect'
  | 'proxy'
  | 'tls'
  | 'send'
  | 'headers'
  | 'body'
  | 'redirect'
  | 'retry'
  | 'auth';

/**
 * What each phase of a request took, in milliseconds; 0 for a phase that did not happen.
 *
 * `redirect` and `retry` are the waits between hops and attempts; `total` runs from the call to the last thing that happened.
 */
export interface Timing {
  readonly prepare: number;
  readonly queue: number;
  readonly dns: number;
  readonly connect: number;
  readonly proxy: number;
  readonly tls: number;
  readonly send: number;
  readonly headers: number;
  readonly body: number;
  readonly redirect: number;
  readonly retry: number;
  readonly auth: number;
  readonly total: number;
}

/** In a millisecond. */
const MICROSECONDS = 1_000;

/**
 * Adds up the time spent in each phase; the caller hands in the scheduler's time, so that virtual time works.
 *
 * Inside it counts whole microseconds since the start: V8 keeps those in the object itself, and makes one more object
 * for every fraction, a dozen per request.
 */
export class Timeline {
  phase: Phase = 'prepare';
  readonly startedAt: number;
  #since = 0;
  #prepare = 0;
  #send = 0;
  #headers = 0;
  #body = 0;
  /** The phases that most requests do not have. */
  #others: Map<Phase, number> | undefined;
  #endedAt = -1;

  constructor(now: number) {
    this.startedAt = now;
  }

  /** Leaves the present phase for `phase` at the time `now`. */
  enter(phase: Phase, now: number): void {
    const at = this.sinceStart(now);
    this.add(at - this.#since);
    this.#since = at;
    this.phase = phase;
  }

  /** Stops the clock; later calls change nothing. */
  end(now: number): void {
    if (this.#endedAt !== -1) return;
    const at = this.sinceStart(now);
    this.add(at - this.#since);
    this.#since = at;
    this.#endedAt = at;
  }

  /** A snapshot of what every phase took up to `now`. */
  at(now: number): Timing {
    const until = this.#endedAt === -1 ? this.sinceStart(now) : this.#endedAt;
    const open = until - this.#since;
    const took = (phase: Phase, before: number): number =>
      (phase === this.phase && open > 0 ? before + open : before) / MICROSECONDS;
    const other = (phase: Phase): number => took(phase, this.#others?.get(phase) ?? 0);
    return {
      prepare: took('prepare', this.#prepare),
      queue: other('queue'),
      dns: other('dns'),
      connect: other('connect'),
      proxy: other('proxy'),
      tls: other('tls'),
      send: took('send', this.#send),
      headers: took('headers', this.#headers),
      body: took('body', this.#body),
      redirect: other('redirect'),
      retry: other('retry'),
      auth: other('auth'),
      total: until / MICROSECONDS,
    };
  }

  // Neither of these is a #method: V8 would keep a word for them in each instance.
  private sinceStart(now: number): number {
    return Math.round((now - this.startedAt) * MICROSECONDS);
  }

  // The usual phases are plain fields: a dictionary for every request costs more than all of them.
  private add(took: number): void {
    if (took <= 0 || this.#endedAt !== -1) return;
    switch (this.phase) {
      case 'prepare':
        this.#prepare += took;
        break;
      case 'send':
        this.#send += took;
        break;
      case 'headers':
        this.#headers += took;
        break;
      case 'body':
        this.#body += took;
        break;
      default:
        this.#others ??= new Map();
        this.#others.set(this.phase, (this.#others.get(this.phase) ?? 0) + took);
    }
  }
}

/** The phases that took time, in order, as in `queue 12 ms, connect 180 ms`. */
export function describeTiming(timing: Timing): string {
  const parts: string[] = [];
  for (const phase of PHASES) {
    const took = timing[phase];
    if (took > 0) parts.push(`${phase} ${Math.round(took)} ms`);
  }
  return parts.join(', ');
}

const PHASES: readonly Phase[] = [
  'prepare',
  'queue',
  'dns',
  'connect',
  'proxy',
  'tls',
  'send',
  'headers',
  'body',
  'redirect',
  'retry',
  'auth',
];
