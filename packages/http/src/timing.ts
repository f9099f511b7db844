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

/** Adds up the time spent in each phase; the caller hands in the scheduler's time, so that virtual time works. */
export class Timeline {
  phase: Phase = 'prepare';
  readonly startedAt: number;
  #since: number;
  #prepare = 0;
  #queue = 0;
  #dns = 0;
  #connect = 0;
  #proxy = 0;
  #tls = 0;
  #send = 0;
  #headers = 0;
  #body = 0;
  #redirect = 0;
  #retry = 0;
  #auth = 0;
  #endedAt = -1;

  constructor(now: number) {
    this.startedAt = now;
    this.#since = now;
  }

  /** Leaves the present phase for `phase` at the time `now`. */
  enter(phase: Phase, now: number): void {
    this.#add(now - this.#since);
    this.#since = now;
    this.phase = phase;
  }

  /** Stops the clock; later calls change nothing. */
  end(now: number): void {
    if (this.#endedAt !== -1) return;
    this.#add(now - this.#since);
    this.#since = now;
    this.#endedAt = now;
  }

  /** A snapshot of what every phase took up to `now`. */
  at(now: number): Timing {
    const until = this.#endedAt === -1 ? now : this.#endedAt;
    const open = until - this.#since;
    const extra = (phase: Phase): number => (phase === this.phase && open > 0 ? open : 0);
    return {
      prepare: this.#prepare + extra('prepare'),
      queue: this.#queue + extra('queue'),
      dns: this.#dns + extra('dns'),
      connect: this.#connect + extra('connect'),
      proxy: this.#proxy + extra('proxy'),
      tls: this.#tls + extra('tls'),
      send: this.#send + extra('send'),
      headers: this.#headers + extra('headers'),
      body: this.#body + extra('body'),
      redirect: this.#redirect + extra('redirect'),
      retry: this.#retry + extra('retry'),
      auth: this.#auth + extra('auth'),
      total: until - this.startedAt,
    };
  }

  // Numbers in plain fields instead of a record by name: a request enters some eight phases, and a dictionary per request costs more than they do.
  #add(took: number): void {
    if (took <= 0 || this.#endedAt !== -1) return;
    switch (this.phase) {
      case 'prepare':
        this.#prepare += took;
        break;
      case 'queue':
        this.#queue += took;
        break;
      case 'dns':
        this.#dns += took;
        break;
      case 'connect':
        this.#connect += took;
        break;
      case 'proxy':
        this.#proxy += took;
        break;
      case 'tls':
        this.#tls += took;
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
      case 'redirect':
        this.#redirect += took;
        break;
      case 'retry':
        this.#retry += took;
        break;
      case 'auth':
        this.#auth += took;
        break;
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
